"""Names that can identify a patient, and what is shown in their place while the user hides them.

File names of slides often hold a patient's name or number. Everything in the window that names a slide asks
here, and texts that were made elsewhere pass through :meth:`Privacy.hide`, so that one switch is enough to
show the screen to others, or to a camera. GUI thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.slide_info import SlideInfo
from desktop_app.ui.translation import tr

LEAST_STEM = 3
"""Letters; a shorter file name would be found in words that have nothing to do with it."""

ID_DIGITS = 12
"""Of the slide's hash, in the names of result files."""

_NEUTRAL = re.compile(r"slide-\d+$")


class Privacy(QObject):
    """Whether names are hidden, and what stands for each slide then.

    Parameters
    ----------
    own_folder : Path
        The application's data folder, whose name tells nothing.

    Notes
    -----
    ``changed()`` says that every name on the screen has to be written again.
    """

    changed = Signal()

    def __init__(self, own_folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._own_folder = own_folder
        self._on = False
        self._numbers: dict[Path, int] = {}
        self._known: set[Path] = set()
        self._pattern: re.Pattern[str] | None = None
        self._stand_ins: dict[str, str] = {}

    @property
    def is_on(self) -> bool:
        """Whether names are hidden."""
        return self._on

    def set_on(self, on: bool) -> None:
        """Hide names, or show them again."""
        if on != self._on:
            self._on = on
            self.changed.emit()

    def know(self, paths: Iterable[Path]) -> None:
        """Learn files whose names may turn up in texts: recent slides, what is read and written."""
        self._learn(paths)

    def name(self, path: Path) -> str:
        """What a slide is called on the screen: its file name, or *Slide 2*."""
        number = self._number(path)
        return tr("Slide {number}", number=number) if self._on else path.name

    def place(self, path: Path) -> str:
        """Where a slide is, for a tooltip: its whole path, or *Slide 2*."""
        return self.name(path) if self._on else str(path)

    def stem(self, path: Path) -> str:
        """What a file made from a slide is called without its suffix: as the slide, or ``slide-2``."""
        number = self._number(path)
        return f"slide-{number}" if self._on else path.stem

    def file(self, path: Path) -> str:
        """What a file other than a slide is called in a message: its name, or *a file*."""
        told = not self._on or _NEUTRAL.match(path.stem.partition(".")[0]) is not None
        return path.name if told else tr("a file")

    def info(self, info: SlideInfo) -> SlideInfo:
        """A slide's metadata for a dialog that names the slide: with the name shown now."""
        return replace(info, path=Path(self.name(info.path))) if self._on else info

    def job_name(self, info: SlideInfo) -> str:
        """What files and reports of a run call the slide: empty for its file name, or part of its hash."""
        return info.slide_id[:ID_DIGITS] if self._on else ""

    def may_remember(self, path: Path) -> bool:
        """Whether a path may be written to a file of ours."""
        return not self._on or path.is_relative_to(self._own_folder)

    def hide(self, text: str) -> str:
        """A text as it may be shown: without the names and folders of the slides met so far."""
        if not self._on or not self._known:
            return text
        if self._pattern is None:
            self._stand_ins = dict(self._pairs())
            longest_first = sorted(self._stand_ins, key=len, reverse=True)
            self._pattern = re.compile("|".join(_whole(name) for name in longest_first))
        return self._pattern.sub(lambda found: self._stand_ins[found[0]], text)

    def _number(self, path: Path) -> int:
        self._learn([path])
        if path not in self._numbers:
            self._numbers[path] = len(self._numbers) + 1
            self._pattern = None
        return self._numbers[path]

    def _learn(self, paths: Iterable[Path]) -> None:
        new = set(paths) - self._known
        if new:
            self._known |= new
            self._pattern = None

    def _pairs(self) -> Iterator[tuple[str, str]]:
        """``(what may not be seen, what is seen instead)``; what a slide itself is called comes last."""
        for path in self._known:
            yield from ((str(folder), "…") for folder in _telling(path))
        for path in self._known:
            number = self._numbers.get(path)
            shown = tr("a file") if number is None else tr("Slide {number}", number=number)
            names = {path.name, path.stem, path.name.partition(".")[0]}
            yield from ((name, shown) for name in names if len(name) >= LEAST_STEM)
            yield str(path), shown


def _telling(path: Path) -> Iterator[Path]:
    """The folders above a slide that can be a patient's: not the roots, nor what leads to the user's own."""
    home = Path.home()
    shared = {home, *home.parents}
    return (folder for folder in path.parents if len(folder.parts) > 2 and folder not in shared)


def _whole(name: str) -> str:
    """A pattern for a name that is not a part of a longer word."""
    before = r"(?<!\w)" if name[0].isalnum() else ""
    after = r"(?!\w)" if name[-1].isalnum() else ""
    return before + re.escape(name) + after
