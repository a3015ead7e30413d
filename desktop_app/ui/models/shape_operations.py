"""Operations on selected shapes: worked out beside the window, applied if nothing has changed meanwhile.

What is worked on is taken at the start and never changes; the outcome is committed only if every shape in
it is still as it was. GUI thread; large sums run on the background pool.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from desktop_app.domain.annotation import AREA_KINDS, OPEN_KINDS, Annotation, ShapeKind
from desktop_app.domain.annotation_chunk import KINDS, id_array
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.shape_regions import ShapeStep, is_same, vertex_count
from desktop_app.errors import CoverslipError, GeometryError
from desktop_app.ui.actions.action_spec import Fact
from desktop_app.ui.background import Background
from desktop_app.ui.models.selection import AnnotationSelection
from desktop_app.ui.models.slide_document import SlideDocument

MOST_OBJECTS = 20_000
"""More are not changed at a time: committing them would stop the window for seconds."""

QUICK_OBJECTS, QUICK_VERTICES = 50, 3_000
"""What is worked on at once; anything larger goes to the background pool."""

Operation: TypeAlias = Callable[[tuple[Annotation, ...]], ShapeStep]
"""What to make of the shapes, in the order of their selection; raises ``CoverslipError``; any thread."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The shapes that an operation works on, as they were when it was asked for.

    Attributes
    ----------
    snapshot : AnnotationSnapshot
        The annotations at that moment.
    ids : tuple[UUID, ...]
        The selection, in its order.
    """

    snapshot: AnnotationSnapshot
    ids: tuple[UUID, ...]

    @classmethod
    def of(cls, document: SlideDocument, selection: AnnotationSelection) -> Chosen:
        """What is selected now.

        Raises
        ------
        GeometryError
            If it is too much.
        """
        if len(selection) > MOST_OBJECTS:
            raise GeometryError("This can be done with 20,000 objects at a time. Select fewer.")
        return cls(document.snapshot, selection.ids)

    def shapes(self) -> tuple[Annotation, ...]:
        """The annotations; any thread."""
        return tuple(self.snapshot.iter_annotations(self.ids))


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What an operation came to.

    Attributes
    ----------
    snapshot : AnnotationSnapshot
        The annotations when it was asked for.
    shapes : tuple[Annotation, ...]
        What it was worked out from.
    step : ShapeStep
        What is to become of them.
    """

    snapshot: AnnotationSnapshot
    shapes: tuple[Annotation, ...]
    step: ShapeStep


Done: TypeAlias = Callable[[Outcome], None]
Failed: TypeAlias = Callable[[CoverslipError], None]


def work_out(
    background: Background, chosen: Chosen, operation: Operation, *, done: Done, failed: Failed
) -> bool:
    """Do an operation's sums, at once where they are small, else on the pool.

    Parameters
    ----------
    background : Background
        The window's pool.
    chosen, operation
        What to do with what.
    done, failed
        Called once, on the GUI thread.

    Returns
    -------
    bool
        Whether it went to the pool, so that the answer comes later.
    """
    if not _is_quick(chosen):
        background.run(lambda: _outcome(chosen, operation), done, failed)
        return True
    try:
        outcome = _outcome(chosen, operation)
    except CoverslipError as error:
        failed(error)
    else:
        done(outcome)
    return False


def apply_outcome(
    document: SlideDocument, selection: AnnotationSelection, outcome: Outcome, label: str
) -> None:
    """Commit an outcome as one step, and select what came of it.

    Raises
    ------
    GeometryError
        If a shape is not as it was any more; nothing changed then.
    StorageError, AnnotationError
        As :meth:`SlideDocument.commit`.
    """
    if document.snapshot is not outcome.snapshot:
        present = tuple(document.snapshot.iter_annotations(shape.id for shape in outcome.shapes))
        if len(present) < len(outcome.shapes) or not all(map(is_same, present, outcome.shapes)):
            raise GeometryError("A selected object was changed meanwhile, so nothing was done. Try again.")
    document.change(label, before=outcome.step.before, after=outcome.step.after)
    selection.set(found.id for found in outcome.step.after)


def shape_facts(document: SlideDocument, selection: AnnotationSelection) -> Iterator[Fact]:
    """What of the selection the actions on shapes need to know.

    Of very many objects it is taken for granted; the operation itself refuses what it cannot use.
    """
    few = 0 < len(selection) <= MOST_OBJECTS
    kinds = _kinds(document.snapshot, selection.ids) if few else Counter[ShapeKind]()
    areas = sum(kinds[kind] for kind in AREA_KINDS)
    lines = sum(kinds[kind] for kind in OPEN_KINDS)
    many = len(selection) > MOST_OBJECTS
    facts = {
        "area_selected": areas > 0,
        "two_areas": areas > 1,
        "area_and_line": areas > 0 and lines > 0,
        "outline_selected": areas + lines > 0,
    }
    yield from (fact for fact, true in facts.items() if true or many)


def _outcome(chosen: Chosen, operation: Operation) -> Outcome:
    shapes = chosen.shapes()
    step = operation(shapes)
    if any(shape.locked for shape in step.before):
        raise GeometryError("A selected object is locked. Unlock it first.")
    return Outcome(chosen.snapshot, shapes, step)


def _is_quick(chosen: Chosen) -> bool:
    return len(chosen.ids) <= QUICK_OBJECTS and vertex_count(chosen.shapes()) <= QUICK_VERTICES


def _kinds(snapshot: AnnotationSnapshot, ids: tuple[UUID, ...]) -> Counter[ShapeKind]:
    """How many of each kind, from the columns."""
    wanted = id_array(ids)
    numbers = snapshot.index.locate(wanted)
    kinds: Counter[ShapeKind] = Counter()
    for number in set(numbers[numbers >= 0].tolist()):
        chunk = snapshot.chunks[number]
        rows = chunk.rows_of(wanted[numbers == number])
        kinds.update(KINDS[kind] for kind in chunk.kinds[rows].tolist())
    return kinds
