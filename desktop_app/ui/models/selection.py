"""The annotations in hand: one selection that canvas, tables and actions share.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_chunk import AnnotationChunk, id_array, uuids_of
from desktop_app.domain.edits import AnnotationChange
from desktop_app.domain.id_set import NO_IDS, IdSet, rows_among
from desktop_app.domain.viewport import Point
from desktop_app.errors import AnnotationError
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.translation import tr

MANY = 5_000
"""Up to so many ids are looked for in a document or a selection of any size without being felt."""


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
        self._chosen = NO_IDS
        document.changed.connect(self._follow)

    @property
    def chosen(self) -> IdSet:
        """What is selected, the latest last; another object after every change."""
        return self._chosen

    @property
    def ids(self) -> tuple[UUID, ...]:
        """The same one by one; a million take a second."""
        return self._chosen.uuids()

    @property
    def latest(self) -> UUID | None:
        """What was selected last."""
        return next(iter(uuids_of(self._chosen.ids[-1:])), None)

    @property
    def only(self) -> Annotation | None:
        """The selected annotation where there is exactly one."""
        latest = self.latest
        return self._document.snapshot.get(latest) if latest is not None and len(self) == 1 else None

    def __len__(self) -> int:
        return len(self._chosen)

    def __contains__(self, annotation_id: object) -> bool:
        return annotation_id in self._chosen

    def annotations(self) -> tuple[Annotation, ...]:
        """The selected annotations as they are now."""
        return tuple(self._document.snapshot.iter_annotations(self.ids))

    def set(self, ids: Iterable[UUID]) -> None:
        """Select these and nothing else."""
        self._take(IdSet.of(ids))

    def set_rows(self, rows: Iterable[tuple[AnnotationChunk, NDArray[np.int64]]]) -> None:
        """Select some rows of each chunk and nothing else; quick for a million."""
        taken = (chunk.ids if len(some) == len(chunk) else chunk.ids[some] for chunk, some in rows)
        self.set_ids(np.concatenate([NO_IDS.ids, *taken]))

    def set_ids(self, ids: NDArray[np.bytes_]) -> None:
        """Select these (``S16``, each once) and nothing else."""
        self._take(IdSet(ids))

    def toggle(self, annotation_id: UUID) -> None:
        """Select one more, or one less."""
        ids, one = self._chosen.ids, id_array([annotation_id])
        rows = rows_among(ids, one)
        self.set_ids(np.delete(ids, rows) if len(rows) else np.concatenate([ids, one]))

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
        self._document.remove(self._chosen.ids)

    def select_all(self) -> None:
        """Select every annotation of the slide that is shown: what is hidden is not changed unseen."""
        chunks, hidden = self._document.snapshot.chunks, self.hidden_classes
        self.set_rows((chunk, chunk.shown_rows(np.arange(len(chunk)), hidden)) for chunk in chunks)

    def hit(self, point: Point, tolerance: float) -> UUID | None:
        """The annotation that is seen at a place; both in level-0 pixels."""
        return self._document.snapshot.hit(point, tolerance, hidden_classes=self.hidden_classes)

    def _take(self, chosen: IdSet) -> None:
        if not chosen.is_same(self._chosen):
            self._chosen = chosen
            self.changed.emit()

    def _follow(self, change: AnnotationChange) -> None:
        """Select no more what is gone; nothing at all where very much is gone of very much."""
        ids, gone = self._chosen.ids, change.removed_ids
        if not len(gone) or not len(ids):
            return
        if len(gone) <= MANY:
            self.set_ids(np.delete(ids, rows_among(ids, gone)))
        elif len(ids) <= MANY:
            self.set_ids(ids[change.snapshot.holds(ids)])
        else:
            self.clear()
