"""The first page of a TIFF file, as far as it says who should read the file.

OpenSlide takes every tiled TIFF for a brightfield slide with its top left pixel first. It looks neither at
the orientation, nor at the depth of the samples, nor at the metadata in which microscopes describe channels
and pyramids. This is looked up here, in a few small reads. Any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from desktop_app.slides.positioned_file import PositionedFile
from desktop_app.slides.tiff_directories import TiffDirectory, tiff_directories

_BITS, _DESCRIPTION, _ORIENTATION, _SAMPLES, _SUB_IFDS = 258, 270, 274, 277, 330
_EXTRA_SAMPLES, _SAMPLE_FORMAT = 338, 339
_UNSPECIFIED = 0
_UNSIGNED = 1
_OTHER_DIALECTS = ("<OME", "ImageJ=", "<PerkinElmer-QPI")
_BEGINNING = 1000


@dataclass(frozen=True, slots=True)
class TiffHeader:
    """What the first page says.

    Attributes
    ----------
    bits : tuple[int, ...]
        Per sample.
    samples : int
        Per pixel.
    orientation : int
        1 to 8 as the TIFF specification numbers them; 1 is the top left pixel first.
    has_sub_pages : bool
        Whether further levels hang below this page.
    description : str
        The ImageDescription.
    extra_samples : tuple[int, ...]
        What the samples beyond the colors mean; 0 is nothing that the file says.
    formats : tuple[int, ...]
        1 for samples without a sign.
    """

    bits: tuple[int, ...] = (1,)
    samples: int = 1
    orientation: int = 1
    has_sub_pages: bool = False
    description: str = ""
    extra_samples: tuple[int, ...] = ()
    formats: tuple[int, ...] = (1,)

    @property
    def is_plain_rgb(self) -> bool:
        """Whether OpenSlide's reading of a generic TIFF is right: upright 8-bit RGB in plain pages.

        OpenSlide takes a fourth sample for transparency, also one of which the file says nothing.
        """
        return (
            self.orientation == 1
            and self.samples in (3, 4)
            and set(self.bits) == {8}
            and set(self.formats) == {_UNSIGNED}
            and _UNSPECIFIED not in self.extra_samples
            and not self.has_sub_pages
            and not any(mark in self.description for mark in _OTHER_DIALECTS)
        )


def read_tiff_header(path: Path) -> TiffHeader | None:
    """The header of a file; None if it is no TIFF, is damaged or cannot be read."""
    try:
        file = PositionedFile(path)
        try:
            return _header(next(tiff_directories(file)))
        finally:
            file.close()
    except (OSError, ValueError, StopIteration):
        return None


def _header(page: TiffDirectory) -> TiffHeader:
    return TiffHeader(
        bits=tuple(page.values(_BITS).tolist()) or (1,),
        samples=page.one(_SAMPLES, 1),
        orientation=page.one(_ORIENTATION, 1) or 1,
        has_sub_pages=_SUB_IFDS in page,
        description=page.text(_DESCRIPTION)[:_BEGINNING],
        extra_samples=tuple(page.values(_EXTRA_SAMPLES).tolist()),
        formats=tuple(page.values(_SAMPLE_FORMAT).tolist()) or (_UNSIGNED,),
    )
