"""One annotation: a geometry, a class and where it came from.

Annotations live in columns (see ``annotation_snapshot``); this value is a view made on demand, and what an
edit carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from uuid import UUID

from desktop_app.domain.arrays import FloatArray

Color: TypeAlias = tuple[int, int, int]
"""RGB, 0 to 255."""

ShapeKind: TypeAlias = Literal["rectangle", "ellipse", "polygon", "line", "points", "arrow", "note"]
"""What the user drew: an ellipse stores its outline as a polygon of 64 vertices and stays an ellipse as
long as only its bounding box is changed; a ``line`` has two or more vertices, an ``arrow`` is one that points
at its last; ``points`` has one or more positions; a ``note`` is one position with a text, its name."""

AREA_KINDS: frozenset[ShapeKind] = frozenset({"rectangle", "ellipse", "polygon"})
OPEN_KINDS: frozenset[ShapeKind] = frozenset({"line", "arrow"})
POINT_KINDS: frozenset[ShapeKind] = frozenset({"points", "note"})
"""What encloses an area, what has two ends, and what has no extent."""

RoiStatus: TypeAlias = Literal["open", "exhaustive"]
"""How far a ROI is annotated: where it is ``exhaustive``, what nothing covers is background."""

ReviewState: TypeAlias = Literal["unreviewed", "accepted", "edited", "rejected"]


@dataclass(frozen=True, slots=True)
class AnnotationClass:
    """A class that annotations can have.

    Attributes
    ----------
    name : str
        QuPath's dialect: ``"A: B"`` is a derived class; a trailing ``*`` is ignored in measurements.
    color : Color
        Its color.
    """

    name: str
    color: Color


@dataclass(frozen=True, slots=True)
class Origin:
    """What made a model's object, and what a person has said of it.

    Attributes
    ----------
    run_id : str
        The run that made it.
    model : str
        Bundle id or plugin that made it.
    state : ReviewState
        ``"edited"`` as soon as a person changes its geometry or class.
    reviewer, reviewed_at : str
        Who and when (ISO 8601 UTC); empty while unreviewed.
    """

    run_id: str
    model: str
    state: ReviewState = "unreviewed"
    reviewer: str = ""
    reviewed_at: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Annotation:
    """A shape on a slide.

    Attributes
    ----------
    id : UUID
        Stable for life, also through GeoJSON.
    kind : ShapeKind
        What was drawn.
    parts : tuple[tuple[FloatArray, ...], ...]
        Polygon parts, each ``(outer ring, hole, ...)``; a ring is float64 ``(M, 2)`` in level-0 pixels,
        not closed (the last vertex is not the first again). A line or points: one part of one ring.
    class_name : str | None
        None for no class.
    name : str
        Free text; empty for none.
    object_type : str
        QuPath's objectType: annotation, detection, tile, cell, tmaCore.
    color : Color | None
        The object's own color; None for its class's.
    locked : bool
        Cannot be moved or changed by tools.
    hidden : bool
        Not shown on the slide.
    roi : RoiStatus | None
        Whether it is a ROI, and how far that is annotated; None for what is none.
    origin : Origin | None
        None for what a person drew.
    measurements : Mapping[str, float]
        Numbers by name.
    extra : bytes
        JSON object of GeoJSON members that this application does not know, kept through a round trip.
    """

    id: UUID
    kind: ShapeKind
    parts: tuple[tuple[FloatArray, ...], ...]
    class_name: str | None = None
    name: str = ""
    object_type: str = "annotation"
    color: Color | None = None
    locked: bool = False
    hidden: bool = False
    roi: RoiStatus | None = None
    origin: Origin | None = None
    measurements: Mapping[str, float] = field(default_factory=dict)
    extra: bytes = b""
