"""Aligning two slides by two points: says what to click next, collects the landmarks, and checks them.

A landmark is clicked in one view and then in the view of the other slide, twice. Panning and zooming work
meanwhile, each view alone. GUI thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from desktop_app.domain.alignment import Alignment, scale_between
from desktop_app.domain.viewport import Point
from desktop_app.ui.slide_view import SlideView
from desktop_app.ui.tools.landmark_tool import LandmarkLayer, LandmarkTool
from desktop_app.ui.translation import tr

PAIRS = 2
"""Landmarks that are asked for."""

LEAST_DISTANCE = 0.08
"""Of the shorter side of what the first view shows: two landmarks closer together say little of the angle."""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What was clicked.

    Attributes
    ----------
    first, second : SlideView
        Views of two slides.
    source, target : tuple[Point, ...]
        The same places on either slide, level-0 pixels.
    mirrored : bool
        Whether one of the sections lies on its other side.
    """

    first: SlideView
    second: SlideView
    source: tuple[Point, ...]
    target: tuple[Point, ...]
    mirrored: bool

    def alignment(self) -> Alignment:
        """From the first slide to the second; the scale is that of the pixel sizes where both are known."""
        scale = scale_between(self.first.info.mpp, self.second.info.mpp)
        return Alignment.from_points(self.source, self.target, scale=scale, mirrored=self.mirrored)

    def stretch(self) -> float:
        """How far the distances of the landmarks differ between the slides: 0.1 is ten percent.

        0 where a pixel size is unknown, so that the distances decide the scale.
        """
        scale = scale_between(self.first.info.mpp, self.second.info.mpp)
        if scale is None:
            return 0.0
        return abs(math.dist(*self.target) / (math.dist(*self.source) * scale) - 1)


class AlignmentGuide(QFrame):
    """A bar that leads through the four clicks; hidden while nothing is being aligned.

    Notes
    -----
    ``found(Landmarks)`` follows the last click; ``ended()`` whenever it is over, before ``found``.
    """

    found = Signal(object)
    ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("info")
        self.setAccessibleName(tr("Align two slides"))
        self._tools: dict[SlideView, LandmarkTool] = {}
        self._layers: dict[SlideView, LandmarkLayer] = {}
        self._clicks: list[tuple[SlideView, Point]] = []
        self._note = ""
        self.text = QLabel()
        self.flipped = QCheckBox(tr("One section is flipped over"))
        self.back_button = QPushButton(tr("Undo last point"))
        self.cancel_button = QPushButton(tr("Cancel"))
        self._build()
        self.hide()

    def _build(self) -> None:
        self.text.setWordWrap(True)
        self.flipped.setToolTip(tr("The tissue is seen from behind in one of the two, as in a mirror"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.addWidget(self.text, 1)
        for widget in (self.flipped, self.back_button, self.cancel_button):
            layout.addWidget(widget)
        self.back_button.clicked.connect(self.take_back)
        self.cancel_button.clicked.connect(self.end)

    @property
    def is_active(self) -> bool:
        """Whether landmarks are being set."""
        return bool(self._tools)

    def begin(self, views: tuple[SlideView, ...]) -> None:
        """Ask for landmarks in these views, which show two slides or more."""
        self.end()
        for view in views:
            self._layers[view] = LandmarkLayer()
            self._tools[view] = LandmarkTool(view.canvas, partial(self._click, view), self.end)
            view.canvas.add_layer(self._layers[view])
            view.canvas.lend_tool(self._tools[view])
        self.flipped.setChecked(len({view.canvas.viewport.mirrored for view in views}) > 1)
        self._refresh()
        self.show()

    def end(self) -> None:
        """Put everything away."""
        if not self.is_active:
            return
        tools, layers = self._tools, self._layers
        self._tools, self._layers, self._clicks, self._note = {}, {}, [], ""
        for view, tool in tools.items():
            view.canvas.remove_layer(layers[view])
            if view.canvas.lent_tool is tool:
                view.canvas.take_back_tool()
        self.hide()
        self.ended.emit()

    def take_back(self) -> None:
        """Take the last point away."""
        if self._clicks:
            self._clicks.pop()
        self._note = ""
        self._refresh()

    def _click(self, view: SlideView, point: Point) -> None:
        self._note = self._objection(view, point)
        if not self._note:
            self._clicks.append((view, point))
        if len(self._clicks) == 2 * PAIRS:
            landmarks = self._landmarks()
            self.end()
            self.found.emit(landmarks)
        else:
            self._refresh()

    def _objection(self, view: SlideView, point: Point) -> str:
        """Why a click cannot be taken; empty if it can."""
        done = len(self._clicks)
        first = self._clicks[0][0] if done else view
        if done == 1 and view.document is first.document:
            return tr("That is the same slide.")
        if done >= 2 and view is not self._clicks[done % 2][0]:
            return tr("That is another view.")
        if done == 2:
            width, height = first.canvas.viewport.size
            least = LEAST_DISTANCE * min(width, height) * first.canvas.viewport.downsample
            if math.dist(point, self._clicks[0][1]) < least:
                return tr("That is too close to the first point.")
        return ""

    def _landmarks(self) -> Landmarks:
        places = [point for _, point in self._clicks]
        return Landmarks(
            self._clicks[0][0],
            self._clicks[1][0],
            tuple(places[::2]),
            tuple(places[1::2]),
            self.flipped.isChecked(),
        )

    def _refresh(self) -> None:
        done = len(self._clicks)
        steps = (
            tr("Click a landmark that both sections show, in either view."),
            tr("Click the same landmark in the view of the other slide."),
            tr("Click a second landmark in the first view, far away from the first one."),
            tr("Click the second landmark in the other view."),
        )
        step = tr("Step {number} of {count}:", number=done + 1, count=2 * PAIRS)
        self.text.setText(f"{self._note} {step} {steps[done]}".strip())
        self.back_button.setEnabled(bool(self._clicks))
        for view, layer in self._layers.items():
            layer.show_points([point for clicked, point in self._clicks if clicked is view])
            view.canvas.update()
