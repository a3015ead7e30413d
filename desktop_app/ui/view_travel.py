"""Where a view has been: noted when it rests or jumps, and gone back to.

One per view. Tells, too, when the view is turned or upright again, which the menus show. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.view_history import ViewHistory
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.actions.action_spec import Fact
from desktop_app.ui.canvas import SlideCanvas

REST_MS = 1000
"""A view that stays for so long is worth coming back to."""


class ViewTravel(QObject):
    """Follows one canvas.

    Parameters
    ----------
    canvas : SlideCanvas
        Whose places these are.
    parent : QObject
        Owner.
    """

    changed = Signal()
    """Whether one can go back, forward or upright is different now."""

    def __init__(self, canvas: SlideCanvas, parent: QObject) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._told: frozenset[Fact] = frozenset()
        self.history = ViewHistory()
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._note)
        canvas.leaving.connect(self._leave)
        canvas.stepping.connect(self.step)
        canvas.viewport_changed.connect(self._follow)

    def facts(self) -> Iterator[Fact]:
        """What is true, for the action table."""
        here = self._canvas.viewport
        if self.history.can_step(-1, here):
            yield "can_go_back"
        if self.history.can_step(1, here):
            yield "can_go_forward"
        if not here.is_upright:
            yield "turned"

    def step(self, step: int) -> None:
        """Go back (-1) or forward (1), where there is a place to go to."""
        place = self.history.step(step, self._canvas.mover.target)
        if place is not None:
            self._canvas.glide_to(place)
        self._tell()

    def _leave(self, place: Viewport) -> None:
        self.history.visit(place)
        # Where it goes to is a place of its own, though nobody rests there.
        self._rest.start()
        self._tell()

    def _follow(self) -> None:
        self._rest.start()
        self._tell()

    def _note(self) -> None:
        if self._canvas.slide is None:
            return
        if not self._canvas.is_at_rest:
            self._rest.start()
            return
        self.history.visit(self._canvas.viewport)
        self._tell()

    def _tell(self) -> None:
        facts = frozenset(self.facts())
        if facts != self._told:
            self._told = facts
            self.changed.emit()
