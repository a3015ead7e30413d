"""The reader for plain pictures of slides (PNG, JPEG, BMP, WebP, JPEG 2000): one level, held in memory.

A picture can only be decoded as a whole, so it is decoded once, when it is opened, which runs where the
window's background work does; imagecodecs holds no lock meanwhile. Reading is then possible from any thread.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from desktop_app.plugin_api import (
    Channel,
    ChannelSource,
    Level,
    SlideInfo,
    SlideSource,
    UnsupportedSlideError,
)

from .channel_windows import channel_windows
from .colors import ColorFormat, shades_up_to
from .library_errors import COPY_AGAIN, RefusalError, library_errors
from .picture_headers import PictureHeader, picture_kind, read_header
from .rasters import ArrayRaster, Raster, oriented
from .sources import ChannelPictureSource, PictureSource

LARGEST_BYTES = 2 * 2**30
"""A decoded picture may need so much memory; a larger one must be converted to a pyramid."""

_SLIDES_THAT_LOOK_LIKE_PICTURES = frozenset({".mrxs"})
"""A MIRAX file without its folder is a JPEG picture, and would be shown as if it were the slide."""

_BMP_SHRINKS = 400
"""At most: runs of up to 255 pixels in two bytes. Other formats make an empty picture as small as can be."""

_BITS_16 = 65535
_START_BYTES = 12
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_PRINT_MODES = frozenset({"CMYK", "YCCK"})


def _decoded_bmp(data: bytes) -> NDArray[np.uint8]:
    # imagecodecs has a decoder for this too, but one that a damaged file can crash.
    from PIL.BmpImagePlugin import BmpImageFile

    return np.asarray(BmpImageFile(io.BytesIO(data)).convert("RGB"))


_DECODERS: Mapping[str, Callable[[bytes], Any]] = {
    "png": imagecodecs.png_decode,
    "jpeg": imagecodecs.jpeg8_decode,
    "webp": imagecodecs.webp_decode,
    "jpeg-2000": imagecodecs.jpeg2k_decode,
    "bmp": _decoded_bmp,
}


class PictureReader:
    """Opens plain pictures.

    Parameters
    ----------
    largest_bytes : int
        Memory that a decoded picture may need.
    """

    def __init__(self, largest_bytes: int = LARGEST_BYTES) -> None:
        self._largest_bytes = largest_bytes

    def open(self, path: Path) -> SlideSource | ChannelSource | None:
        """Open a picture, or return None if the file is none.

        Raises
        ------
        UnsupportedSlideError
            If it is damaged, too large to be held in memory, or in colors for print.
        """
        if path.suffix.lower() in _SLIDES_THAT_LOOK_LIKE_PICTURES:
            return None
        with library_errors(lambda reason: UnsupportedSlideError(path, f"{reason}."), way_out=COPY_AGAIN):
            with path.open("rb") as file:
                kind = picture_kind(file.read(_START_BYTES))
                if not kind:
                    return None
                file.seek(0)
                header = read_header(kind, file)
            self._check(header, path.stat().st_size)
            return _source(path, header, _decoded(header, path.read_bytes()))

    def _check(self, header: PictureHeader, file_bytes: int) -> None:
        width, height = header.size
        if min(header.size) < 1:
            raise RefusalError(f"it has no pixels{COPY_AGAIN}")
        if header.mode in _PRINT_MODES:
            raise RefusalError("its colors are inks for print (CMYK); save it as RGB")
        needed = width * height * header.pixel_bytes
        if header.kind == "bmp" and needed > _BMP_SHRINKS * file_bytes:
            raise RefusalError(f"the picture is damaged: the file is too short for its size{COPY_AGAIN}")
        if needed > self._largest_bytes:
            raise RefusalError(
                f"it is a picture of {width:,} × {height:,} pixels, which needs {needed / 2**30:,.1f} GiB of "
                "memory; convert it to a pyramid, for example with "
                "'vips tiffsave IN OUT.tif --tile --pyramid --bigtiff --compression jpeg'"
            )


def _decoded(header: PictureHeader, data: bytes) -> NDArray[Any]:
    """``(H, W, S)``, uint8 or uint16."""
    if header.kind == "jpeg" and not _is_whole_jpeg(data):
        # The decoder fills what is missing with gray and says nothing.
        raise RefusalError(f"the picture is damaged: the file ends before its last row{COPY_AGAIN}")
    pixels = np.asarray(_DECODERS[header.kind](data))
    if pixels.shape[1::-1] != header.size:
        raise RefusalError(f"the picture is damaged: its pixels are not as many as it says{COPY_AGAIN}")
    if pixels.dtype not in (np.uint8, np.uint16):
        raise RefusalError(f"its pixel values are {pixels.dtype.name}; save it with 8 or 16 bits")
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _is_whole_jpeg(data: bytes) -> bool:
    """Whether the mark that ends a picture follows its first scan; it cannot stand within one."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        if data[at + 1] == 0xDA:
            return data.find(b"\xff\xd9", at) >= 0
        # Filling bytes may stand before a mark; every other mark here says how long it is.
        at += 1 if data[at + 1] == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False


def _source(path: Path, header: PictureHeader, pixels: NDArray[Any]) -> SlideSource | ChannelSource:
    raster = oriented(ArrayRaster(pixels), header.orientation)
    if pixels.dtype == np.uint16 and pixels.shape[2] < 3:
        raster = oriented(ArrayRaster(pixels[..., :1]), header.orientation)
        channel = Channel("Channel 1", _WHITE, _BITS_16, channel_windows(raster)[0])
        info = _info(path, header, raster, channels=(channel,))
        return ChannelPictureSource(info, (raster,), associated={}, close=_nothing)
    samples = pixels.shape[2]
    shades = shades_up_to(int(np.iinfo(pixels.dtype).max), pixels.dtype)
    colors = ColorFormat(shades, alpha=samples - 1 if samples in (2, 4) else None)
    return PictureSource(_info(path, header, raster), (raster,), colors, associated={}, close=_nothing)


def _info(
    path: Path, header: PictureHeader, raster: Raster, *, channels: tuple[Channel, ...] = ()
) -> SlideInfo:
    stated = header.pixel_size
    mpp = stated.mpp
    if mpp is not None and raster.size != header.size:
        mpp = (mpp[1], mpp[0])
    return SlideInfo(
        path=path,
        slide_id="",
        size=raster.size,
        levels=(Level(0, raster.size, 1.0),),
        vendor=header.kind,
        mpp=mpp,
        mpp_source=stated.source,
        mpp_note=stated.note,
        background=_BLACK if channels else _WHITE,
        icc_profile=header.icc_profile,
        properties={"picture.mode": header.mode},
        channels=channels,
    )


def _nothing() -> None:
    """There is no file to let go: the picture is in memory."""
