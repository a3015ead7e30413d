"""How a canvas's view gets from where it is to where it is wanted: at once, or moving there.

A place that was asked for is always reached to the bit, also when a hand interrupts on the way; only what
coasts or is driven stops where it is. GUI thread.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF

from desktop_app.domain.movement import (
    JUMP_S,
    TURN_S,
    ZOOM_S,
    Coast,
    Drive,
    Glide,
    Movement,
    is_near,
)
from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.canvas.motion import Motion

if TYPE_CHECKING:
    from desktop_app.ui.canvas.slide_canvas import SlideCanvas


@dataclass(frozen=True, slots=True)
class MovementStyle:
    """How the user wants the slide to answer.

    Attributes
    ----------
    animated : bool
        Whether it glides and coasts; else every movement is done at once.
    touchpad_pans : bool
        Whether two fingers on a touchpad move the slide (where the system tells it from a wheel).
    wheel_reversed : bool
        Whether turning the wheel away from oneself zooms out.
    """

    animated: bool = False
    touchpad_pans: bool = True
    wheel_reversed: bool = False


class ViewMover(QObject):
    """Moves the view of one canvas.

    Parameters
    ----------
    canvas : SlideCanvas
        Its owner.

    Attributes
    ----------
    style : MovementStyle
        What the user chose.
    fitted : bool
        Whether the view is to show the whole slide, also after a resize; every movement ends that.
    """

    def __init__(self, canvas: SlideCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._motion = Motion(canvas, parent=self)
        self._zooming = False
        self.style = MovementStyle()
        self.fitted = True

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing moves by itself."""
        return self._motion.movement is None

    @property
    def target(self) -> Viewport:
        """Where the view will be once it has come to rest; where it is, if that is not decided."""
        movement = self._motion.movement
        return movement.end if isinstance(movement, Glide) else self._canvas.viewport

    def settle(self) -> None:
        """A hand is on the slide: what was asked for is there now, what coasts stops."""
        if isinstance(self._motion.movement, Glide):
            self._motion.finish()
        elif self._motion.movement is not None:
            self.stop()

    def stop(self) -> None:
        """Stay where the view is now."""
        if not self.is_at_rest:
            self._motion.stop()
            self._canvas.show_step(self._canvas.viewport, None)

    def set(self, viewport: Viewport) -> None:
        """Be there at once."""
        self.fitted = False
        self._motion.stop()
        self._canvas.show_step(viewport, None)

    def glide_to(self, viewport: Viewport, duration_s: float = JUMP_S) -> None:
        """Go there, at once where nothing is to be seen on the way."""
        start, end = self._canvas.viewport, self._canvas.on_slide(viewport)
        self._zooming = self.fitted = False
        if self.style.animated and start != end and is_near(start, end) and self._canvas.isVisible():
            self._begin(Glide(start, end, duration_s))
        else:
            self.set(end)

    def turn_to(self, viewport: Viewport) -> None:
        """Go to the same place seen at another angle."""
        self.glide_to(viewport, TURN_S)

    def zoom_by(self, factor: float, about: Point | None) -> None:
        """Zoom about a device pixel, on top of the zoom that is under way."""
        if self._canvas.slide is None:
            return
        going = self._zooming and not self.is_at_rest
        downsample = (self.target if going else self._settled()).downsample / factor
        here = self._canvas.viewport
        # At the limit of zooming the place under the mouse stays, too.
        reachable = self._canvas.on_slide(replace(here, downsample=downsample)).downsample
        self.glide_to(here.with_downsample(reachable, about), ZOOM_S)
        self._zooming = True

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by device pixels, at once."""
        self.settle()
        self.set(self._canvas.viewport.panned(dx, dy))

    def hold(self, slide_point: Point, view_point: Point) -> None:
        """Bring a level-0 position under a device pixel, at once."""
        self.settle()
        self.set(self._canvas.viewport.holding(slide_point, view_point))

    def scale_now(self, factor: float, about: Point) -> None:
        """Zoom about a device pixel as fingers do, who animate it themselves."""
        here = self._settled()
        reachable = self._canvas.on_slide(replace(here, downsample=here.downsample / factor)).downsample
        self.set(here.with_downsample(reachable, about))

    def turn_now(self, degrees: float, about: Point) -> None:
        """Turn clockwise about a device pixel as fingers do."""
        self.set(self._settled().rotated(degrees, about))

    def device_point(self, position: QPointF) -> Point:
        """Device pixels of a logical position or distance."""
        return self._canvas.device_point(position)

    def coast(self, velocity: Point) -> None:
        """Go on at this speed (device pixels per second of the picture) and slow down."""
        if self.style.animated:
            self._begin(Coast(self._canvas.viewport, velocity, self._canvas.dpr))

    def drive(self, direction: tuple[int, int], *, factor: float, age_s: float) -> None:
        """Move until told otherwise; see :class:`desktop_app.domain.movement.Drive`."""
        self._begin(Drive(self._canvas.viewport, direction, factor, age_s))

    def let_go(self) -> None:
        """Drive no more, but coast."""
        movement = self._motion.movement
        if isinstance(movement, Drive):
            velocity = movement.velocity(self._motion.elapsed_s)
            self.stop()
            if velocity != (0.0, 0.0):
                self.coast(velocity)

    def _settled(self) -> Viewport:
        self.settle()
        return self._canvas.viewport

    def _begin(self, movement: Movement) -> None:
        self.fitted = self.fitted and isinstance(movement, Glide)
        self._motion.begin(movement, screen_hz=self._canvas.screen().refreshRate())
