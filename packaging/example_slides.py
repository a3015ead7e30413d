"""The slides that the pictures of the window and of the manual show: all drawn, so none shows a patient.

The demonstration generator draws the first; the others are made from its pixels: an Aperio-like file with a
color profile and a label, the same file with damaged tiles, a turned neighboring section in other stains,
and a fluorescence slide. Runs on the caller's thread, before the window is shown.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageDraw, ImageFont

from desktop_app.demonstration.generator import draw_slide
from desktop_app.demonstration.spec import SlideSpec
from desktop_app.domain.display_settings import DAB, EOSIN, HEMATOXYLIN
from desktop_app.domain.slide_info import SYNTHETIC_SOFTWARE
from desktop_app.slides import OpenSlideReader, SlideOpener
from desktop_app.slides.pyramid_writer import PyramidWriter

SIZE = (7000, 5200)
SEED = 20_001
MPP = 0.25
TILE = 256
SECTION_TURN_DEG, SECTION_SHIFT = 14.0, (120, -60)
"""How the neighboring section lies, degrees and pixels of level 1."""

DAMAGED_TILES = (60, 61, 75)
FULL_SCALE = 4000
"""Of the fluorescence channels, 16 bits."""

ACCENTS = ((255, 214, 0), (200, 0, 30), (200, 0, 0), (0, 92, 190))
"""Of rulers, the view's frame, the first class, bookmarks: few pixels, whose colors have a meaning."""

FEW = 6
"""Pixels of a color that may be lost in a small picture."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ExampleSlides:
    """Paths of the slides."""

    main: Path
    scanned: Path
    damaged: Path
    section: Path
    fluorescence: Path

    @classmethod
    def draw(cls, folder: Path) -> ExampleSlides:
        """Draw them all into a folder."""
        names = ("demonstration.tiff", "scanned.svs", "damaged.svs", "section.tiff", "fluorescence.ome.tif")
        slides = cls(*(folder / name for name in names))
        draw_slide(slides.main, SlideSpec.draw(SEED, label=True, size=SIZE))
        pixels = _level_1(slides.main)
        _write_scanned(slides.scanned, pixels)
        _write_scanned(slides.damaged, pixels)
        _damage(slides.damaged)
        _write_section(slides.section, pixels)
        _write_fluorescence(slides.fluorescence, pixels)
        return slides


def _level_1(path: Path) -> Pixels:
    with SlideOpener([OpenSlideReader()]).open(path) as slide:
        return np.ascontiguousarray(slide.read_region((0, 0), 1, slide.info.levels[1].size)[..., :3])


def _densities(pixels: Pixels) -> NDArray[np.float32]:
    """How much hematoxylin, eosin and residual each pixel holds; float32 ``(H, W, 3)``."""
    density = -np.log((pixels.astype(np.float32) + 1) / 244)
    vectors = np.array([HEMATOXYLIN, EOSIN, np.cross(HEMATOXYLIN, EOSIN)], np.float32)
    split: NDArray[np.float32] = np.maximum(density @ np.linalg.inv(vectors), 0)
    return split


def _write_scanned(path: Path, pixels: Pixels) -> None:
    """A file as an Aperio scanner writes it, with a profile, a label and a macro picture."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    about = f"Aperio {SYNTHETIC_SOFTWARE}|AppMag = 20|MPP = {2 * MPP}|Filename = {path.stem}|User = Nobody"
    small = _halved(_halved(pixels))
    tiles = {"tile": (TILE, TILE), "photometric": "rgb", "compression": "jpeg", "metadata": None}
    strips = {"photometric": "rgb", "compression": "jpeg", "metadata": None}
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(pixels, description=about, iccprofile=profile, **tiles)
        tiff.write(_halved(_halved(small)), description="Aperio\nthumbnail", **strips)
        tiff.write(small, description="Aperio\nlevel", iccprofile=profile, **tiles)
        tiff.write(_label(), description="Aperio\nlabel 400x300", subfiletype=1, **strips)
        tiff.write(_halved(_halved(small)), description="Aperio\nmacro 220x160", subfiletype=9, **strips)


def _damage(path: Path) -> None:
    with tifffile.TiffFile(path) as tiff:
        page = tiff.pages[0]
        places = [(page.dataoffsets[index], page.databytecounts[index]) for index in DAMAGED_TILES]
    with path.open("r+b") as file:
        for offset, length in places:
            file.seek(offset)
            file.write(b"\xff" * length)


def _write_section(path: Path, pixels: Pixels) -> None:
    """The same tissue turned and shifted on the glass, with brown where the other has pink."""
    density = _densities(pixels)
    mixed = density[..., :1] * np.array(HEMATOXYLIN) + 0.6 * density[..., 1:2] * np.array(DAB)
    brown = np.clip(244 * np.exp(-mixed), 0, 255).astype(np.uint8)
    height, width = brown.shape[:2]
    turned = cv2.warpAffine(brown, _section_map(), (width, height), borderValue=(243, 243, 243))
    with PyramidWriter(path, (width, height), mpp=2 * MPP, software=SYNTHETIC_SOFTWARE) as writer:
        writer.write_strip(np.ascontiguousarray(turned))


def on_section(place: tuple[float, float]) -> tuple[float, float]:
    """Where a place of the first slide is on the neighboring section; shares of the slides."""
    width, height = SIZE[0] / 2, SIZE[1] / 2
    x, y = _section_map() @ (place[0] * width, place[1] * height, 1.0)
    return float(x / width), float(y / height)


def _section_map() -> NDArray[np.float64]:
    middle = (SIZE[0] / 4, SIZE[1] / 4)
    matrix: NDArray[np.float64] = cv2.getRotationMatrix2D(middle, SECTION_TURN_DEG, 1.0)
    matrix[:, 2] += SECTION_SHIFT
    return matrix


def _write_fluorescence(path: Path, pixels: Pixels) -> None:
    density = _densities(pixels)
    noise = np.random.default_rng(SEED).normal(0.02, 0.01, density.shape[:2])
    channels = [np.clip(FULL_SCALE * (density[..., index] + noise), 0, 65_535) for index in (0, 1)]
    values = np.stack(channels).astype(np.uint16)
    about = {
        "axes": "CYX",
        "PhysicalSizeX": 2 * MPP,
        "PhysicalSizeY": 2 * MPP,
        "Channel": {"Name": ["DAPI", "FITC"]},
    }
    options = {"tile": (TILE, TILE), "photometric": "minisblack", "compression": "zlib"}
    with tifffile.TiffWriter(path, ome=True) as tiff:
        tiff.write(values, subifds=2, metadata=about, **options)
        for step in (2, 4):
            tiff.write(values[:, ::step, ::step], subfiletype=1, **options)


def _label() -> Pixels:
    picture = Image.new("RGB", (400, 300), (250, 248, 240))
    draw = ImageDraw.Draw(picture)
    for line, text in enumerate(("S26-0001", "Drawn by Coverslip", "no patient")):
        draw.text((30, 60 + 60 * line), text, (20, 20, 20), font=ImageFont.load_default(32))
    return np.asarray(picture)


def _halved(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    return np.asarray(cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA))


def small_png(picture: bytes, most: int) -> bytes:
    """A PNG with as many colors as it may have to be no larger than ``most`` bytes.

    Parameters
    ----------
    picture : bytes
        A PNG.
    most : int
        Bytes.
    """
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    pixels = np.asarray(whole).reshape(-1, 3)
    flat, counts = np.unique(pixels, axis=0, return_counts=True)
    flat = flat[np.argsort(counts)[::-1]]
    for colors in (256, 192, 128, 96, 64, 48, 32, 24):
        # Grounds and letters keep their very colors; the rest share what is left.
        exact = np.concatenate([ACCENTS, flat[: colors // 4]])
        shared = _leveled(pixels).quantize(colors - len(exact), Image.Quantize.MEDIANCUT)
        palette = Image.new("P", (1, 1))
        palette.putpalette([*exact.reshape(-1).tolist(), *(shared.getpalette() or [])])
        out = io.BytesIO()
        whole.quantize(palette=palette, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= most:
            return out.getvalue()
    raise ValueError("the picture is too large for the manual: show less of it")


def _leveled(pixels: Pixels) -> Image.Image:
    """The colors of a picture, common ones less often: a thin red frame must find its red in the palette."""
    colors, counts = np.unique(pixels >> 3 << 3, axis=0, return_counts=True)
    often = np.maximum(1, np.rint(counts**0.4)).astype(int) * (counts > FEW)
    return Image.fromarray(np.repeat(colors + 4, often, axis=0).astype(np.uint8)[None])
