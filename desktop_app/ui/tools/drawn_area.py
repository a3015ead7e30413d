"""What becomes of an outline once it is drawn: a new annotation, a piece of one, or a selection.

Alt held at the first press takes the outline away from the selected annotation; Shift adds it where Shift has
no other meaning. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from PySide6.QtCore import Qt

from desktop_app.domain.annotation import AREA_KINDS, Annotation, RoiStatus, ShapeKind
from desktop_app.domain.area_drawing import with_area, without_area
from desktop_app.domain.enclosing import enclosed
from desktop_app.domain.shapes import Parts
from desktop_app.errors import AnnotationError
from desktop_app.ui.tools.context import ToolContext
from desktop_app.ui.translation import tr

Way: TypeAlias = Literal["new", "join", "subtract"]


@dataclass(frozen=True, slots=True)
class DrawnArea:
    """A finished outline.

    Attributes
    ----------
    kind : ShapeKind
        What was drawn.
    parts : Callable[[], Parts]
        Makes the outline; may raise a ``GeometryError``.
    label : str
        For the undo menu, where it becomes a new annotation.
    way : Way
        What is to become of it.
    roi : RoiStatus | None
        Where it becomes a ROI.
    crumb : float
        Square level-0 pixels: smaller pieces and holes that it leaves were not meant.
    """

    kind: ShapeKind
    parts: Callable[[], Parts]
    label: str
    way: Way = "new"
    roi: RoiStatus | None = None
    crumb: float = 0.0


def way_of(modifiers: Qt.KeyboardModifier, *, shift_joins: bool) -> Way:
    """What the keys held at the first press say."""
    if modifiers & Qt.KeyboardModifier.AltModifier:
        return "subtract"
    return "join" if shift_joins and modifiers & Qt.KeyboardModifier.ShiftModifier else "new"


def finish_area(context: ToolContext, area: DrawnArea) -> bool:
    """Do with an outline what was meant, as one step; whether that could be done."""
    if context.options.selecting and area.roi is None:
        return context.attempt(lambda: _select(context, area))
    if area.way == "new":
        return context.attempt(lambda: _add(context, area))
    return context.attempt(lambda: _rework(context, area))


def paintable(context: ToolContext) -> Annotation | None:
    """The one selected annotation if it is an area that may be changed."""
    only = context.selection.only
    return None if only is None or only.kind not in AREA_KINDS or only.locked else only


def _select(context: ToolContext, area: DrawnArea) -> None:
    snapshot, hidden = context.document.snapshot, context.selection.hidden_classes
    context.selection.set(enclosed(snapshot, area.parts(), hidden_classes=hidden))


def _add(context: ToolContext, area: DrawnArea) -> None:
    context.add(area.kind, area.parts(), area.label, roi=area.roi)


def _rework(context: ToolContext, area: DrawnArea) -> None:
    """Add to the selected annotation, or take from it; what is taken away whole is deleted."""
    target = paintable(context)
    if target is None:
        raise AnnotationError(_refusal(context, area.way))
    if area.way == "join":
        after = with_area(target, area.parts(), crumb=area.crumb)
        context.document.change(tr("Add to shape"), before=[target], after=[after])
        return
    rest = without_area(target, area.parts(), crumb=area.crumb)
    left = [] if rest is None else [rest]
    context.document.change(tr("Subtract from shape"), before=[target], after=left)


def _refusal(context: ToolContext, way: Way) -> str:
    only = context.selection.only
    if only is not None and only.locked:
        return tr("The selected annotation is locked. Unlock it to change it.")
    if way == "join":
        return tr("Select the one area that is to be added to, then draw with Shift.")
    return tr("Select the one area that is to be subtracted from, then draw with Alt.")
