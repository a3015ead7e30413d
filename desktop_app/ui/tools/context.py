"""What every tool works with, and the rules of the hand that all tools share.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from desktop_app.domain.annotation import Color, RoiStatus, ShapeKind
from desktop_app.domain.shapes import Parts, drawn
from desktop_app.domain.viewport import Point, Rect, Viewport
from desktop_app.errors import CoverslipError
from desktop_app.ui.canvas import ToolEvent
from desktop_app.ui.models.class_choice import ClassChoice
from desktop_app.ui.models.selection import AnnotationSelection
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.tools.tool_options import ToolOptions

CLICK_SLOP = 3.0
"""Logical pixels that the mouse may tremble between press and release of a click."""

REACH = 6.0
"""Logical pixels within which a handle or an outline is caught."""


class PannedCanvas(Protocol):
    """What tools need of the canvas."""

    @property
    def viewport(self) -> Viewport:
        """What is seen."""

    def show_rect(self, rect: Rect, *, margin: float = 0.15) -> None:
        """Bring a level-0 rectangle into view."""

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the picture by device pixels."""

    def update(self) -> None:
        """Paint again soon."""


@dataclass(frozen=True, slots=True)
class ToolContext:
    """The things a tool acts on.

    Attributes
    ----------
    document : SlideDocument
        Gets the edits.
    selection : AnnotationSelection
        What is in hand; a new shape becomes the selection.
    choice : ClassChoice
        The class of new shapes.
    canvas : PannedCanvas
        Is panned by drags that mean nothing else.
    options : ToolOptions
        The user's choices.
    """

    document: SlideDocument
    selection: AnnotationSelection
    choice: ClassChoice
    canvas: PannedCanvas
    options: ToolOptions = field(default_factory=ToolOptions)

    @property
    def color(self) -> Color:
        """What a new shape will look like."""
        return self.document.snapshot.class_color(self.choice.name)

    @property
    def roi_color(self) -> Color:
        """What a new ROI will look like: it says where to annotate, not what is there, so it has no class."""
        return self.document.snapshot.class_color(None)

    @property
    def line_kind(self) -> ShapeKind:
        """What a new line is."""
        return "arrow" if self.options.settings.arrows else "line"

    @property
    def roi_status(self) -> RoiStatus:
        """How far a new ROI is annotated."""
        return "exhaustive" if self.options.settings.roi_exhaustive else "open"

    def attempt(self, action: Callable[[], object]) -> bool:
        """Do something that may be refused; the document tells why, the annotations stay as they were."""
        try:
            action()
        except CoverslipError as error:
            self.document.failed.emit(error)
            return False
        return True

    def add(self, kind: ShapeKind, parts: Parts, label: str, **members: Any) -> bool:
        """Add a drawn shape in the class in hand, a ROI in none, and select it; whether that could be done.

        Parameters
        ----------
        kind, parts
            What was drawn.
        label : str
            For the undo menu.
        **members
            Members of the new ``Annotation`` besides what drawing gives it.
        """
        class_name = self.choice.name if members.get("roi") is None else None
        made = drawn(kind, parts, class_name=class_name, author=self.document.author)
        shape = replace(made, **members)
        added = self.attempt(lambda: self.document.add([shape], label))
        if added:
            self.selection.set([shape.id])
        return added


def slide_length(event: ToolEvent, logical: float) -> float:
    """A length in logical pixels as level-0 pixels."""
    return logical * event.dpr * event.slide_px_per_view_px


def has_moved(event: ToolEvent, start: Point) -> bool:
    """Whether the mouse is further from a device pixel position than a hand trembles."""
    dx, dy = event.view_position[0] - start[0], event.view_position[1] - start[1]
    return bool(dx * dx + dy * dy > (CLICK_SLOP * event.dpr) ** 2)
