"""A place on a slide that has a name.

Kept per slide as plain JSON; a record that is not whole is left out, for bookmarks are conveniences. Pure;
any thread.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from desktop_app.domain.viewport import Point, Viewport

LONGEST_NAME = 200
"""Characters."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A named view.

    Attributes
    ----------
    name : str
        Not empty.
    center : Point
        Level-0 pixels.
    downsample : float
        Level-0 pixels per device pixel, as :class:`Viewport` has it.
    rotation_deg : float
        Clockwise.
    mirrored : bool
        As :class:`Viewport` has it.
    made : datetime
        When; with a time zone.
    key : str
        Tells it from others of the same name.
    """

    name: str
    center: Point
    downsample: float
    rotation_deg: float = 0.0
    mirrored: bool = False
    made: datetime = field(default_factory=lambda: datetime.now(UTC))
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    @classmethod
    def of(cls, viewport: Viewport, name: str) -> Bookmark:
        """The place that a view shows."""
        view = viewport
        return cls(name, view.center, view.downsample, view.rotation_deg % 360, view.mirrored)

    def applied_to(self, viewport: Viewport) -> Viewport:
        """A view of the same size that shows the place."""
        return Viewport(self.center, self.downsample, self.rotation_deg, viewport.size, self.mirrored)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Bookmark | None:
        """A bookmark as it was kept; None for a record that is not one."""
        try:
            x, y = (float(value) for value in record["center"])
            made = datetime.fromisoformat(record["made"])
            mark = cls(
                checked_name(str(record["name"])),
                (x, y),
                float(record["downsample"]),
                float(record.get("rotation_deg", 0.0)) % 360,
                record.get("mirrored") is True,
                made if made.tzinfo is not None else made.replace(tzinfo=UTC),
                str(record["key"]),
            )
        except (KeyError, TypeError, ValueError, OverflowError):
            return None
        numbers = (*mark.center, mark.downsample, mark.rotation_deg)
        usable = all(math.isfinite(number) for number in numbers) and mark.downsample > 0 and mark.name
        return mark if usable else None

    def as_record(self) -> dict[str, Any]:
        """What is kept of it: JSON's own types."""
        return {
            "key": self.key,
            "name": self.name,
            "center": list(self.center),
            "downsample": self.downsample,
            "rotation_deg": self.rotation_deg,
            "mirrored": self.mirrored,
            "made": self.made.isoformat(timespec="seconds"),
        }


def checked_name(name: str) -> str:
    """A name on one line and of a sensible length; empty if nothing is left."""
    return " ".join(name.split())[:LONGEST_NAME]
