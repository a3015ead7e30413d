"""The annotations in hand: one selection that canvas, tables and actions share.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import numpy as np
from PySide6.QtCore import QObject, Signal

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import id_array
from desktop_app.domain.edits import AnnotationChange
from desktop_app.domain.viewport import Point
from desktop_app.errors import AnnotationError
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.translation import tr


class AnnotationSelection(QObject):
    """Ids in the order they were chosen; what is removed from the document leaves it.

    Parameters
    ----------
    document : SlideDocument
        Whose annotations are chosen.

    Attributes
    ----------
    in_hand : frozenset[UUID]
        Those that a tool is moving and paints itself until it lets go.
    hidden_classes : frozenset[str | None]
        Classes that the view does not show, so that nothing of them can be chosen on the slide.

    Notes
    -----
    ``changed()`` follows every change of :attr:`ids`.
    """

    changed = Signal()

    def __init__(self, document: SlideDocument, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.in_hand: frozenset[UUID] = frozenset()
        self.hidden_classes: frozenset[str | None] = frozenset()
        self._ids: dict[UUID, None] = {}
        document.changed.connect(self._follow)

    @property
    def ids(self) -> tuple[UUID, ...]:
        """What is selected, the latest last."""
        return tuple(self._ids)

    @property
    def only(self) -> Annotation | None:
        """The selected annotation where there is exactly one."""
        return self._document.snapshot.get(next(iter(self._ids))) if len(self._ids) == 1 else None

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, annotation_id: object) -> bool:
        return annotation_id in self._ids

    def annotations(self) -> tuple[Annotation, ...]:
        """The selected annotations as they are now."""
        return tuple(self._document.snapshot.iter_annotations(self._ids))

    def set(self, ids: Iterable[UUID]) -> None:
        """Select these and nothing else."""
        chosen = dict.fromkeys(ids)
        if list(chosen) != list(self._ids):
            self._ids = chosen
            self.changed.emit()

    def toggle(self, annotation_id: UUID) -> None:
        """Select one more, or one less."""
        rest = [key for key in self._ids if key != annotation_id]
        self.set(rest if len(rest) < len(self._ids) else [*rest, annotation_id])

    def clear(self) -> None:
        """Select nothing."""
        self.set(())

    def delete(self) -> None:
        """Delete what is selected, as one step; what is locked stays.

        Raises
        ------
        AnnotationError
            If that is the only one.
        StorageError
            As :meth:`SlideDocument.commit`.
        """
        if self.only is not None and self.only.locked:
            raise AnnotationError(tr("The selected annotation is locked. Unlock it to delete it."))
        self._document.remove(self.ids)

    def select_all(self) -> None:
        """Select every annotation of the slide that is shown: what is hidden is not changed unseen."""
        chunks = self._document.snapshot.chunks
        shown = ((chunk, chunk.shown_rows(np.arange(len(chunk)), self.hidden_classes)) for chunk in chunks)
        self.set(
            key
            for chunk, rows in shown
            for key in (chunk if len(rows) == len(chunk) else chunk.take(rows)).uuids()
        )

    def hit(self, point: Point, tolerance: float) -> UUID | None:
        """The annotation that is seen at a place; both in level-0 pixels."""
        return self._document.snapshot.hit(point, tolerance, hidden_classes=self.hidden_classes)

    def _follow(self, change: AnnotationChange) -> None:
        if len(change.removed_ids) and self._ids:
            there = change.snapshot.holds(id_array(self._ids)).tolist()
            self.set(key for key, held in zip(tuple(self._ids), there, strict=True) if held)
