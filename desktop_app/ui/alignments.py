"""What is known of how the open slides lie on each other: read when a slide opens, kept when it is found.

Two slides that were each aligned to a third one are aligned, too. Files are read and written on a pool
thread; GUI thread otherwise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path

from desktop_app.domain.alignment import Alignment
from desktop_app.errors import CoverslipError
from desktop_app.storage.alignments import read_alignments, write_alignments
from desktop_app.storage.slide_memory import SlideMemory
from desktop_app.ui.background import Background


class Alignments:
    """Alignments of pairs of slides, by the ids of their documents.

    Parameters
    ----------
    folder : Path
        One folder per slide below it.
    background : Background
        Reads and writes.
    failed : Callable[[CoverslipError], None]
        Told of what could not be written.
    """

    def __init__(
        self, folder: Path, background: Background, failed: Callable[[CoverslipError], None]
    ) -> None:
        self._folder = folder
        self._background = background
        self._failed = failed
        self._known: dict[str, dict[str, Alignment]] = {}
        self._loaded: set[str] = set()

    def load(self, slide: str, then: Callable[[], None]) -> None:
        """Read what is kept of a slide, once; ``then`` is called when it is known."""
        if slide in self._loaded:
            then()
            return
        memory = self._memory(slide)

        def take(found: dict[str, Alignment]) -> None:
            self._take(slide, found)
            then()

        self._background.run(lambda: read_alignments(memory), take, self._failed)

    def between(self, source: str, target: str) -> Alignment | None:
        """From one slide to another, over as few others as it goes; None where nothing leads there."""
        if source == target:
            return None
        ways: dict[str, Alignment] = {source: Alignment()}
        queue = deque([source])
        while queue:
            here = queue.popleft()
            for there, step in self._known.get(here, {}).items():
                if there not in ways:
                    ways[there] = ways[here].then(step)
                    queue.append(there)
        return ways.get(target)

    def are_paired(self, one: str, other: str) -> bool:
        """Whether these two were aligned to each other, not only through a third."""
        return other in self._known.get(one, {})

    def keep(self, source: str, target: str, alignment: Alignment) -> None:
        """Remember how two slides lie on each other."""
        self._known.setdefault(source, {})[target] = alignment
        self._known.setdefault(target, {})[source] = alignment.inverse()
        self._write(source, target)

    def drop(self, one: str, other: str) -> None:
        """Forget it."""
        self._known.get(one, {}).pop(other, None)
        self._known.get(other, {}).pop(one, None)
        self._write(one, other)

    def _take(self, slide: str, found: dict[str, Alignment]) -> None:
        self._loaded.add(slide)
        # What was found out since the reading began is newer.
        self._known[slide] = {**found, **self._known.get(slide, {})}
        for other, alignment in found.items():
            self._known.setdefault(other, {}).setdefault(slide, alignment.inverse())

    def _write(self, *slides: str) -> None:
        contents = [(self._memory(slide), dict(self._known.get(slide, {}))) for slide in slides]

        def write() -> None:
            for memory, alignments in contents:
                write_alignments(memory, alignments)

        self._background.run(write, lambda _none: None, self._failed)

    def _memory(self, slide: str) -> SlideMemory:
        return SlideMemory(self._folder / slide)
