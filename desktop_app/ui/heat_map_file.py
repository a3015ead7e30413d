"""A finished run's ``.prediction.json`` as the window shows it: heat map and summary. Any thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from desktop_app.engine.job import HeatMapUpdate
from desktop_app.errors import StorageError


@dataclass(frozen=True, slots=True)
class PredictedClass:
    """One class of a prediction.

    Attributes
    ----------
    name : str
        The class.
    probability : float
        0 to 1.
    positive : bool
        Whether it reached the model's decision threshold.
    """

    name: str
    probability: float
    positive: bool


@dataclass(frozen=True, slots=True, eq=False)
class PredictionFile:
    """What a prediction file says.

    Attributes
    ----------
    classes : tuple[PredictedClass, ...]
        In the model's order.
    demonstration : bool
        Whether a demonstration model made it.
    warning : str
        The demonstration model's on a slide that the generator did not draw, else empty.
    heat_map : HeatMapUpdate | None
        None for a model that explains nothing.
    """

    classes: tuple[PredictedClass, ...]
    demonstration: bool
    warning: str
    heat_map: HeatMapUpdate | None


def read_prediction(path: Path) -> PredictionFile:
    """Read a prediction file.

    Raises
    ------
    StorageError
        If it cannot be read or is not one.
    """
    try:
        content = orjson.loads(path.read_bytes())
        return _parsed(content)
    except OSError as error:
        raise StorageError(path, error.strerror or str(error)) from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise StorageError(path, "it is not a prediction file") from error


def _parsed(content: dict[str, Any]) -> PredictionFile:
    classes = tuple(
        PredictedClass(str(entry["name"]), float(entry["probability"]), bool(entry["positive"]))
        for entry in content["classes"]
    )
    warning = str(content["warning"])
    demonstration = bool(content["demonstration"])
    return PredictionFile(classes, demonstration, warning, _heat_map(content, classes, bool(warning)))


def _heat_map(
    content: dict[str, Any], classes: tuple[PredictedClass, ...], warns: bool
) -> HeatMapUpdate | None:
    tiles = content["tiles"]
    locations = np.asarray(tiles["locations"], dtype=np.int64).reshape(-1, 2)
    class_name = ""
    if "contributions" in tiles:
        contributions = np.asarray(tiles["contributions"], dtype=np.float32).reshape(len(locations), -1)
        number = int(np.argmax([entry.probability for entry in classes]))
        values, class_name = contributions[:, number], classes[number].name
    elif "attention_logits" in tiles:
        values = np.asarray(tiles["attention_logits"], dtype=np.float32)
    else:
        return None
    width, height = (float(side) for side in tiles["size_level0"])
    return HeatMapUpdate(
        job_id=str(content["run_id"]),
        locations=locations,
        tile_size=(width, height),
        values=values,
        quantity="contribution" if class_name else "attention",
        done=len(locations),
        total=len(locations),
        demonstration=warns,
        class_name=class_name,
    )
