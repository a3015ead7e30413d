"""All annotations of a slide as one canvas layer: overlay tiles, live outlines, and the selection on top.

It observes the document and the selection, and is the only painter of annotations. GUI thread; its tiles
are made on threads of its own, which :meth:`shutdown` ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QPainter

from desktop_app.domain.annotation_snapshot import LONE_VERTICES
from desktop_app.domain.edits import AnnotationChange
from desktop_app.domain.id_set import NO_IDS, IdSet
from desktop_app.domain.shape_regions import vertex_count
from desktop_app.domain.shapes import Box
from desktop_app.domain.tile_requests import TileKey, tile_requests
from desktop_app.domain.viewport import Rect, Viewport
from desktop_app.ui.canvas import LoadedTile, TileImage, TileLayer
from desktop_app.ui.canvas.draw_list import Edges
from desktop_app.ui.canvas.tile_cache import Place
from desktop_app.ui.canvas_layers.annotation_raster import RasterState
from desktop_app.ui.canvas_layers.annotation_tiles import REACH_PIXELS, AnnotationTileSource, Patch
from desktop_app.ui.canvas_layers.kept_picture import KeptPicture
from desktop_app.ui.canvas_layers.live_objects import LiveObject, LiveObjects, LiveStill
from desktop_app.ui.models.selection import AnnotationSelection
from desktop_app.ui.models.slide_document import SlideDocument

CACHE_BYTES = 256 * 2**20
"""Overlay tiles kept in memory; empty ones take none."""

MANY_VERTICES = 2000
"""More than so many are not stroked again while the view and they stay as they are."""

THREADS = 2
"""Loader threads: OpenCV draws without the interpreter's lock, and the slide's tiles are there first."""

THREADS_MOVING = 1
"""While the view moves: more of them would keep the interpreter's lock from the frames."""

REST_MS = 200
"""A view that stays so long gets smooth lines; until then, and while it moves, they are plain."""

PATCHES_PER_TILE = 100
"""A tile that changed more often than this since it was drawn is drawn anew."""

SELECTED_LIMIT = 2000
"""More selected objects than this are not painted one by one: the tiles show them in another color, as
they do those of very many vertices."""


@dataclass(frozen=True, slots=True, eq=False)
class _Marks:
    """How the selection is shown.

    Attributes
    ----------
    live : frozenset[UUID]
        Which of the live objects are selected.
    above : list[LiveObject]
        What is painted as selected above the tiles.
    in_tiles : IdSet
        What the tiles show as selected, where they show it.
    """

    live: frozenset[UUID]
    above: list[LiveObject]
    in_tiles: IdSet


class AnnotationLayer(TileLayer):
    """The layer to give to ``SlideCanvas.add_layer``.

    Parameters
    ----------
    document : SlideDocument
        Whose annotations are shown.
    selection : AnnotationSelection
        What is highlighted.
    """

    def __init__(
        self, document: SlideDocument, selection: AnnotationSelection, parent: QObject | None = None
    ) -> None:
        self._document = document
        self._selection = selection
        self._hidden_classes: frozenset[str | None] = frozenset()
        self._filled = False
        self._live = LiveObjects(document.snapshot)
        self._has_tiles = len(document.snapshot) > len(self._live.ids)
        self._marks: _Marks | None = None
        self._kept = KeptPicture()
        self._tiles = AnnotationTileSource(document.slide.info.size, self._state())
        self._patches: dict[Place, Patch] = {}
        self._rough: set[Place] = set()
        super().__init__(self._tiles, threads=THREADS, capacity=CACHE_BYTES, parent=parent)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._make_smooth)
        document.changed.connect(self._follow)
        selection.changed.connect(self._follow_selection)

    def prepare(self, viewport: Viewport) -> None:
        """Ask for what a view needs: at first quickly drawn, and smooth once the view rests."""
        self._tiles.smooth = False
        super().prepare(viewport)
        self._loader.put_to_work(None if self._expected is None else THREADS_MOVING)
        self._rest.start()

    def shutdown(self) -> None:
        """Stop the loader threads and wait for the tiles in the making; may be called twice."""
        self._rest.stop()
        super().shutdown()

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint tiles, then live outlines, then the selection."""
        super().paint(painter, viewport, dpr)
        painter.setOpacity(self.opacity)
        in_view, in_hand = self._live.in_view(viewport, dpr), self._selection.in_hand
        marks = self._selected()
        plain = tuple(found for found in in_view if found.annotation_id not in marks.live)
        chosen = tuple(found for found in marks.above if found.annotation_id not in in_hand)

        def draw(on: QPainter) -> None:
            for found in plain:
                found.paint(on, viewport, dpr, filled=self._filled)
            for found in chosen:
                found.paint(on, viewport, dpr, selected=True)

        if sum(len(ring) for found in (*plain, *chosen) for ring in found.rings) < MANY_VERTICES:
            draw(painter)
        else:
            self._kept.paint(painter, viewport, key=(dpr, self._filled, plain, chosen), draw=draw)

    def still(self, viewport: Viewport) -> tuple[AnnotationTileSource, LiveStill]:
        """What a picture shows of them, for painting on another thread; without the selection's marks."""
        state = replace(self._state(), selected=NO_IDS)
        tiles = AnnotationTileSource(self._document.slide.info.size, state)
        shown = self._live.in_view(viewport, 1.0)
        return tiles, LiveStill(tuple(found.copied() for found in shown), self._filled)

    def set_hidden_classes(self, hidden_classes: frozenset[str | None]) -> None:
        """Show no annotation of some classes (None stands for no class): a matter of looking, not an edit."""
        if hidden_classes == self._hidden_classes:
            return
        self._hidden_classes = hidden_classes
        self._live.hide_classes(self._document.snapshot, hidden_classes)
        self._has_tiles = len(self._document.snapshot) > len(self._live.ids)
        self._marks = None
        self._show_all_anew()

    def set_filled(self, filled: bool) -> None:
        """Fill areas with a faint tint, or show their outlines alone."""
        if filled != self._filled:
            self._filled = filled
            self._show_all_anew()

    def _show_all_anew(self) -> None:
        self._tiles.show(self._state())
        self._patches.clear()
        self.invalidate()
        self.updated.emit()

    def _ask_for(self, keys: list[TileKey]) -> None:
        self._tiles.patch(dict(self._patches))
        super()._ask_for(self._tiles.expect(keys))

    def _at_once(self, keys: Sequence[TileKey]) -> Mapping[TileKey, TileImage]:
        self._tiles.patch(dict(self._patches))
        return self._tiles.sketch(keys)

    def _keep(self, loaded: LoadedTile) -> None:
        super()._keep(loaded)
        key = loaded.key
        if loaded.tile.rough:
            self._rough.add(key.place)
        else:
            self._rough.discard(key.place)
        if key.generation == self._generation:
            self._patches.pop(key.place, None)

    def _make_smooth(self) -> None:
        self._loader.put_to_work(None)
        if self._viewport is None:
            return
        if not self.is_sharp:
            self._rest.start()
            return
        rough = [key for key in self._visible if key.place in self._rough]
        if rough:
            self._tiles.patch(dict(self._patches))
            self._tiles.smooth = True
            ordered = tile_requests(self._pyramid, self._viewport, generation=self._generation).ordered
            super()._ask_for([*rough, *(key for key in ordered if not self._cache.is_current(key))])

    def _selected(self) -> _Marks:
        if self._marks is None:
            snapshot, chosen = self._document.snapshot, self._selection.chosen
            live = chosen.among(self._live.ids)
            many = len(chosen) > SELECTED_LIMIT
            found = [*snapshot.iter_annotations(live if many else chosen.uuids())]
            large = [one.id for one in found if vertex_count([one]) > LONE_VERTICES]
            above = [LiveObject.of(one, snapshot.color_of(one)) for one in found if one.id not in large]
            self._marks = _Marks(live, above, chosen if many else IdSet.of(large))
        return self._marks

    def _state(self) -> RasterState:
        return RasterState(
            self._document.snapshot,
            self._live.id_array(),
            self._hidden_classes,
            self._filled,
            self._selected().in_tiles,
        )

    def _follow(self, change: AnnotationChange) -> None:
        had_tiles, live = self._has_tiles, change.touched(self._live.ids)
        crossed = self._live.follow(change)
        self._has_tiles = len(change.snapshot) > len(self._live.ids)
        self._marks = None
        self._tiles.show(self._state())
        if change.classes_changed:
            self._patches.clear()
            self.invalidate()
        elif had_tiles or self._has_tiles:
            self.invalidate(_rects((*change.rects, *crossed)))
        # Where only tiles change, they tell themselves when they are there.
        if self.is_sharp or live or crossed or change.classes_changed or len(self._selection):
            self.updated.emit()

    def _touched(self, rects: list[Rect]) -> set[TileKey]:
        """Tiles in memory that show something of rectangles, as far as an outline reaches at their level."""
        keys = list(self._cache)
        if not keys or not rects:
            return set()
        scales = np.array([level.downsample for level in self._pyramid.levels])
        level, column, row, _ = np.array(keys).T
        scale = scales[level]
        corner = self._pyramid.tile_size * np.column_stack([column, row])
        # A tile cut off at the slide's edge is taken for a whole one, which costs nothing.
        low = (corner - REACH_PIXELS) * scale[:, None]
        high = (corner + self._pyramid.tile_size + REACH_PIXELS) * scale[:, None]
        changed: dict[int, list[Edges]] = {}
        for x, y, width, height in rects:
            meets = (low <= (x + width, y + height)).all(1) & (high >= (x, y)).all(1)
            for index in meets.nonzero()[0].tolist():
                changed.setdefault(index, []).append((x, y, x + width, y + height))
        for index, boxes in changed.items():
            self._note(keys[index], boxes)
        return {keys[index] for index in changed}

    def _note(self, key: TileKey, boxes: list[Edges]) -> None:
        """Remember where a tile is not right any more, unless that is not known of it."""
        known, tile = self._patches.pop(key.place, None), self._cache.find(key)
        if known is None and tile is not None and key.generation == self._generation - 1:
            known = Patch(tile.image, (), key.place in self._rough)
        if known is not None and len(known.boxes) + len(boxes) <= PATCHES_PER_TILE:
            self._patches[key.place] = replace(known, boxes=(*known.boxes, *boxes))

    def _follow_selection(self) -> None:
        self._marks = None
        if self._tiles.state.selected.is_same(self._state().selected):
            self.updated.emit()
        else:
            self._show_all_anew()


def _rects(boxes: Iterable[Box]) -> list[Rect]:
    """Boxes as ``(x, y, width, height)``."""
    return [(left, top, right - left, bottom - top) for left, top, right, bottom in boxes]
