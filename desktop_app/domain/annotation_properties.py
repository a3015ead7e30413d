"""What a person changes in the properties of annotations, as one value that is applied to each of them.

Several objects are edited at once, so every part says either what it becomes or that it stays. Pure, on any
thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final, Literal, TypeAlias, TypeVar

from desktop_app.domain.annotation import AREA_KINDS, Annotation, Color, RoiStatus
from desktop_app.domain.annotation_metadata import metadata_of, with_description, with_metadata

Value = TypeVar("Value")


class _Kept(Enum):
    """The one value that is no value."""

    KEPT = "kept"


Kept: TypeAlias = Literal[_Kept.KEPT]
KEPT: Final = _Kept.KEPT
"""Stands for whatever each object has."""


@dataclass(frozen=True, slots=True)
class PropertyEdit:
    """What changes; what is not said stays in each object as it is.

    Attributes
    ----------
    name, description : str | Kept
        Free text; empty for none.
    class_name : str | None | Kept
        None for no class.
    color : Color | None | Kept
        An own color; None for the class's.
    locked, hidden : bool | Kept
        Both states.
    roi : RoiStatus | None | Kept
        None for what is no ROI; only areas can be one.
    metadata : Mapping[str, str | None]
        Texts by key; None removes a key.
    """

    name: str | Kept = KEPT
    description: str | Kept = KEPT
    class_name: str | Kept | None = KEPT
    color: Color | Kept | None = KEPT
    locked: bool | Kept = KEPT
    hidden: bool | Kept = KEPT
    roi: RoiStatus | Kept | None = KEPT
    metadata: Mapping[str, str | None] = field(default_factory=dict)

    def applied_to(self, annotation: Annotation) -> Annotation:
        """An annotation with the changes; the class of one that is and stays locked is kept."""
        class_name = self.class_name
        if annotation.locked and self.locked is not False:
            class_name = KEPT
        said: dict[str, Any] = {
            "name": self.name,
            "class_name": class_name,
            "color": self.color,
            "locked": self.locked,
            "hidden": self.hidden,
            "roi": self.roi if annotation.kind in AREA_KINDS else KEPT,
        }
        changed = replace(annotation, **{key: value for key, value in said.items() if value is not KEPT})
        if self.metadata:
            merged: dict[str, str | None] = {**metadata_of(changed), **self.metadata}
            kept = {key: value for key, value in merged.items() if value is not None}
            changed = with_metadata(changed, kept)
        return changed if self.description is KEPT else with_description(changed, self.description)


def common(values: Iterable[Value]) -> Value | Kept:
    """The one value that all have; ``KEPT`` where they differ, or where there are none."""
    first, *others = tuple(dict.fromkeys(values)) or (KEPT, KEPT)
    return KEPT if others else first
