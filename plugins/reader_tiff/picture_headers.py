"""What a picture file says before it is decoded: its kind, size, colors, resolution and which way up it is.

Pillow reads the headers; its classes are called directly, since its general way in refuses large pictures as
an attack on a web server. A picture of a whole slide is large on purpose. Any thread.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from desktop_app.plugin_api import StatedMpp, mpp_of_tag

_UM_PER_INCH = 25_400
_EXIF_ORIENTATION = 274
_PNG_DEPTH_AT, _PNG_DEEP = 24, 16
_PNG_SAMPLES = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}
"""Of each color type; a palette is decoded to RGB."""

_COEFFICIENTS = 3
"""A progressive JPEG is put together from all its scans: two bytes per sample besides the result."""

_WAVELETS = 5
"""JPEG 2000 is put together in four bytes per sample besides the result."""


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """A picture before its pixels.

    Attributes
    ----------
    kind : str
        ``"png"``, ``"jpeg"`` and so on.
    size : tuple[int, int]
        ``(width, height)`` as it is stored.
    mode : str
        Pillow's name of the colors.
    pixel_size : StatedMpp
        From the resolution, by the application's rules; stored orientation.
    orientation : int
        1 to 8, as Exif numbers them.
    icc_profile : bytes | None
        The embedded profile.
    pixel_bytes : int
        Memory that decoding needs for each pixel, at its peak.
    """

    kind: str
    size: tuple[int, int]
    mode: str
    pixel_size: StatedMpp
    orientation: int
    icc_profile: bytes | None
    pixel_bytes: int


def picture_kind(start: bytes) -> str:
    """The kind of a file by its first 12 bytes; empty if it is no picture that is read."""
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "webp"
    return next((kind for mark, kind in _MARKS.items() if start.startswith(mark)), "")


def read_header(kind: str, file: BinaryIO) -> PictureHeader:
    """The header of a file of a kind; Pillow's errors are the caller's to map."""
    picture = _opener(kind)(file)
    resolution = picture.info.get("dpi")
    return PictureHeader(
        kind=kind,
        size=(int(picture.size[0]), int(picture.size[1])),
        mode=picture.mode,
        pixel_size=_pixel_size(resolution),
        orientation=_orientation(picture.info.get("exif")),
        icc_profile=picture.info.get("icc_profile") or None,
        pixel_bytes=_png_pixel_bytes(picture, file) if kind == "png" else _pixel_bytes(kind, picture),
    )


_MARKS = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"BM": "bmp",
    b"\0\0\0\x0cjP  \r\n\x87\n": "jpeg-2000",
    b"\xff\x4f\xff\x51": "jpeg-2000",
}


def _opener(kind: str) -> Callable[[BinaryIO], Any]:
    """Pillow's class for a kind; only the one that is needed is imported."""
    match kind:
        case "png":
            from PIL.PngImagePlugin import PngImageFile as Opener
        case "jpeg":
            from PIL.JpegImagePlugin import JpegImageFile as Opener  # type: ignore[assignment]
        case "webp":
            from PIL.WebPImagePlugin import WebPImageFile as Opener  # type: ignore[assignment]
        case "jpeg-2000":
            from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile as Opener  # type: ignore[assignment]
        case _:
            from PIL.BmpImagePlugin import BmpImageFile as Opener  # type: ignore[assignment]
    return Opener


def _png_pixel_bytes(picture: Any, file: BinaryIO) -> int:
    """From the file itself, because Pillow does not tell colors of 16 bits from those of 8."""
    file.seek(_PNG_DEPTH_AT)
    depth, colors = file.read(2)
    samples = _PNG_SAMPLES.get(colors, 4) + int("transparency" in picture.info)
    return samples * (2 if depth == _PNG_DEEP else 1)


def _pixel_bytes(kind: str, picture: Any) -> int:
    samples = len(picture.getbands()) * (2 if "16" in picture.mode else 1)
    if kind == "jpeg" and picture.info.get("progressive"):
        return samples * _COEFFICIENTS
    return samples * (_WAVELETS if kind == "jpeg-2000" else 1)


def _orientation(exif: bytes | None) -> int:
    # Asking the picture itself would decode all of a PNG, to look for Exif behind its pixels.
    if not exif:
        return 1
    from PIL.Image import Exif

    stated = Exif()
    try:
        stated.load(exif)
        orientation = stated.get(_EXIF_ORIENTATION, 1)
    except (SyntaxError, ValueError, KeyError, EOFError, struct.error):
        # Damaged notes of a camera say nothing of the picture.
        return 1
    return orientation if isinstance(orientation, int) else 1


def _pixel_size(dpi: Any) -> StatedMpp:
    if not isinstance(dpi, tuple) or len(dpi) != 2 or not all(dpi):
        return StatedMpp()
    return mpp_of_tag((_UM_PER_INCH / float(dpi[0]), _UM_PER_INCH / float(dpi[1])))
