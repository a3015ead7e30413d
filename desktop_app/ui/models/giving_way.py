"""Areas that give way to their neighbors: small ones at once, large ones on the pool.

A large area is stored and shown as it was drawn, so that it is finished whatever happens; when the pool has
cut it, the cut one takes its place in the same step. If something else was done meanwhile, the cut is a step
of its own, and none at all where the area itself is not as it was. GUI thread; the sums run on the pool.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.edits import AnnotationChange
from desktop_app.domain.no_overlap import step_kept_apart, step_vertices
from desktop_app.domain.shape_regions import is_same
from desktop_app.errors import CoverslipError
from desktop_app.ui.background import Background
from desktop_app.ui.models.aside import Piece
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.models.slide_document import SlideDocument

MOST_OBJECTS = 100
"""More objects in one step were not drawn by hand, and are taken as they are."""

QUICK_VERTICES = 3_000
"""What is cut at once; with more vertices of the area and its neighbors it is done on the pool."""


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """A step that was stored as it was drawn.

    Attributes
    ----------
    label : str
    before, after : tuple[Annotation, ...]
        What it changed, and into what, as stored.
    edit_id : UUID
    """

    label: str
    before: tuple[Annotation, ...]
    after: tuple[Annotation, ...]
    edit_id: UUID


class GivingWay:
    """Does the steps of a document in which areas must not overlap.

    Parameters
    ----------
    document : SlideDocument
        Gets the edits.
    background : Background | None
        The pool; None to do everything at once.
    """

    def __init__(self, document: SlideDocument, background: Background | None) -> None:
        self._document = document
        self._background = background
        self._under_way: list[Piece] = []

    def finish(self) -> None:
        """Wait for what the pool cuts, and take it: the document is being closed."""
        while self._under_way:
            self._under_way.pop(0).settle()

    def change(
        self, label: str, before: Sequence[Annotation], after: Sequence[Annotation]
    ) -> AnnotationChange | None:
        """Do a step; see :meth:`SlideDocument.change`.

        Raises
        ------
        GeometryError
            If nothing would be left of an area that is cut at once.
        StorageError, AnnotationError
            As :meth:`SlideDocument.commit`.
        """
        document = self._document
        snapshot = document.snapshot
        if len(after) > MOST_OBJECTS:
            return document.commit(document.edit_of(label, before, after))
        if self._background is None or step_vertices(before, after, snapshot) <= QUICK_VERTICES:
            return document.commit(document.edit_of(label, before, step_kept_apart(before, after, snapshot)))
        edit = document.edit_of(label, before, after)
        change = document.commit(edit)
        stored = tuple(document.snapshot.iter_annotations(found.id for found in edit.after))
        self._work_out(_Step(label, tuple(before), stored, edit.edit_id))
        return change

    def _work_out(self, step: _Step) -> None:
        snapshot = self._document.snapshot
        piece = Piece(
            partial(step_kept_apart, step.before, step.after, snapshot),
            partial(self._take, step, snapshot),
            partial(self._refuse, step),
        )
        self._under_way.append(piece)
        if self._background is not None:
            self._background.run(piece.run, partial(self._deliver, piece), self._document.failed.emit)

    def _deliver(self, piece: Piece, _none: None) -> None:
        if piece in self._under_way:
            self._under_way.remove(piece)
            piece.settle()

    def _take(self, step: _Step, snapshot: AnnotationSnapshot, cut: Sequence[Annotation]) -> None:
        """The pool has cut the areas, beside the neighbors of a certain state."""
        if not self._still_there(step):
            return
        if snapshot is not self._document.snapshot:
            self._work_out(step)  # the neighbors may be others now
        elif not all(map(is_same, step.after, cut)):
            self._replace(step, cut)

    def _refuse(self, step: _Step, error: CoverslipError) -> None:
        """Nothing would be left of an area: the step is taken back."""
        if self._still_there(step):
            if self._is_last(step):
                self._document.undo_stack.undo()
            else:
                self._replace(step, step.before)
            self._document.failed.emit(error)

    def _replace(self, step: _Step, after: Sequence[Annotation]) -> None:
        document = self._document
        try:
            if self._is_last(step):
                document.amend(document.edit_of(step.label, step.before, after))
            else:
                document.commit(document.edit_of(tr("No overlap"), step.after, after))
        except CoverslipError as error:
            document.failed.emit(error)

    def _is_last(self, step: _Step) -> bool:
        last = self._document.journal.cursor
        return last is not None and last.edit_id == step.edit_id

    def _still_there(self, step: _Step) -> bool:
        """Whether the document is open, and what the step made is as it was."""
        if not self._document.is_open or self._document.read_only:
            return False
        present = tuple(self._document.snapshot.iter_annotations(found.id for found in step.after))
        return len(present) == len(step.after) and all(map(is_same, present, step.after))
