"""Tiles that can be had better than they are shown: guessed from samples, or hatched.

A guessed tile is read again as soon as the levels being made in the background have come further; a hatched
one on the next movement of the view, since a network drive may be back. One that failed because the file was
gone is also tried while nothing moves. GUI thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.tile_requests import TileKey
from desktop_app.domain.viewport import Rect
from desktop_app.slides.unreadable import UnreadablePlace
from desktop_app.ui.canvas.tile_source import TileImage

LOOK_INTERVAL_MS = 250
"""How often the levels being made are asked for news."""

BETTER_GUESS_EVERY = 4
"""Looks; so much more rarely a guess is replaced by another guess."""

RETRY_S = 2.0
"""A hatched tile is not read again sooner than this, for a failed read can be slow."""

Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Failure:
    """A tile that is hatched: its name, when it was read, and what of it could not be."""

    key: TileKey
    when: float
    places: tuple[UnreadablePlace, ...]

    @property
    def may_be_tried(self) -> bool:
        return time.monotonic() - self.when >= RETRY_S


class UnfinishedTiles(QObject):
    """What a layer has to ask for again, although it has a tile there.

    Parameters
    ----------
    version_of : Callable[[TileKey], int | None]
        The present version of a guessed tile; None where nothing better will come.
    """

    due_now = Signal()
    """Some tiles should be asked for again now."""

    places_changed = Signal()
    """The list of unreadable places has changed."""

    def __init__(self, version_of: Callable[[TileKey], int | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._version_of = version_of
        self._guessed: dict[Place, tuple[TileKey, int]] = {}
        self._improved: set[Place] = set()
        self._failed: dict[Place, _Failure] = {}
        self._asked: set[Place] = set()
        self._gone = False
        self._looks = 0
        self._timer = QTimer(self, interval=LOOK_INTERVAL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def places(self) -> tuple[UnreadablePlace, ...]:
        """What could not be read, each place once, from the top left on."""
        found = {place.rect: place for failure in self._failed.values() for place in failure.places}
        return tuple(sorted(found.values(), key=lambda place: (place.rect[1], place.rect[0])))

    @property
    def is_empty(self) -> bool:
        """Whether every tile that came is as it should be."""
        return not (self._guessed or self._failed or self._improved)

    def due(self, wanted: Sequence[TileKey]) -> list[TileKey]:
        """What should be asked for again although it is there.

        Parameters
        ----------
        wanted : Sequence[TileKey]
            What the view needs, the most urgent first. Tiles outside it are due only where somebody asked
            for all.
        """
        seen = [key for key in wanted if key.place in self._improved or self._may_retry(key.place)]
        generation = wanted[0].generation if wanted else 0
        asked = (self._failed[place].key for place in self._asked if place in self._failed)
        return [*seen, *(key._replace(generation=generation) for key in asked)]

    def _may_retry(self, place: Place) -> bool:
        failure = self._failed.get(place)
        return failure is not None and failure.may_be_tried

    def is_guessed(self, key: TileKey) -> bool:
        """Whether a tile that is there is not as it should be yet."""
        return key.place in self._guessed

    def note(self, key: TileKey, tile: TileImage, covered: Rect) -> None:
        """Take note of a tile that has just come.

        Parameters
        ----------
        key : TileKey
            Its name.
        tile : TileImage
            What came.
        covered : Rect
            What it covers, level-0 pixels.
        """
        place, before = key.place, self.places if self._failed else ()
        failure = self._failed.pop(place, None)
        self._improved.discard(place)
        self._asked.discard(place)
        self._guessed.pop(place, None)
        if tile.version is not None:
            self._guessed[place] = (key, tile.version)
        if tile.unreadable:
            self._failed[place] = _Failure(key, time.monotonic(), tile.places)
            self._gone = self._gone or any(found.gone for found in tile.places)
        elif tile.version is None and self._failed:
            self._repair(covered)
            if failure is not None:
                # What kept this one from being read is over, so the others may be readable too.
                self._ask_for_all()
        self._run_timer()
        if (before or self._failed) and before != self.places:
            self.places_changed.emit()

    def try_again(self) -> None:
        """Have every hatched tile asked for again, seen or not, whenever it failed."""
        self._asked = set(self._failed)
        self.due_now.emit()

    def stop(self) -> None:
        """Look for nothing any more."""
        self._timer.stop()

    def _ask_for_all(self) -> None:
        if not self._asked:
            self._asked = set(self._failed)
            QTimer.singleShot(0, self, self.due_now.emit)

    def _repair(self, covered: Rect) -> None:
        """What a good tile covers can be read again, whichever tile found that it could not."""
        for place, failure in list(self._failed.items()):
            left = tuple(found for found in failure.places if not _contains(covered, found.rect))
            if not left:
                del self._failed[place]
                # It is hatched still, and read again now, or as soon as it is seen.
                self._improved.add(place)
                QTimer.singleShot(0, self, self.due_now.emit)
            elif left != failure.places:
                self._failed[place] = replace(failure, places=left)

    def _run_timer(self) -> None:
        self._gone = self._gone and bool(self._failed)
        if not (self._guessed or self._gone):
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def _look(self) -> None:
        self._looks += 1
        news = set()
        for place, (key, version) in self._guessed.items():
            now = self._version_of(key)
            # A better guess can wait; painting it over and over would only keep the true picture back.
            if now is None or (now != version and self._looks % BETTER_GUESS_EVERY == 0):
                news.add(place)
        waiting = self._gone and any(failure.may_be_tried for failure in self._failed.values())
        if news - self._improved or waiting:
            self._improved |= news
            self.due_now.emit()


def _contains(outer: Rect, inner: Rect) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and inner[0] + inner[2] <= outer[0] + outer[2]
        and inner[1] + inner[3] <= outer[1] + outer[3]
    )
