"""The reader for TIFF files in all dialects that OpenSlide leaves: OME, ImageJ, microscopes' and plain ones.

tifffile reads the structure when a slide is opened; after that it is not needed any more. Opening runs where
the window's background work does, reading on any thread.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from desktop_app.plugin_api import ChannelSource, Level, SlideInfo, SlideSource, UnsupportedSlideError

from .channel_windows import channel_windows
from .colors import ColorFormat, shades_up_to
from .library_errors import COPY_AGAIN, RefusalError, library_errors
from .ome_xml import OmeImage, read_ome_images
from .pixel_sizes import stated_objective, stated_pixel_size
from .rasters import Raster, oriented, oriented_size
from .sources import ChannelPictureSource, Picture, PictureSource
from .tiff_channels import described_channels
from .tiff_layout import TiffLayout, find_layout
from .tiff_planes import PlaneMaker

# What tifffile remarks on names the file, which can name a patient.
logging.getLogger("tifffile").addHandler(logging.NullHandler())
logging.getLogger("tifffile").propagate = False

_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_SCANNER_DIALECTS = ("is_ndpi", "is_scn", "is_bif", "is_philips")
_ORIENTATION, _LARGEST_VALUE = 274, 281
_PREMULTIPLIED, _TRANSPARENCY = 1, 2
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_ASSOCIATED = re.compile(r"label|macro|thumbnail|overview", re.IGNORECASE)
_LARGEST_ASSOCIATED = 50_000_000
_KEPT_TAGS = {271: "Make", 272: "Model", 305: "Software", 306: "DateTime", 270: "ImageDescription"}
_LONGEST_TEXT = 100_000
_JPEG_LIKE = frozenset({6, 7, 33007, 34892, 34933, 34934, 50001, 50002, 52546})
"""Compressions whose decoders give RGB for pictures that are stored as luminance and chroma."""


class TiffReader:
    """Opens TIFF files."""

    def open(self, path: Path) -> SlideSource | ChannelSource | None:
        """Open a file, or return None if it is no TIFF or one of a scanner's own dialects.

        Raises
        ------
        UnsupportedSlideError
            If it is damaged, incomplete or of a kind that is not read.
        """
        with library_errors(lambda reason: UnsupportedSlideError(path, f"{reason}."), way_out=COPY_AGAIN):
            with path.open("rb") as file:
                if file.read(4) not in _MARKS:
                    return None
            with _parsed(path) as tiff:
                # These are more than pyramids (overlapping tiles, focal planes): OpenSlide's or nobody's.
                if any(getattr(tiff, dialect) for dialect in _SCANNER_DIALECTS):
                    return None
                return _TiffOpening.of(path, tiff).source()


def _parsed(path: Path) -> Any:
    """The file's structure; imported here, so that a file that is no TIFF is passed on at once."""
    import tifffile

    return tifffile.TiffFile(path)


@dataclass(frozen=True, slots=True)
class _TiffOpening:
    """One file while it is being opened."""

    path: Path
    tiff: Any
    images: tuple[OmeImage, ...]
    layout: TiffLayout
    maker: PlaneMaker

    @classmethod
    def of(cls, path: Path, tiff: Any) -> _TiffOpening:
        images = read_ome_images(tiff.ome_metadata) if tiff.is_ome else ()
        for image in images[:1]:
            _check_files(path, image)
        first = images[0] if images else None
        says = None if first is None else any(channel.is_fluorescence for channel in first.channels)
        return cls(path, tiff, images, find_layout(tiff.series, is_fluorescence=says), PlaneMaker(path))

    @property
    def image(self) -> OmeImage | None:
        """What OME-XML says of the picture shown."""
        return self.images[self.layout.index] if self.layout.index < len(self.images) else None

    @property
    def orientation(self) -> int:
        return int(self.layout.page.tags.valueof(_ORIENTATION, default=1))

    def source(self) -> SlideSource | ChannelSource:
        levels = tuple(oriented(raster, self.orientation) for raster in self.layout.rasters(self.maker))
        info, associated, close = self._info(), self._associated(), self.maker.close
        info = replace(info, associated_names=tuple(sorted(associated)))
        if self.layout.is_fluorescence:
            channels = described_channels(
                self.layout, channel_windows(levels[-1]), image=self.image, imagej=self.tiff.imagej_metadata
            )
            info = replace(info, channels=channels, background=_BLACK)
            return ChannelPictureSource(info, levels, associated=associated, close=close)
        colors = _color_format(self.layout.page, self.image)
        return PictureSource(info, levels, colors, associated=associated, close=close)

    def _info(self) -> SlideInfo:
        page = self.layout.page
        sizes = [oriented_size(size, self.orientation) for size in self.layout.level_sizes]
        stated = stated_pixel_size(page, self.image, self.tiff.imagej_metadata)
        turned = oriented_size((0, 1), self.orientation) == (1, 0)
        mpp = stated.mpp[::-1] if stated.mpp is not None and turned else stated.mpp
        profile = page.iccprofile
        return SlideInfo(
            path=self.path,
            slide_id="",
            size=sizes[0],
            levels=tuple(_level(index, size, sizes[0]) for index, size in enumerate(sizes)),
            vendor=self._dialect(),
            mpp=None if mpp is None else (mpp[0], mpp[1]),
            mpp_source=stated.source,
            mpp_note=stated.note,
            objective=stated_objective(page, self.image),
            background=_WHITE,
            icc_profile=bytes(profile) if profile else None,
            tile_size=(page.tilewidth, page.tilelength) if page.is_tiled else (256, 256),
            properties=self._properties(),
        )

    def _dialect(self) -> str:
        flags = {"ome": "ome-tiff", "imagej": "imagej-tiff", "qpi": "qptiff", "svs": "aperio"}
        return next((name for flag, name in flags.items() if getattr(self.tiff, f"is_{flag}")), "tiff")

    def _properties(self) -> dict[str, str]:
        tags = self.layout.page.tags
        stated = {name: str(tags.valueof(code, default="")).strip() for code, name in _KEPT_TAGS.items()}
        properties = {f"tiff.{name}": text for name, text in stated.items() if 0 < len(text) <= _LONGEST_TEXT}
        if self.layout.shown:
            properties["tiff.plane-shown"] = self.layout.shown
        if self.orientation != 1:
            properties["tiff.Orientation"] = str(self.orientation)
        return properties

    def _associated(self) -> Mapping[str, Picture]:
        """The file's other brightfield pictures, under names that say nothing about a patient."""
        found: dict[str, Picture] = {}
        for index, series in enumerate(self.tiff.series):
            page = series.keyframe
            if index == self.layout.index or page.imagewidth * page.imagelength > _LARGEST_ASSOCIATED:
                continue
            try:
                picture = self._picture(find_layout([series]))
            except RefusalError:
                # A label that nothing here can decode must not keep the slide from being opened.
                continue
            if picture is not None:
                found[_associated_name(self._name(index), set(found))] = picture
        return found

    def _picture(self, layout: TiffLayout) -> Picture | None:
        if layout.is_fluorescence:
            return None
        raster: Raster = layout.rasters(self.maker)[0]
        orientation = int(layout.page.tags.valueof(_ORIENTATION, default=1))
        return oriented(raster, orientation), _color_format(layout.page, None)

    def _name(self, index: int) -> str:
        return self.images[index].name if index < len(self.images) else self.tiff.series[index].name


def _level(index: int, size: tuple[int, int], whole: tuple[int, int]) -> Level:
    return Level(index, size, (whole[0] / size[0] + whole[1] / size[1]) / 2)


def _associated_name(stated: str, taken: set[str]) -> str:
    kind = _ASSOCIATED.search(stated)
    name = kind[0].lower() if kind is not None else "image"
    if name != "image" and name not in taken:
        return name
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    return f"{name}-{number}"


def _check_files(path: Path, image: OmeImage) -> None:
    """Name the first file of a set that is not there."""
    if path.name in image.files:
        # A renamed file still names itself as it was; only a set is looked for.
        others = [name for name in image.files if name != path.name]
    else:
        others = list(image.files) if len(image.files) > 1 else []
    for name in others:
        if not (path.parent / Path(name).name).exists():
            raise RefusalError(
                f"it is one of {len(image.files)} files that belong together, and {Path(name).name} is not "
                "beside it; copy all files of the set into one folder"
            )


def _color_format(page: Any, image: OmeImage | None) -> ColorFormat:
    kind = getattr(page.photometric, "name", str(page.photometric))
    if kind == "YCBCR" and page.compression not in _JPEG_LIKE:
        raise RefusalError("its colors are stored as YCbCr without JPEG; save it as RGB")
    if kind == "PALETTE":
        return ColorFormat(palette=_palette(page))
    if kind not in ("RGB", "YCBCR", "MINISBLACK", "MINISWHITE"):
        raise RefusalError(f"its colors are stored as {kind}; save it as RGB")
    dtype = np.dtype(np.uint16 if page.dtype == np.uint16 else np.uint8)
    shades = shades_up_to(_largest_value(page, image), dtype, inverted=kind == "MINISWHITE")
    colors = 1 if kind.startswith("MINIS") else 3
    extra = [int(kind) for kind in page.extrasamples]
    if page.samplesperpixel > colors and extra and extra[0] in (_PREMULTIPLIED, _TRANSPARENCY):
        return ColorFormat(shades, alpha=colors, premultiplied=extra[0] == _PREMULTIPLIED)
    return ColorFormat(shades)


def _largest_value(page: Any, image: OmeImage | None) -> int:
    """The value of white: as many bits as the metadata say are used, else as are stored."""
    bits = int(page.bitspersample)
    if image is not None and image.significant_bits and image.significant_bits <= bits:
        return int(2**image.significant_bits - 1)
    stated = page.tags.valueof(_LARGEST_VALUE)
    stated = max(stated) if isinstance(stated, tuple) else stated
    if stated and bits > 8 and 255 <= int(stated) < 2**bits:
        return int(stated)
    return int(2**bits - 1)


def _palette(page: Any) -> np.ndarray[Any, np.dtype[np.uint8]]:
    # The color map has 16 bits per color; a few writers have filled in 8.
    colors = np.asarray(page.colormap, np.uint32).T
    return (colors >> 8 if colors.max(initial=0) > 255 else colors).astype(np.uint8)
