"""A result as annotation objects: tissue, tiles and regions.

Every object that a program made says so: it carries the run, the model and that nobody has reviewed it
yet. Ids are made from the run and the object's place, so writing a run twice gives the same objects and a
new run new ones. Pure functions; any thread.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import orjson

from desktop_app.domain.annotation import Annotation, Color, Origin
from desktop_app.domain.annotation_classes import color_for
from desktop_app.domain.arrays import FloatArray, IntArray
from desktop_app.domain.artifact import ARTIFACT_COLORS
from desktop_app.domain.bundle import DEMONSTRATION_WARNING, ModelBundle
from desktop_app.domain.prediction import Prediction
from desktop_app.domain.regions import rings_of
from desktop_app.engine.aggregate import attention_percentiles
from desktop_app.engine.run_slide import SlideResult

TISSUE = "Tissue"
"""Class of the tissue's outlines."""

_ID_SPACE = uuid.UUID("5d0a7f0e-41c9-4a0c-9f2b-7d1c7b1f3c52")


@dataclass(frozen=True, slots=True)
class ObjectSource:
    """What stands in every object of a run.

    Attributes
    ----------
    run_id : str
        The run.
    tissue_model : str
        The detector, ``"plugin_id/provided_id"``.
    tile_model : str
        The model bundle with its version, else the encoder, else the detector.
    warn : bool
        Whether objects must carry the demonstration model's warning.
    """

    run_id: str
    tissue_model: str
    tile_model: str
    warn: bool

    def object_id(self, kind: str, number: int) -> uuid.UUID:
        """A stable id."""
        return uuid.uuid5(_ID_SPACE, f"{self.run_id} {kind} {number}")


def all_objects(result: SlideResult, source: ObjectSource) -> Iterator[Annotation]:
    """Tissue, then artifacts, regions and tiles."""
    yield from tissue_objects(result, source)
    yield from artifact_objects(result, source)
    yield from region_objects(result, source)
    yield from tile_objects(result, source)


def object_colors(bundle: ModelBundle | None) -> dict[str, Color]:
    """The colors of the classes that a run's objects have."""
    classes = {entry.name: entry.color for entry in bundle.classes} if bundle is not None else {}
    return {TISSUE: color_for(TISSUE), **ARTIFACT_COLORS, **classes}


def tissue_objects(result: SlideResult, source: ObjectSource) -> Iterator[Annotation]:
    """One annotation of class *Tissue* for each outline."""
    origin = Origin(source.run_id, source.tissue_model)
    for number, polygon in enumerate(result.outlines):
        yield Annotation(
            id=source.object_id("tissue", number),
            kind="polygon",
            parts=(rings_of(polygon),),
            class_name=TISSUE,
            origin=origin,
        )


def artifact_objects(result: SlideResult, source: ObjectSource) -> Iterator[Annotation]:
    """One annotation for each outline of an artifact, of its class, whether the recipe excludes it or not."""
    number = 0
    for found in result.artifacts:
        origin = Origin(source.run_id, found.step.use)
        for polygon in found.map.polygons:
            yield Annotation(
                id=source.object_id("artifact", number),
                kind="polygon",
                parts=(rings_of(polygon),),
                class_name=found.map.class_name,
                origin=origin,
            )
            number += 1


def region_objects(result: SlideResult, source: ObjectSource) -> Iterator[Annotation]:
    """One annotation for each region of the model."""
    name, extra = _warning(source)
    for number, region in enumerate(result.regions):
        yield Annotation(
            id=source.object_id("region", number),
            kind="polygon",
            parts=(rings_of(region.area.polygon),),
            class_name=region.class_name,
            name=" - ".join(part for part in (region.name, name) if part),
            origin=Origin(source.run_id, source.tile_model),
            measurements=region.measurements,
            extra=extra,
        )


def tile_objects(result: SlideResult, source: ObjectSource) -> Iterator[Annotation]:
    """One tile object for each kept tile, with its measurements and without a class."""
    name, extra = _warning(source)
    origin = Origin(source.run_id, source.tile_model)
    columns = tile_measurements(result)
    numbers = result.tiles.kept
    for row, box in enumerate(result.boxes):
        yield Annotation(
            id=source.object_id("tile", int(numbers[row])),
            kind="rectangle",
            parts=((_box_ring(box),),),
            name=name,
            object_type="tile",
            origin=origin,
            measurements={key: float(column[row]) for key, column in columns.items()},
            extra=extra,
        )


def tile_measurements(result: SlideResult) -> Mapping[str, FloatArray]:
    """What is measured of each kept tile: columns of float64 ``(N,)`` by name.

    A contribution is named ``contribution: <class>``. QuPath's measurement maps take a measurement named
    exactly as a class for a probability, which a contribution is not.
    """
    columns: dict[str, FloatArray] = {"tissue share": result.tiles.shares}
    if result.prediction is not None:
        columns.update(_explanation(result.prediction))
    return columns


def _explanation(prediction: Prediction) -> dict[str, FloatArray]:
    if prediction.contributions is not None:
        contributions = np.asarray(prediction.contributions)
        return {
            f"contribution: {name}": contributions[:, number]
            for number, name in enumerate(prediction.classes)
        }
    if prediction.attention_logits is not None:
        logits = np.asarray(prediction.attention_logits)
        return {"attention_logit": logits, "attention_percentile": attention_percentiles(logits)}
    return {}


def _warning(source: ObjectSource) -> tuple[str, bytes]:
    """Name and unknown members of a demonstration model's object; nothing for any other."""
    if not source.warn:
        return "", b""
    return DEMONSTRATION_WARNING, orjson.dumps({"metadata": {"warning": DEMONSTRATION_WARNING}})


def _box_ring(box: IntArray) -> FloatArray:
    x0, y0, x1, y1 = (float(edge) for edge in box)
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
