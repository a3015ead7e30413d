"""Where overlay tiles come from: plain ones while the view moves, smooth ones once it rests.

A smooth line takes five times as long as a plain one, and all objects of a view together a tenth of what
they take tile by tile: a new place is therefore drawn plainly and at once. What an edit changes is drawn
into a copy of the tile that was there. The tiles are read on the overlay's loader threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from desktop_app.domain.shapes import Box
from desktop_app.domain.tile_requests import OVERVIEW_PIXELS, TileKey, TileLevel, TilePyramid
from desktop_app.ui.canvas import SketchedTile, TileBuffer, TileBuffers, TileImage, wrap_argb
from desktop_app.ui.canvas.draw_list import Edges
from desktop_app.ui.canvas_layers.annotation_raster import MARKER_PIXELS, Argb, Raster, RasterState

TILE_PIXELS = 256
FINEST_POWER = -5
"""The finest level has 32 pixels per slide pixel, as far as the canvas zooms in: lines stay lines."""

TOGETHER_TILES, TOGETHER_OBJECTS = 24, 4000
"""So many tiles are drawn at once, if they show no more objects: more are better shown one by one."""

SKETCHED_OBJECTS, SKETCHED_CROWD = 2000, 20_000
"""Up to so many objects are sketched on the GUI thread, looked for among so many: some two milliseconds."""

BANDS = 2
"""The tiles of a new view are drawn in at least so many parts, one for each thread."""

REACH_PIXELS = 2 * MARKER_PIXELS
"""How far from its box an object may be drawn, pixels."""

PATCH_MARGIN, PATCH_SHARE = 4, 0.5
"""Pixels drawn around a patch and cut off again, for OpenCV cuts lines roughly; a patch of more than this
share of a tile is not worth one."""

PixelRect = tuple[int, int, int, int]
"""``(x0, y0, x1, y1)``."""


@dataclass(slots=True, eq=False)
class _Together:
    """Tiles drawn at once, and what of that was not asked for yet; None before."""

    keys: Sequence[TileKey]
    tiles: dict[TileKey, TileImage] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A tile as it was, and where it is not right any more.

    Attributes
    ----------
    image : QImage
        Its pixels; null where it was empty.
    boxes : tuple[Edges, ...]
        Level-0 pixels.
    rough : bool
        Whether it was drawn plainly.
    """

    image: QImage
    boxes: tuple[Edges, ...]
    rough: bool


class AnnotationTileSource:
    """Overlay tiles of one slide's annotations; see :class:`desktop_app.ui.canvas.TileSource`.

    Parameters
    ----------
    slide_size : tuple[int, int]
        Level-0 pixels.
    state : RasterState
        What to show first.

    Attributes
    ----------
    smooth : bool
        Whether lines are drawn smoothly from the next tile on. Set on the GUI thread; no lock needed.
    """

    def __init__(self, slide_size: tuple[int, int], state: RasterState) -> None:
        self.smooth = True
        self._pyramid = overlay_pyramid(slide_size)
        self._state = state
        self._buffers = TileBuffers(TILE_PIXELS)
        self._sheets = threading.local()
        self._together: Mapping[TileKey, _Together] = {}
        self._patches: Mapping[tuple[int, int, int], Patch] = {}

    @property
    def pyramid(self) -> TilePyramid:
        """Levels at powers of two, finer than the slide's as well."""
        return self._pyramid

    @property
    def state(self) -> RasterState:
        """What is shown."""
        return self._state

    def show(self, state: RasterState) -> None:
        """Show another state from the next tile on; one assignment, no lock needed."""
        self._state = state

    def patch(self, patches: Mapping[tuple[int, int, int], Patch]) -> None:
        """Make the tiles at these places (``TileKey.place``) from what was there; must not be changed."""
        self._patches = patches

    def expect(self, keys: Sequence[TileKey]) -> list[TileKey]:
        """Tell which tiles will be read next, so that they can be drawn together; GUI thread.

        Returns
        -------
        list[TileKey]
            The order in which to read them: at first one of each group, so that every thread has its own.
        """
        fresh = [key for key in keys if key.place not in self._patches]
        level = fresh[0].level if fresh else 0
        groups = _groups([key for key in fresh if key.level == level])
        self._together = {key: group for group in groups for key in group.keys}
        return list(dict.fromkeys([*(group.keys[0] for group in groups), *keys]))

    def sketch(self, keys: Sequence[TileKey]) -> dict[TileKey, TileImage]:
        """Tiles of one level at once, to be drawn into the slide's picture; GUI thread.

        Returns
        -------
        dict[TileKey, TileImage]
            Empty where they show more than a sketch can, or so much that it would take too long.
        """
        keys = [key for key in keys if key.place not in self._patches]
        if not keys:
            return {}
        level = keys[0].level
        rects = [self._pyramid.pixel_rect(key) for key in keys]
        left, top, right, bottom = _around(rects)
        box = self._box(level, (left, top, right, bottom))
        if self._state.snapshot.crowd_at(box) > SKETCHED_CROWD:
            return {}
        found = list(self._state.found(box))
        if sum(len(rows) for _, rows, _ in found) > SKETCHED_OBJECTS:
            return {}
        if not found:
            return {key: TileImage(QImage()) for key in keys}
        raster = self._raster((right - left, bottom - top), level, (left, top), smooth=False)
        for part in found:
            raster.add(*part)
        sketch = raster.sketch((left, top))
        if sketch is None:
            return {}
        parts = (SketchedTile(sketch, rect) for rect in rects)
        return {
            key: TileImage(QImage(), rough=raster.rough, sketch=part)
            for key, part in zip(keys, parts, strict=True)
        }

    def read(self, key: TileKey, wanted: Callable[[], bool]) -> TileImage | None:
        """One tile; a null picture where nothing is."""
        patch = self._patches.get(key.place)
        if patch is not None and not (patch.rough and self.smooth):
            patched = self._patched(key, patch)
            if patched is not None:
                return patched
        group = None if self.smooth else self._together.get(key)
        if group is not None and wanted() and (tile := self._from(group, key)) is not None:
            return tile
        return self._drawn(key, wanted)

    def touch_ahead(self) -> bool:
        """Make memory ready for tiles to come; whether there is more to do. Loader threads, when idle."""
        return self._buffers.touch_ahead()

    def _drawn(self, key: TileKey, wanted: Callable[[], bool]) -> TileImage | None:
        x, y, width, height = self._pyramid.pixel_rect(key)
        state, smooth = self._state, self.smooth
        raster: Raster | None = None
        for found in state.found(self._box(key.level, (x, y, x + width, y + height))):
            if not wanted():
                return None
            if raster is None:
                buffer = self._buffers.take((width, height))
                raster = self._raster((width, height), key.level, (x, y), smooth=smooth)
            raster.add(*found)
        if raster is None:
            return TileImage(QImage())
        return TileImage(_image(buffer), rough=raster.rough) if raster.paint(buffer.pixels, wanted) else None

    def _from(self, group: _Together, key: TileKey) -> TileImage | None:
        if group.tiles is None:
            with group.lock:
                if group.tiles is None:
                    group.tiles = self._drawn_together(group.keys)
        return group.tiles.pop(key, None)

    def _drawn_together(self, keys: Sequence[TileKey]) -> dict[TileKey, TileImage]:
        """All of some tiles that fill a rectangle; none if there is too much in it."""
        level = keys[0].level
        rects = [self._pyramid.pixel_rect(key) for key in keys]
        left, top, right, bottom = _around(rects)
        found = list(self._state.found(self._box(level, (left, top, right, bottom))))
        if sum(len(rows) for _, rows, _ in found) > TOGETHER_OBJECTS:
            return {}
        if not found:
            return {key: TileImage(QImage()) for key in keys}
        width, height = right - left, bottom - top
        sheet = self._sheet()[: 4 * width * height].reshape(height, width, 4)
        raster = self._raster((width, height), level, (left, top), smooth=False)
        for part in found:
            raster.add(*part)
        raster.paint(sheet)
        cut = ((y - top, y - top + height, x - left, x - left + width) for x, y, width, height in rects)
        pieces = (sheet[y0:y1, x0:x1] for y0, y1, x0, x1 in cut)
        return {key: self._kept(piece, rough=raster.rough) for key, piece in zip(keys, pieces, strict=True)}

    def _sheet(self) -> NDArray[np.uint8]:
        """Memory for tiles drawn together, one for each thread."""
        if not hasattr(self._sheets, "pixels"):
            self._sheets.pixels = np.empty(4 * TOGETHER_TILES * TILE_PIXELS**2, np.uint8)
        pixels: NDArray[np.uint8] = self._sheets.pixels
        return pixels

    def _kept(self, pixels: Argb, *, rough: bool) -> TileImage:
        if not _has_any(pixels):
            return TileImage(QImage())
        buffer = self._buffers.take((pixels.shape[1], pixels.shape[0]))
        buffer.pixels[:] = pixels
        return TileImage(_image(buffer), rough=rough)

    def _patched(self, key: TileKey, patch: Patch) -> TileImage | None:
        """The tile with what changed drawn anew; None if that is most of it."""
        x, y, width, height = self._pyramid.pixel_rect(key)
        downsample = self._pyramid.levels[key.level].downsample
        boxes = np.array(patch.boxes) / downsample
        low = np.floor(boxes[:, :2].min(0) - REACH_PIXELS).astype(int) - (x, y)
        high = np.ceil(boxes[:, 2:].max(0) + REACH_PIXELS).astype(int) - (x, y)
        (x0, y0), (x1, y1) = low.clip(0).tolist(), np.minimum(high, (width, height)).tolist()
        if (x1 - x0) * (y1 - y0) > PATCH_SHARE * width * height:
            return None
        buffer = self._buffers.take((width, height))
        buffer.pixels[:] = 0 if patch.image.isNull() else _pixels_of(patch.image)
        if x0 < x1 and y0 < y1:
            buffer.pixels[y0:y1, x0:x1] = self._piece(key.level, (x + x0, y + y0, x + x1, y + y1))
        if not _has_any(buffer.pixels):
            return TileImage(QImage())
        return TileImage(_image(buffer), rough=patch.rough)

    def _piece(self, level: int, rect: PixelRect) -> Argb:
        """A rectangle of a level, drawn smoothly."""
        by = PATCH_MARGIN
        x0, y0, x1, y1 = rect[0] - by, rect[1] - by, rect[2] + by, rect[3] + by
        pixels: Argb = np.empty((y1 - y0, x1 - x0, 4), np.uint8)
        raster = self._raster((x1 - x0, y1 - y0), level, (x0, y0), smooth=True)
        for found in self._state.found(self._box(level, (x0, y0, x1, y1))):
            raster.add(*found)
        raster.paint(pixels)
        return pixels[by:-by, by:-by]

    def _box(self, level: int, rect: PixelRect) -> Box:
        """Where the objects are that a rectangle of a level may show, level-0 pixels."""
        downsample = self._pyramid.levels[level].downsample
        reach = REACH_PIXELS
        left, top, right, bottom = rect[0] - reach, rect[1] - reach, rect[2] + reach, rect[3] + reach
        return left * downsample, top * downsample, right * downsample, bottom * downsample

    def _raster(self, size: tuple[int, int], level: int, corner: tuple[int, int], *, smooth: bool) -> Raster:
        downsample = self._pyramid.levels[level].downsample
        x, y = corner
        corner_at, filled = (x * downsample, y * downsample), self._state.filled
        return Raster(size, corner_at, downsample, smooth=smooth, filled=filled)


def overlay_pyramid(slide_size: tuple[int, int]) -> TilePyramid:
    """Levels at powers of two from the finest zoom to an overview."""
    levels = []
    power = FINEST_POWER
    while True:
        downsample = 2.0**power
        size = (int(np.ceil(slide_size[0] / downsample)), int(np.ceil(slide_size[1] / downsample)))
        last = power >= 0 and max(size) <= OVERVIEW_PIXELS
        # The overview shows every object and takes longest to make: it comes after what is in view.
        levels.append(TileLevel(size, downsample, 0, shrink=2 if last else 1))
        if last:
            return TilePyramid(tuple(levels), TILE_PIXELS)
        power += 1


def _around(rects: Sequence[tuple[int, int, int, int]]) -> PixelRect:
    """The edges of what holds all of some rectangles."""
    left, top = min(rect[0] for rect in rects), min(rect[1] for rect in rects)
    right, bottom = max(rect[0] + rect[2] for rect in rects), max(rect[1] + rect[3] for rect in rects)
    return left, top, right, bottom


def _groups(keys: Sequence[TileKey]) -> list[_Together]:
    """Tiles of one level that fill a rectangle, in bands; none where they do not, or there is but one."""
    columns, rows = ({key[axis] for key in keys} for axis in (1, 2))
    if len(keys) < 2 or len(keys) != len(columns) * len(rows) or len(columns) > TOGETHER_TILES:
        return []
    by_row = sorted(keys, key=lambda key: (key.row, key.column))
    high = min(TOGETHER_TILES // len(columns), -(-len(rows) // BANDS))
    step = high * len(columns)
    return [_Together(by_row[start : start + step]) for start in range(0, len(by_row), step)]


def _image(buffer: TileBuffer) -> QImage:
    image = wrap_argb(buffer.pixels)
    # The picture keeps the place, not only the pixels in it.
    image._pixels = buffer  # type: ignore[attr-defined]
    return image


def _pixels_of(image: QImage) -> Argb:
    pixels: Argb = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return pixels[:, : image.width()]


def _has_any(pixels: Argb) -> bool:
    import cv2

    return bool(cv2.hasNonZero(pixels.view(np.int32)[..., 0]))
