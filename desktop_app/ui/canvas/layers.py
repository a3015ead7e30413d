"""The contracts between the canvas and what is shown or done on it.

A layer paints, a tool answers to the mouse; the canvas knows neither kind by name. Everything here runs
on the GUI thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from PySide6.QtCore import Qt, SignalInstance
from PySide6.QtGui import QCursor, QPainter

from desktop_app.domain.viewport import Point, Viewport

Cursor: TypeAlias = Qt.CursorShape | QCursor


class CanvasLayer(Protocol):
    """Something painted above the slide; layers are painted in the order they were added.

    Attributes
    ----------
    visible : bool
        An invisible layer is not painted.
    opacity : float
        0 to 1; the layer applies it itself, as it knows what must stay readable.
    """

    visible: bool
    opacity: float

    def paint(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint what the viewport shows.

        Parameters
        ----------
        painter : QPainter
            In device pixels; it may be changed freely, the canvas restores it.
        viewport : Viewport
            What is seen.
        dpr : float
            Device pixels per logical pixel: line widths and font sizes are multiplied by it.
        """


@runtime_checkable
class NotifyingLayer(Protocol):
    """A layer that says by itself when it must be painted again.

    Attributes
    ----------
    updated : SignalInstance
        Without arguments; the canvas repaints itself.
    """

    updated: SignalInstance


@runtime_checkable
class OftenEmptyLayer(Protocol):
    """A layer that mostly has nothing to show.

    Attributes
    ----------
    is_empty : bool
        Whether it would paint nothing at all.
    """

    @property
    def is_empty(self) -> bool:
        """Whether it would paint nothing at all."""


@runtime_checkable
class LegendLayer(Protocol):
    """A layer with something to read, which no other layer may cover."""

    def paint_legend(self, painter: QPainter, viewport: Viewport, dpr: float) -> None:
        """Paint it, above all layers; arguments as for :meth:`CanvasLayer.paint`."""


@dataclass(frozen=True, slots=True)
class ToolEvent:
    """A mouse event as a tool sees it.

    Attributes
    ----------
    position : Point
        Level-0 pixels.
    view_position : Point
        Device pixels.
    button : Qt.MouseButton
        The button of a press, release or double click; ``NoButton`` for a move.
    modifiers : Qt.KeyboardModifier
        Shift, Ctrl, Alt at that moment.
    slide_px_per_view_px : float
        Level-0 pixels per device pixel, for tolerances.
    buttons : Qt.MouseButton
        All buttons held, for moves.
    dpr : float
        Device pixels per logical pixel; a tolerance of 3 logical pixels is
        ``3 * dpr * slide_px_per_view_px`` level-0 pixels.
    """

    position: Point
    view_position: Point
    button: Qt.MouseButton
    modifiers: Qt.KeyboardModifier
    slide_px_per_view_px: float
    buttons: Qt.MouseButton = Qt.MouseButton.NoButton
    dpr: float = 1.0


class CanvasTool(Protocol):
    """What the left and right buttons do; middle button and Space pan whatever the tool.

    Every method that returns a bool says whether the event was used. An unused left press pans. After
    every event that reached the tool the canvas asks for ``cursor`` again and, if it was used, repaints.

    Attributes
    ----------
    cursor : Cursor
        Shape of the mouse cursor over the slide.
    """

    @property
    def cursor(self) -> Cursor:
        """Shape of the mouse cursor over the slide."""

    def press(self, event: ToolEvent) -> bool:
        """A button went down."""

    def move(self, event: ToolEvent) -> bool:
        """The mouse moved, with or without a button held."""

    def release(self, event: ToolEvent) -> bool:
        """A button went up."""

    def double_click(self, event: ToolEvent) -> bool:
        """The second press of a double click (it replaces that press)."""

    def key_press(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """A key went down (``Qt.Key`` as int); comes before the canvas's own keys."""

    def cancel(self) -> None:
        """Give up what is unfinished: another tool or slide was chosen."""

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Paint what is being drawn, above all layers; ``painter`` in device pixels."""


@runtime_checkable
class WheelTool(Protocol):
    """A tool with a size that the wheel changes while a key is held."""

    def wheel(self, notches: float, modifiers: Qt.KeyboardModifier) -> bool:
        """The wheel was turned; whether that was meant for the tool and not for the slide."""


@runtime_checkable
class PausingTool(Protocol):
    """A tool whose work takes several presses, and outlives one that turned out to be none.

    Attributes
    ----------
    unfinished : bool
        Whether something has been begun.
    """

    @property
    def unfinished(self) -> bool:
        """Whether something has been begun."""

    def let_go(self) -> None:
        """A second finger came: take back what the press did, and nothing more."""
