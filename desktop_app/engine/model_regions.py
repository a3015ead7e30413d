"""Regions that a prediction draws on a slide.

A class region comes only from contributions, which are parts of the class's own logit; attention says
where a model looked, not what it saw, and therefore names no class. Pure functions; any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from desktop_app.domain.arrays import IntArray
from desktop_app.domain.bundle import ModelBundle
from desktop_app.domain.prediction import Prediction
from desktop_app.domain.regions import TileRegion, connected_regions
from desktop_app.engine.aggregate import (
    HIGH_ATTENTION_PERCENTILE,
    attention_percentiles,
    positive_classes,
    region_tiles,
)

HIGH_ATTENTION = "High attention"
"""Name of an attention region."""


@dataclass(frozen=True, slots=True, eq=False)
class ModelRegion:
    """One connected area.

    Attributes
    ----------
    area : TileRegion
        Its outline and tiles; indices count the kept tiles.
    class_name : str | None
        None for an attention region.
    name : str
        Free text; empty for a class region.
    measurements : Mapping[str, float]
        Numbers for the table.
    """

    area: TileRegion
    class_name: str | None
    name: str
    measurements: Mapping[str, float]


def draw_regions(
    prediction: Prediction, bundle: ModelBundle, *, boxes: IntArray, on_negative: bool
) -> tuple[ModelRegion, ...]:
    """All regions of a prediction.

    Parameters
    ----------
    prediction : Prediction
        Of all kept tiles.
    bundle : ModelBundle
        Its classes and thresholds.
    boxes : IntArray
        int64 ``(N, 4)``, outlines of the kept tiles.
    on_negative : bool
        Draw a class's regions also where the slide is negative for it.
    """
    if prediction.contributions is not None:
        return tuple(_class_regions(prediction, bundle, boxes, on_negative))
    if prediction.attention_logits is not None:
        return tuple(_attention_regions(prediction, boxes))
    return ()


def _class_regions(
    prediction: Prediction, bundle: ModelBundle, boxes: IntArray, on_negative: bool
) -> Iterator[ModelRegion]:
    contributions = np.asarray(prediction.contributions)
    positive = positive_classes(prediction, bundle)
    for number, entry in enumerate(bundle.classes):
        if not (positive[number] or on_negative):
            continue
        for area in connected_regions(boxes, region_tiles(prediction, number, entry)):
            values = contributions[area.tiles, number]
            measurements = {
                "tiles": float(len(values)),
                f"contribution sum: {entry.name}": float(values.sum()),
                f"contribution max: {entry.name}": float(values.max()),
            }
            yield ModelRegion(area, entry.name, "", measurements)


def _attention_regions(prediction: Prediction, boxes: IntArray) -> Iterator[ModelRegion]:
    percentiles = attention_percentiles(np.asarray(prediction.attention_logits))
    for area in connected_regions(boxes, percentiles > HIGH_ATTENTION_PERCENTILE):
        measurements = {
            "tiles": float(len(area.tiles)),
            "attention_percentile max": float(percentiles[area.tiles].max()),
        }
        yield ModelRegion(area, None, HIGH_ATTENTION, measurements)
