"""How the user draws: what a tool makes, and what is shown of annotations.

A part of :class:`desktop_app.storage.settings.Settings`, apart because it is many small choices that belong
together. Any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, TypeAlias, get_args

from desktop_app.domain.roi_stamps import RoiStamp, StampShape, StampUnit

RoiShape: TypeAlias = Literal["rectangle", "ellipse", "polygon", "stamp"]

SMALLEST_BRUSH, LARGEST_BRUSH = 4.0, 500.0
"""Logical pixels on the screen, from side to side."""

WEAKEST_OVERLAY = 0.1

RANGES: Mapping[str, tuple[float, float]] = {
    "brush_size": (SMALLEST_BRUSH, LARGEST_BRUSH),
    "overlay_opacity": (WEAKEST_OVERLAY, 1.0),
    "stamp_width": (1.0, 1_000_000.0),
    "stamp_height": (1.0, 1_000_000.0),
    "stamp_area_mm2": (0.0001, 10_000.0),
    "stamp_mpp": (0.01, 100.0),
}

CHOICES: Mapping[str, tuple[str, ...]] = {
    "roi_shape": get_args(RoiShape),
    "stamp_shape": get_args(StampShape),
    "stamp_unit": get_args(StampUnit),
}


@dataclass(frozen=True, slots=True)
class DrawingSettings:
    """The user's choices.

    Attributes
    ----------
    return_to_move : bool
        Whether Move is in hand again after each shape.
    arrows : bool
        Whether lines point at their end.
    brush_size : float
        Logical pixels on the screen, from side to side.
    names : bool
        Whether annotations' names are written beside them.
    filled : bool
        Whether areas are filled with a faint tint.
    overlay_opacity : float
        0.1 to 1, of everything shown over the slide.
    roi_shape : RoiShape
        What the ROI tool draws; ``"stamp"`` sets one of fixed size.
    roi_exhaustive : bool
        Whether a new ROI counts as annotated in full.
    move_whole : bool
        Whether a drag from inside a selected shape moves it.
    snap : bool
        Whether what is drawn or dragged snaps to the borders of neighbors.
    no_overlap : bool
        Whether new and changed areas give way to areas of other classes.
    stamp_shape, stamp_unit, stamp_width, stamp_height, stamp_area_mm2, stamp_mpp
        See :class:`desktop_app.domain.roi_stamps.RoiStamp`.
    """

    return_to_move: bool = True
    arrows: bool = False
    brush_size: float = 50.0
    names: bool = True
    filled: bool = False
    overlay_opacity: float = 1.0
    roi_shape: RoiShape = "rectangle"
    roi_exhaustive: bool = False
    move_whole: bool = False
    snap: bool = False
    no_overlap: bool = False
    stamp_shape: StampShape = "rectangle"
    stamp_unit: StampUnit = "um"
    stamp_width: float = 500.0
    stamp_height: float = 500.0
    stamp_area_mm2: float = 1.0
    stamp_mpp: float = 0.5

    @property
    def stamp(self) -> RoiStamp:
        """The ROI of fixed size."""
        return RoiStamp(
            self.stamp_shape,
            self.stamp_unit,
            self.stamp_width,
            self.stamp_height,
            self.stamp_area_mm2,
            self.stamp_mpp,
        )

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> DrawingSettings:
        """From a settings file; members that cannot be used keep their default."""
        known = {entry.name for entry in fields(cls)}
        usable = {name: value for name, value in content.items() if name in known and _is_usable(name, value)}
        return replace(cls(), **usable)


def _is_usable(name: str, value: Any) -> bool:
    if name in CHOICES:
        return value in CHOICES[name]
    if name in RANGES:
        low, high = RANGES[name]
        # Booleans are integers in Python.
        return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    return isinstance(value, bool)
