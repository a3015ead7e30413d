"""Wheels, touchpads and touch screens: turning, sliding and pinching become zooming, panning and turning.

A wheel zooms. Two fingers on a touchpad pan where the system tells a touchpad from a wheel and the user
has not chosen otherwise; with Ctrl they zoom, which is also how some systems report a pinch. A pinch zooms
and, once the fingers were clearly meant to, turns. GUI thread.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QPinchGesture

from desktop_app.ui.canvas.view_mover import ViewMover

ZOOM_PER_NOTCH = 1.25
NOTCH = 120
"""Eighths of a degree in one notch of a wheel; touchpads send fractions."""

PIXELS_PER_NOTCH = 50.0
"""Logical pixels that two fingers slide for the zoom of one notch."""

TURN_FROM = 12.0
"""Degrees by which fingers must turn before the slide does: nobody pinches without turning a little."""

Gesture = Qt.NativeGestureType


class Touch:
    """Moves a view by wheel and fingers.

    Parameters
    ----------
    mover : ViewMover
        What moves the view.
    """

    def __init__(self, mover: ViewMover) -> None:
        self._mover = mover
        self._turned = 0.0

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom about the mouse, or pan."""
        if self._pans(event):
            delta = QPointF(event.pixelDelta() if event.hasPixelDelta() else event.angleDelta() / 8)
            self._mover.pan(*self._mover.device_point(delta))
            return
        notches = self._notches(event)
        if notches:
            self._mover.zoom_by(ZOOM_PER_NOTCH**notches, self._mover.device_point(event.position()))

    def native(self, event: QNativeGestureEvent) -> bool:
        """A touchpad's own gesture; whether it was one that means something here."""
        kind, about = event.gestureType(), self._mover.device_point(event.position())
        if kind == Gesture.ZoomNativeGesture:
            self._mover.scale_now(max(0.1, 1 + event.value()), about)
        elif kind == Gesture.RotateNativeGesture:
            self._turn(event.value(), about)
        elif kind in (Gesture.BeginNativeGesture, Gesture.EndNativeGesture):
            self._turned = 0.0
        return kind in (Gesture.ZoomNativeGesture, Gesture.RotateNativeGesture)

    def pinch(self, gesture: QPinchGesture, about: QPointF) -> None:
        """Two fingers on a touch screen: they hold what is under them.

        Parameters
        ----------
        gesture : QPinchGesture
            Its latest step.
        about : QPointF
            Its middle in the canvas's logical pixels.
        """
        if gesture.state() == Qt.GestureState.GestureStarted:
            self._turned = 0.0
        if _is_repeated(gesture):
            return
        middle = self._mover.device_point(about)
        moved = gesture.centerPoint() - gesture.lastCenterPoint()
        self._mover.pan(*self._mover.device_point(moved))
        if gesture.scaleFactor() > 0:
            self._mover.scale_now(gesture.scaleFactor(), middle)
        self._turn(gesture.rotationAngle() - gesture.lastRotationAngle(), middle)

    def _turn(self, degrees: float, about: tuple[float, float]) -> None:
        before, self._turned = self._turned, self._turned + degrees
        if abs(before) >= TURN_FROM:
            self._mover.turn_now(degrees, about)
        elif abs(self._turned) >= TURN_FROM:
            self._mover.turn_now(self._turned - math.copysign(TURN_FROM, self._turned), about)

    def _pans(self, event: QWheelEvent) -> bool:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier or not self._mover.style.touchpad_pans:
            return False
        return is_touchpad(event)

    def _notches(self, event: QWheelEvent) -> float:
        # With Alt some systems turn a wheel sideways; sideways alone means nothing here.
        turned: QPoint = event.angleDelta()
        notches = turned.y() / NOTCH
        if is_touchpad(event) and event.hasPixelDelta():
            notches = event.pixelDelta().y() / PIXELS_PER_NOTCH
        return -notches if self._mover.style.wheel_reversed else notches


def _is_repeated(gesture: QPinchGesture) -> bool:
    """Whether this step was told before: Qt tells each one twice."""
    return (gesture.scaleFactor(), gesture.centerPoint(), gesture.rotationAngle()) == (
        gesture.lastScaleFactor(),
        gesture.lastCenterPoint(),
        gesture.lastRotationAngle(),
    )


def whole_notches(event: QWheelEvent) -> float:
    """The notches of a wheel that has them, in either direction of turning; 0 for anything finer.

    With Alt some systems turn a wheel sideways. A touchpad's pinch may come as fine steps with Ctrl.
    """
    turned = event.angleDelta().y() or event.angleDelta().x()
    return 0.0 if is_touchpad(event) or turned % NOTCH else turned / NOTCH


def is_touchpad(event: QWheelEvent) -> bool:
    """Whether two fingers were slid and no wheel was turned, as far as the system tells."""
    if event.phase() == Qt.ScrollPhase.NoScrollPhase:
        return False
    return event.hasPixelDelta() or event.deviceType() == QInputDevice.DeviceType.TouchPad
