"""The one way a slide is opened: readers in turn, then the user's word on the pixel size.

Made once by each composition root with its readers and passed down. Readers of plugins are looked for only
when the application's own do not open a file, so that a slide that they open waits for no plugin. Any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from desktop_app.domain.mpp import with_given_mpp, with_table_mpp
from desktop_app.domain.slide_info import Mpp
from desktop_app.errors import PluginError, UnsupportedSlideError
from desktop_app.slides.level_geometry import well_placed
from desktop_app.slides.missing_parts import why_unopenable
from desktop_app.slides.reader import SlideReader, SlideSource
from desktop_app.slides.slide import Slide

_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"})
_DICOM_MARK_AT, _DICOM_MARK = 128, b"DICM"


class SlideOpener:
    """Opens slides with the first reader that knows the format.

    Parameters
    ----------
    readers : Sequence[SlideReader]
        In the order they are asked.
    further : Callable[[], Sequence[SlideReader]] | None
        Gives the readers that are asked after them; called when they are needed.
    """

    def __init__(
        self, readers: Sequence[SlideReader], further: Callable[[], Sequence[SlideReader]] | None = None
    ) -> None:
        self._readers = tuple(readers)
        self._further = further

    def open(
        self,
        path: Path,
        *,
        mpp: float | None = None,
        force_mpp: bool = False,
        table_mpp: Mpp | None = None,
    ) -> Slide:
        """Open a slide; use the result as a context manager, or close it.

        Parameters
        ----------
        path : Path
            The slide file.
        mpp : float | None
            µm per level-0 pixel in the user's word; fills in a missing value only.
        force_mpp : bool
            True lets ``mpp`` replace what the file says.
        table_mpp : Mpp | None
            What a table of slides says of this one; fills in a missing value, and goes before an ``mpp`` that
            is not forced, which is meant for many slides.

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
            info = replace(source.info, levels=well_placed(source.info.levels))
            info = with_given_mpp(with_table_mpp(info, table_mpp), mpp, force=force_mpp)
        except ValueError:
            source.close()
            raise
        return Slide(source, info)

    def _source(self, path: Path) -> SlideSource:
        """What the first reader makes of the file that opens it; else the first refusal."""
        refusals: list[UnsupportedSlideError] = []
        for reader in self._asked():
            try:
                source = reader.open(path)
            except UnsupportedSlideError as error:
                refusals.append(error)
            else:
                if source is not None:
                    return source
        missing = why_unopenable(path)
        if missing is not None:
            raise UnsupportedSlideError(path, missing)
        raise _most_telling(refusals) or UnsupportedSlideError(path, _unknown_format(path))

    def _asked(self) -> Iterator[SlideReader]:
        yield from self._readers
        if self._further is not None:
            yield from self._further()


def _most_telling(refusals: Sequence[UnsupportedSlideError]) -> UnsupportedSlideError | None:
    """The first refusal that is about the file; one about a plugin that fails only if there is no other."""
    about_file = (error for error in refusals if not isinstance(error.__cause__, PluginError))
    return next(about_file, refusals[0] if refusals else None)


def _check_readable(path: Path) -> None:
    """Say plainly what a reader would call an unknown format."""
    if not path.exists():
        raise UnsupportedSlideError(path, "there is no such file.")
    if path.is_dir():
        raise UnsupportedSlideError(path, "it is a folder; choose the slide file in it.")
    if not path.is_file():
        # Opening a pipe would wait for its other end, and a device has no end.
        raise UnsupportedSlideError(path, "it is a pipe or a device, not a file.")
    try:
        path.open("rb").close()
    except OSError as error:
        raise UnsupportedSlideError(path, f"the system refuses to read it ({error.strerror}).") from error


def _unknown_format(path: Path) -> str:
    if path.suffix.lower() in _PICTURES:
        return (
            "it is a picture, but damaged or of a kind that is not read; copy it again, "
            "or save it as PNG, JPEG or TIFF."
        )
    if _is_dicom(path):
        return (
            "it is a DICOM file, but not a whole-slide image in a compression that OpenSlide reads; "
            "export it again with JPEG or JPEG 2000 tiles, or as a pyramidal TIFF."
        )
    return "its format is not one of the slide formats that the program reads, or the file is damaged."


def _is_dicom(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            file.seek(_DICOM_MARK_AT)
            return file.read(len(_DICOM_MARK)) == _DICOM_MARK
    except OSError:
        return False
