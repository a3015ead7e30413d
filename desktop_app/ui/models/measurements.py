"""The lengths and angles that stand on one view's slide.

They are not annotations: they belong to the view, change nothing in the document, and are gone when the
slide is closed. GUI thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.distances import angle_deg, distance
from desktop_app.domain.slide_info import Mpp
from desktop_app.domain.viewport import Point
from desktop_app.ui.translation import tr

MeasureKind: TypeAlias = Literal["length", "angle"]

POINTS_OF: dict[MeasureKind, int] = {"length": 2, "angle": 3}
"""How many places make one; the vertex of an angle is the second."""

MICROMETRES_PER_MM = 1000


@dataclass(frozen=True, slots=True)
class Measurement:
    """One length or angle, finished or being made.

    Attributes
    ----------
    kind : MeasureKind
        What is measured.
    points : tuple[Point, ...]
        Level-0 pixels; fewer than ``POINTS_OF`` while it is being made.
    """

    kind: MeasureKind
    points: tuple[Point, ...]

    def text(self, mpp: Mpp | None) -> str:
        """The value in words: µm or mm (pixels without an mpp), or degrees."""
        if len(self.points) < 2:
            return ""
        if self.kind == "angle" and len(self.points) == POINTS_OF["angle"]:
            first, vertex, second = self.points
            return tr("{angle}°", angle=f"{angle_deg(first, vertex, second, mpp):.1f}")
        return measured_text(distance(self.points[-2], self.points[-1], mpp), calibrated=mpp is not None)

    def with_point(self, number: int, point: Point) -> Measurement:
        """A copy with one place elsewhere."""
        points = [*self.points[:number], point, *self.points[number + 1 :]]
        return Measurement(self.kind, tuple(points))


class Measurements(QObject):
    """What has been measured, the latest last.

    Notes
    -----
    ``changed()`` follows every change.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[Measurement, ...] = ()

    @property
    def items(self) -> tuple[Measurement, ...]:
        """All of them."""
        return self._items

    def __len__(self) -> int:
        return len(self._items)

    def add(self, measurement: Measurement) -> None:
        """Let one more stand."""
        self._set((*self._items, measurement))

    def replace(self, index: int, measurement: Measurement) -> None:
        """Change one."""
        self._set((*self._items[:index], measurement, *self._items[index + 1 :]))

    def remove_last(self) -> None:
        """Take the latest away."""
        self._set(self._items[:-1])

    def clear(self) -> None:
        """Take all away."""
        self._set(())

    def end_at(self, point: Point, reach: float) -> tuple[int, int] | None:
        """Which measurement and which of its places is nearest within ``reach`` (level-0 pixels)."""
        found = [
            (math.dist(place, point), index, number)
            for index, item in enumerate(self._items)
            for number, place in enumerate(item.points)
        ]
        nearest = min(found, default=(math.inf, 0, 0))
        return nearest[1:] if nearest[0] <= reach else None

    def _set(self, items: tuple[Measurement, ...]) -> None:
        if items != self._items:
            self._items = items
            self.changed.emit()


def measured_text(length: float, *, calibrated: bool) -> str:
    """A measured length with the digits that a hand can place: µm, from 1 mm on mm; pixels without an mpp."""
    if not calibrated:
        return tr("{length} px", length=f"{length:.0f}" if length >= 100 else f"{length:.1f}")
    if length >= MICROMETRES_PER_MM:
        return tr("{length} mm", length=f"{length / MICROMETRES_PER_MM:.3f}")
    return tr("{length} µm", length=f"{length:.1f}")
