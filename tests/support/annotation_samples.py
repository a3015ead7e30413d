"""Annotations for tests: a few of every kind, many at random, and a way to compare states."""

from __future__ import annotations

from uuid import UUID, uuid4

import numpy as np

from desktop_app.domain.annotation import Annotation, Origin
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot


def square(x: float, y: float, size: float = 100.0, **fields: object) -> Annotation:
    ring = np.array([[x, y], [x + size, y], [x + size, y + size], [x, y + size]])
    return Annotation(**{"id": uuid4(), "kind": "rectangle", "parts": ((ring,),), **fields})


def circle(x: float, y: float, radius: float, **fields: object) -> Annotation:
    turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    ring = np.column_stack([x + radius * np.cos(turn), y + radius * np.sin(turn)])
    return Annotation(**{"id": uuid4(), "kind": "ellipse", "parts": ((ring,),), **fields})


def one_of_each() -> list[Annotation]:
    hole = np.array([[20.0, 20], [40, 20], [30, 40]])
    outer = np.array([[0.0, 0], [100, 10.25], [90, 120.5], [-5, 80]])
    far = outer + 1000
    model = Origin("run-1", "demonstration", "edited", "Mina", "2026-01-02T03:04:05.000+00:00")
    return [
        square(10, 20, class_name="Tumor", name="área 1", locked=True),
        circle(500, 400, 60, class_name="Immune cells: CD3", color=(1, 2, 3)),
        Annotation(
            uuid4(), "polygon", ((outer, hole), (far,)), origin=model, measurements={"a": 1.5, "b": -2.0}
        ),
        Annotation(uuid4(), "line", ((outer[:3],),), class_name="종양"),
        Annotation(uuid4(), "points", ((outer,),), object_type="detection", extra=b'{"properties":{"x":1}}'),
        Annotation(uuid4(), "points", ((outer[:1],),)),
        Annotation(uuid4(), "arrow", ((outer[:2],),), hidden=True),
        Annotation(uuid4(), "note", ((outer[1:2],),), name="mitosis?"),
        square(700, 20, roi="exhaustive"),
        square(900, 20, roi="open", locked=True),
    ]


def content(annotation: Annotation) -> tuple[object, ...]:
    """Everything an annotation says, in a form that compares."""
    parts = tuple(tuple(tuple(map(tuple, ring.tolist())) for ring in part) for part in annotation.parts)
    return (
        annotation.id,
        annotation.kind,
        parts,
        annotation.class_name,
        annotation.name,
        annotation.object_type,
        annotation.color,
        annotation.locked,
        annotation.hidden,
        annotation.roi,
        annotation.origin,
        tuple(annotation.measurements.items()),
        annotation.extra,
    )


def state(snapshot: AnnotationSnapshot) -> tuple[object, dict[UUID, tuple[object, ...]]]:
    """A snapshot in a form that compares, whatever the order of its objects."""
    return snapshot.classes, {a.id: content(a) for a in snapshot.iter_annotations()}
