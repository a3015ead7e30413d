"""How the user wants things shown over the slide: grid, circle, crosshair, and what the minimap shows.

A part of :class:`desktop_app.storage.settings.Settings`, apart because it is many small choices that belong
together. Any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

SMALLEST_SPACING, LARGEST_SPACING = 1.0, 100_000.0
"""µm, or level-0 pixels, between two lines of the grid."""

SMALLEST_FIELD_MM2, LARGEST_FIELD_MM2 = 0.001, 100.0

MINIMAP_SIZES = (130, 190, 300)
"""Logical pixels of the minimap's longer side: small, medium, large."""

RANGES: Mapping[str, tuple[float, float]] = {
    "grid_spacing_um": (SMALLEST_SPACING, LARGEST_SPACING),
    "grid_spacing_px": (SMALLEST_SPACING, LARGEST_SPACING),
    "field_area_mm2": (SMALLEST_FIELD_MM2, LARGEST_FIELD_MM2),
}


@dataclass(frozen=True, slots=True)
class OverlaySettings:
    """The user's choices.

    Attributes
    ----------
    grid : bool
        Whether the grid is shown.
    grid_spacing_um, grid_spacing_px : float
        Between two lines; the second where a slide's pixel size is unknown.
    field : bool
        Whether the high-power field's circle is shown.
    field_area_mm2 : float
        Its area; a field number of 22 at 40× sees 0.55 mm across, 0.2376 mm².
    crosshair : bool
        Whether the middle of the view is marked.
    minimap_size : int
        One of ``MINIMAP_SIZES``.
    minimap_coverage, minimap_heat_map, minimap_annotations, minimap_bookmarks : bool
        Whether the minimap shows what has been seen, the heat map, the annotations, the bookmarks.
    record_coverage : bool
        Whether it is kept at all what has been seen of a slide.
    """

    grid: bool = False
    grid_spacing_um: float = 250.0
    grid_spacing_px: float = 1000.0
    field: bool = False
    field_area_mm2: float = 0.2376
    crosshair: bool = False
    minimap_size: int = MINIMAP_SIZES[1]
    minimap_coverage: bool = False
    minimap_heat_map: bool = True
    minimap_annotations: bool = True
    minimap_bookmarks: bool = True
    record_coverage: bool = True

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> OverlaySettings:
        """From a settings file; members that cannot be used keep their default."""
        known = {entry.name for entry in fields(cls)}
        usable = {name: value for name, value in content.items() if name in known and _is_usable(name, value)}
        return replace(cls(), **usable)


def _is_usable(name: str, value: Any) -> bool:
    if name == "minimap_size":
        return value in MINIMAP_SIZES
    if name in RANGES:
        low, high = RANGES[name]
        # Booleans are integers in Python.
        return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    return isinstance(value, bool)
