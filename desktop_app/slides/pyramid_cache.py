"""Coarse levels that a slide's file lacks, made once and kept: what an overview is painted from.

A slide of 100,000 pixels with full resolution only would have to be read whole for its overview. Here the
file is read once, in the background (``pyramid_builder``), and made eight times smaller part by part; every
coarser level follows from those parts. What is not made yet is guessed from samples and marked as
provisional, so that there is a picture after a second or two and a true one when it is ready.

This is for the screen only. Nothing that analyzes pixels can reach it: ``plugin_api.SlidePixels`` and all
``read_*`` methods of ``Slide`` read the file. Any thread.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_app.domain.arrays import MaskArray
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.slides.pyramid_overview import (
    BASE_SHRINK,
    OVERVIEW,
    PART,
    PART_READ,
    GroupOverview,
    LevelGroup,
    missing_levels,
)
from desktop_app.slides.pyramid_parts import QUALITY, PartKind, PartPixels, as_argb
from desktop_app.slides.pyramid_store import PartKey, PyramidStore, StoredPart, store_path, trim_folder
from desktop_app.slides.unreadable import UnreadablePlace

_LOST = -1
"""The version of pixels for which a part was found damaged: any other is better."""


@dataclass(frozen=True, slots=True)
class MadePixels:
    """A rectangle of a made level.

    Attributes
    ----------
    pixels : PartPixels | None
        uint8 ``(H, W, 4)``, opaque ARGB32 in native byte order, of a brightfield slide, and ``(H, W, C)`` of
        a fluorescence slide; None where there is nothing to show yet.
    version : int | None
        Changes as soon as a better picture can be had; None if this one is as it should be.
    unreadable : tuple[UnreadablePlace, ...]
        What could not be read and is hatched.
    """

    pixels: PartPixels | None
    version: int | None = None
    unreadable: tuple[UnreadablePlace, ...] = ()


class MadeLevels:
    """All made levels of one slide; made by :func:`open_made_levels`, closed with the slide.

    Parameters
    ----------
    groups : Sequence[LevelGroup]
        From :func:`missing_levels`.
    kind : PartKind
        What their pixels are.
    store : PyramidStore
        Keeps the parts; closed by :meth:`close`.
    """

    def __init__(self, groups: Sequence[LevelGroup], kind: PartKind, store: PyramidStore) -> None:
        self.groups = tuple(groups)
        self.kind = kind
        self._store = store
        self._made = {group.level: GroupOverview(group, kind) for group in groups}
        self._hatched: dict[PartKey, tuple[UnreadablePlace, ...]] = {}
        self._closing = threading.Event()
        self._idle = threading.Condition()
        self._working = 0
        for key, summary in store.summaries():
            self._take_summary(key, summary)

    # ---- for the screen -----------------------------------------------------------------------------

    def serves(self, level: int, shrink: int) -> bool:
        """Whether a made level comes from here: ``shrink`` times smaller than the file's ``level``."""
        return shrink >= BASE_SHRINK and level in self._made

    def read(self, level: int, shrink: int, *, corner: tuple[int, int], size: tuple[int, int]) -> MadePixels:
        """A rectangle of a made level, as good as it can be had now.

        Parameters
        ----------
        level, shrink : int
            As for :meth:`serves`.
        corner, size : tuple[int, int]
            ``(x, y)`` and ``(width, height)`` in pixels of the made level, inside it.
        """
        picture = self._made[level]
        # First the version: pixels that are newer than it says do no harm, older ones would stay.
        version = picture.version(shrink, corner=corner, size=size)
        if picture.is_empty:
            return MadePixels(None, version)
        keys = list(picture.parts_in(shrink, corner=corner, size=size))
        if shrink >= picture.shrink:
            pixels = picture.reduced(shrink, corner=corner, size=size)
        else:
            pixels = picture.enlarged(shrink, corner=corner, size=size)
            there = [key for key in keys if picture.is_made(key)]
            lost = [key for key in there if not self._paste(pixels, key, shrink, corner=corner)]
            version = _LOST if lost else version
        shown = as_argb(pixels) if self.kind.is_color else pixels
        return MadePixels(shown, version, self._unreadable(keys))

    def version(
        self, level: int, shrink: int, *, corner: tuple[int, int], size: tuple[int, int]
    ) -> int | None:
        """What :attr:`MadePixels.version` would be now; cheap."""
        return self._made[level].version(shrink, corner=corner, size=size)

    @property
    def progress(self) -> float:
        """Share of all parts that are made, 0 to 1."""
        counts = [picture.counts for picture in self._made.values()]
        return sum(made for made, _ in counts) / max(1, sum(total for _, total in counts))

    @property
    def is_complete(self) -> bool:
        """Whether every part is made."""
        return all(made == total for made, total in (picture.counts for picture in self._made.values()))

    @property
    def has_unreadable(self) -> bool:
        """Whether some parts are hatched; :meth:`forget_unreadable` has them made again."""
        return bool(self._hatched)

    # ---- for the builder ----------------------------------------------------------------------------

    def missing(self, level: int) -> MaskArray:
        """Which parts ``(rows, columns)``: the parts that are not made; a copy."""
        return self._made[level].missing()

    def add_samples(self, level: int, colors: PartPixels, *, step: int) -> None:
        """Guess the overview from samples; parts that are made stay.

        Parameters
        ----------
        level : int
            The file's level.
        colors : PartPixels
            ``(rows, columns, C)``, one per square of ``step`` pixels of that level.
        step : int
            Pixels.
        """
        self._made[level].add_samples(colors, step)

    def add_part(
        self, key: PartKey, pixels: PartPixels, *, unreadable: tuple[UnreadablePlace, ...] = ()
    ) -> None:
        """Take one part.

        Parameters
        ----------
        key : PartKey
            Its place.
        pixels : PartPixels
            ``(h, w, C)`` as :attr:`kind` and :meth:`LevelGroup.part_size` say.
        unreadable : tuple[UnreadablePlace, ...]
            What of it is hatched; such a part is not kept on disk.
        """
        picture = self._made[key.level]
        summary = picture.summary_of(pixels)
        part = StoredPart(key, self.kind.encoded(pixels), self.kind.packed(summary))
        if unreadable:
            self._hatched[key] = unreadable
            self._store.add_in_memory(part)
        else:
            self._hatched.pop(key, None)
            self._store.add([part])
        picture.put(key, summary)

    def forget_unreadable(self) -> None:
        """Have the hatched parts made again; what they show stays until then."""
        for key in list(self._hatched):
            self._made[key.level].mark_missing(key)
            self._store.forget(key)
            del self._hatched[key]

    @property
    def is_closing(self) -> bool:
        """Whether the slide is being closed: a builder ends then."""
        return self._closing.is_set()

    def __enter__(self) -> MadeLevels:
        """Enter as a builder: :meth:`close` waits until it has left."""
        with self._idle:
            self._working += 1
        return self

    def __exit__(self, *_error: object) -> None:
        with self._idle:
            self._working -= 1
            self._idle.notify_all()

    def close(self) -> None:
        """Have builders end, wait for them, and give the file back; may be called twice."""
        self._closing.set()
        with self._idle:
            self._idle.wait_for(lambda: self._working == 0)
        self._store.close()

    # ---- inside -------------------------------------------------------------------------------------

    def _unreadable(self, keys: Sequence[PartKey]) -> tuple[UnreadablePlace, ...]:
        return tuple(place for key in keys for place in self._hatched.get(key, ()))

    def _take_summary(self, key: PartKey, summary: bytes) -> None:
        picture = self._made.get(key.level)
        pixels = None
        if picture is not None and picture.has(key):
            pixels = self.kind.unpacked(summary, picture.summary_size(key))
        if picture is None or pixels is None:
            self._store.forget(key)
        else:
            picture.put(key, pixels)

    def _paste(self, pixels: PartPixels, key: PartKey, shrink: int, *, corner: tuple[int, int]) -> bool:
        """Put a part into a rectangle that overlaps it; False if it was lost and has to be made again."""
        encoded, size = self._store.picture(key), self._made[key.level].part_size(key)
        part = None if encoded is None else self.kind.decoded(encoded, size, shrink // BASE_SHRINK)
        if part is None:
            self._made[key.level].mark_missing(key)
            self._store.forget(key)
            return False
        side = PART_READ // shrink
        left, top = key.column * side - corner[0], key.row * side - corner[1]
        x0, y0 = max(0, left), max(0, top)
        x1 = min(pixels.shape[1], left + part.shape[1])
        y1 = min(pixels.shape[0], top + part.shape[0])
        pixels[y0:y1, x0:x1] = part[y0 - top : y1 - top, x0 - left : x1 - left]
        return True


def open_made_levels(info: SlideInfo, folder: Path) -> MadeLevels | None:
    """The made levels of a slide, as far as they were kept.

    Parameters
    ----------
    info : SlideInfo
        The slide.
    folder : Path
        ``locations.pyramid_cache``; made if missing, and kept small enough.

    Returns
    -------
    MadeLevels | None
        None for a slide that needs none.
    """
    groups = missing_levels(info)
    if not groups:
        return None
    path, kind = store_path(folder, info.slide_id), PartKind.of(info)
    identity = {
        "size": info.size,
        "levels": [[level.index, *level.size] for level in info.levels],
        "background": info.background,
        "part": [PART, BASE_SHRINK, QUALITY, OVERVIEW, kind.channels, kind.is_wide, kind.is_color],
    }
    trim_folder(folder, keep=path)
    return MadeLevels(groups, kind, PyramidStore(path, identity))
