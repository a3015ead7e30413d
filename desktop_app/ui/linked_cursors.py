"""The mouse over one view, marked in the views that move together with it. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from desktop_app.domain.viewport import Point
from desktop_app.ui.canvas_layers.linked_cursor import LinkedCursorLayer
from desktop_app.ui.slide_view import SlideView
from desktop_app.ui.synchronization import Synchronizer


class LinkedCursors:
    """Marks in every view.

    Parameters
    ----------
    synchronizer : Synchronizer
        Knows which views move together, and where a point of one lies in another.
    """

    def __init__(self, synchronizer: Synchronizer) -> None:
        self._synchronizer = synchronizer
        self._layers: dict[SlideView, LinkedCursorLayer] = {}
        self._slots: dict[SlideView, Callable[[object], None]] = {}

    def add(self, view: SlideView) -> None:
        """Mark in a view, and follow the mouse over it."""
        self._layers[view] = LinkedCursorLayer()
        self._slots[view] = partial(self._moved, view)
        view.canvas.add_layer(self._layers[view])
        view.canvas.cursor_moved.connect(self._slots[view])

    def remove(self, view: SlideView) -> None:
        """Let go of a view that is about to be closed."""
        layer, slot = self._layers.pop(view, None), self._slots.pop(view, None)
        if layer is not None and slot is not None:
            view.canvas.cursor_moved.disconnect(slot)
            view.canvas.remove_layer(layer)

    def clear(self) -> None:
        """Take every mark away."""
        for view, layer in self._layers.items():
            self._show(view, layer, None)

    def _moved(self, source: SlideView, point: Point | None) -> None:
        members = () if self._synchronizer.paused else self._synchronizer.members
        for view, layer in self._layers.items():
            marked = point is not None and source in members and view in members and view is not source
            place = self._synchronizer.place_in(view, source, point) if marked and point else None
            self._show(view, layer, place)

    def _show(self, view: SlideView, layer: LinkedCursorLayer, point: Point | None) -> None:
        if layer.show_point(point):
            view.canvas.update()
