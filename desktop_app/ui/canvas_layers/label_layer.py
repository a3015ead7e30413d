"""The words of annotations on the slide: notes, and the names of everything else where they are wanted.

Notes are always there with the annotations, since they are nothing but words. Where more than ``MOST`` would
be in view only the largest objects have theirs, so that a view never becomes a page of text. GUI thread, or,
as a copy, the thread that paints a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from desktop_app.domain.annotation import Color
from desktop_app.domain.annotation_chunk import KINDS, AnnotationChunk
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas.scale_bar import PLATE_TEXT, paint_plate, plate_font

MOST = 300
"""Labels in view."""

WIDEST = 220.0
"""Logical pixels of a label; longer texts end in an ellipsis."""

AWAY = (14.0, -16.0)
"""Logical pixels from a note's place to the near corner of its label."""

_NOTE = KINDS.index("note")


@dataclass(frozen=True, slots=True)
class Label:
    """One text and where it belongs.

    Attributes
    ----------
    text : str
    place : Point
        Of a note its place, else the middle of the object's upper edge on the screen; device pixels.
    color : Color
        Of its annotation.
    is_note : bool
        A note's label has a pointer to its place.
    """

    text: str
    place: Point
    color: Color
    is_note: bool


class LabelLayer:
    """The layer to give to ``SlideCanvas.add_layer``, above the annotations.

    Parameters
    ----------
    snapshot : Callable[[], AnnotationSnapshot]
        The annotations as they are when it paints.

    Attributes
    ----------
    names : bool
        Whether more than notes is written.
    hidden_classes : frozenset[str | None]
        Nothing of these is written; None among them stands for no class.
    """

    def __init__(self, snapshot: Callable[[], AnnotationSnapshot]) -> None:
        self._snapshot = snapshot
        self._worded: dict[int, tuple[AnnotationChunk, NDArray[np.bool_] | None]] = {}
        self._looked_at: tuple[AnnotationSnapshot, NDArray[np.bool_]] | None = None
        self.visible = True
        self.opacity = 1.0
        self.names = True
        self.hidden_classes: frozenset[str | None] = frozenset()

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint the labels in view; the largest objects last, so that theirs are read."""
        painter.setOpacity(self.opacity)
        painter.setFont(plate_font(painter, dpr))
        for label in reversed(self.labels(viewport)):
            _paint(painter, label, dpr)

    def still(self) -> LabelLayer:
        """A copy that changes no more, for painting on another thread."""
        snapshot = self._snapshot()
        copy = LabelLayer(lambda: snapshot)
        copy.names, copy.hidden_classes = self.names, self.hidden_classes
        return copy

    def labels(self, viewport: Viewport) -> list[Label]:
        """What is written, notes first, then the largest objects; device pixels of the view."""
        snapshot = self._snapshot()
        found = list(self._found(snapshot, viewport))
        if not found:
            return []
        sizes = np.concatenate([entry[2] for entry in found])
        starts = np.cumsum([0, *(len(entry[1]) for entry in found)])
        labels = []
        for place in np.argsort(-sizes, kind="stable")[:MOST].tolist():
            number = int(np.searchsorted(starts, place, side="right")) - 1
            chunk, rows, _ = found[number]
            labels.append(_label(snapshot, chunk, int(rows[place - starts[number]]), viewport))
        return labels

    def _found(
        self, snapshot: AnnotationSnapshot, viewport: Viewport
    ) -> Iterator[tuple[AnnotationChunk, NDArray[np.int64], FloatArray]]:
        """The rows of each chunk that have words in view, and their sizes; notes are largest of all."""
        x, y, width, height = viewport.slide_rect()
        for chunk, touched in snapshot.rows_in(
            (x, y, x + width, y + height), among=self._chunks_with_words(snapshot)
        ):
            worded = self._worded[id(chunk)][1]
            if worded is None:
                continue
            rows = chunk.shown_rows(touched, self.hidden_classes)
            notes = chunk.kinds[rows] == _NOTE
            shown = worded[rows] & (notes | self.names)
            boxes = chunk.boxes[rows]
            sizes = np.where(notes, np.inf, (boxes[:, 2:] - boxes[:, :2]).max(1, initial=0))
            yield chunk, rows[shown], sizes[shown]

    def _chunks_with_words(self, snapshot: AnnotationSnapshot) -> NDArray[np.bool_]:
        """Which chunks have anything to write; looked up once for each state."""
        if self._looked_at is None or self._looked_at[0] is not snapshot:
            known = self._worded
            self._worded = {
                id(chunk): known.get(id(chunk)) or (chunk, _worded(chunk)) for chunk in snapshot.chunks
            }
            having = [self._worded[id(chunk)][1] is not None for chunk in snapshot.chunks]
            self._looked_at = snapshot, np.array(having, dtype=np.bool_)
        return self._looked_at[1]


def _worded(chunk: AnnotationChunk) -> NDArray[np.bool_] | None:
    """Which objects of a chunk have a name; None if none has."""
    worded = chunk.names.index >= 0
    return worded if worded.any() else None


def _label(snapshot: AnnotationSnapshot, chunk: AnnotationChunk, row: int, viewport: Viewport) -> Label:
    annotation = chunk[row]
    is_note = annotation.kind == "note"
    left, top, right, bottom = (chunk.boxes[row] + np.tile(chunk.origin, 2)).tolist()
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    seen = viewport.to_view(corners)
    middle = float((seen[:, 0].min() + seen[:, 0].max()) / 2)
    return Label(annotation.name, (middle, float(seen[:, 1].min())), snapshot.color_of(annotation), is_note)


def _paint(painter: QPainter, label: Label, dpr: float) -> None:
    metrics = QFontMetricsF(painter.font())
    text = metrics.elidedText(label.text, Qt.TextElideMode.ElideRight, WIDEST * dpr)
    width, height = metrics.horizontalAdvance(text) + 10 * dpr, metrics.height() + 4 * dpr
    x, y = label.place
    plate = QRectF(x - width / 2, y - height - 4 * dpr, width, height)
    if label.is_note:
        corner = QPointF(x + AWAY[0] * dpr, y + AWAY[1] * dpr)
        plate = QRectF(corner.x(), corner.y() - height, width, height)
        _paint_pointer(painter, QLineF(QPointF(x, y), corner + QPointF(6 * dpr, 0)), label.color, dpr)
    paint_plate(painter, plate, dpr)
    painter.setPen(QPen(QColor(*label.color), 2 * dpr))
    painter.drawLine(plate.bottomLeft() + QPointF(3 * dpr, 0), plate.bottomRight() - QPointF(3 * dpr, 0))
    painter.setPen(PLATE_TEXT)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


def _paint_pointer(painter: QPainter, line: QLineF, color: Color, dpr: float) -> None:
    """Paint the line from a note's place to its label, light beneath so that it is seen on any tissue."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen in (QPen(QColor(255, 255, 255, 210), 4 * dpr), QPen(QColor(*color), 2 * dpr)):
        painter.setPen(pen)
        painter.drawLine(line)
