"""The one way a slide is opened: readers in turn, then the user's word on the pixel size.

Made once by each composition root with its readers and passed down. Any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from desktop_app.domain.mpp import with_given_mpp
from desktop_app.errors import UnsupportedSlideError
from desktop_app.slides.reader import SlideReader, SlideSource
from desktop_app.slides.slide import Slide

_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"})


class SlideOpener:
    """Opens slides with the first reader that knows the format.

    Parameters
    ----------
    readers : Sequence[SlideReader]
        In the order they are asked.
    """

    def __init__(self, readers: Sequence[SlideReader]) -> None:
        self._readers = tuple(readers)

    def open(self, path: Path, *, mpp: float | None = None, force_mpp: bool = False) -> Slide:
        """Open a slide; use the result as a context manager, or close it.

        Parameters
        ----------
        path : Path
            The slide file.
        mpp : float | None
            µm per level-0 pixel in the user's word; fills in a missing value only.
        force_mpp : bool
            True lets ``mpp`` replace what the file says.

        Raises
        ------
        UnsupportedSlideError
            If the file is not there, cannot be read, or no reader opens it.
        ValueError
            If ``mpp`` is no plausible pixel size (``domain.mpp``), or is forced without being given.
        """
        _check_readable(path)
        source = self._source(path)
        try:
            info = with_given_mpp(source.info, mpp, force=force_mpp)
        except ValueError:
            source.close()
            raise
        return Slide(source, info)

    def _source(self, path: Path) -> SlideSource:
        for reader in self._readers:
            source = reader.open(path)
            if source is not None:
                return source
        raise UnsupportedSlideError(path, _unknown_format(path))


def _check_readable(path: Path) -> None:
    """Say plainly what a reader would call an unknown format."""
    if not path.exists():
        raise UnsupportedSlideError(path, "there is no such file.")
    if path.is_dir():
        raise UnsupportedSlideError(path, "it is a folder; choose the slide file in it.")
    try:
        path.open("rb").close()
    except OSError as error:
        raise UnsupportedSlideError(path, f"the system refuses to read it ({error.strerror}).") from error


def _unknown_format(path: Path) -> str:
    if path.suffix.lower() in _PICTURES:
        return (
            "it is a plain picture, not a slide with resolution levels; export it as a pyramidal TIFF first."
        )
    return "its format is not one of the slide formats that OpenSlide reads, or the file is damaged."
