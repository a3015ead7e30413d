"""Whether what a plugin returned is what its contract promises.

A third-party plugin may return anything, and most wrong answers would not stop a run: they would end up in
its files. So every answer is checked once, where it enters the engine. Pure functions; any thread.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from shapely import Polygon
from shapely.validation import explain_validity

from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.bundle import ModelBundle
from desktop_app.domain.color_maps import LabMap, LevelCurves, SparseMap
from desktop_app.domain.prediction import Prediction
from desktop_app.domain.stain import FittedStain
from desktop_app.domain.tissue import Tissue
from desktop_app.errors import ModelBundleError, PluginRunError
from desktop_app.plugin_api.protocols import Encoder

_SUM_TOLERANCE = 1e-4
"""Contributions may miss their logit by this, absolute or relative; written files promise as much."""


def check_tissue(tissue: Any, use: str) -> Tissue:
    """A tissue detector's answer.

    Parameters
    ----------
    tissue : Any
        As the detector returned it.
    use : str
        ``"plugin_id/provided_id"``, named in the error; so in the other functions.

    Raises
    ------
    PluginRunError
        If it is no ``Tissue``, its mask is not bool ``(H, W)``, an outline is no valid polygon, or a number
        is not finite.
    """
    if not isinstance(tissue, Tissue):
        raise _wrong(use, "a Tissue", tissue)
    mask = np.asarray(tissue.mask)
    if mask.dtype != np.bool_ or mask.ndim != 2 or not mask.size:
        raise _wrong(use, "a bool mask (H, W)", mask)
    if not all(isinstance(polygon, Polygon) for polygon in tissue.polygons):
        raise _wrong(use, "polygons", tissue.polygons)
    for polygon in tissue.polygons:
        if not np.isfinite(polygon.bounds).all() or not polygon.is_valid:
            raise _wrong(use, "valid polygons", explain_validity(polygon))
    if not np.isfinite([*tissue.mpp, tissue.threshold, *(tissue.extent or ())]).all():
        raise _wrong(use, "finite numbers", (tissue.mpp, tissue.threshold, tissue.extent))
    return tissue


def check_stain(stain: Any, use: str) -> FittedStain:
    """A stain normalizer's answer.

    Raises
    ------
    PluginRunError
        If it is no ``FittedStain``, its matrix is not a finite ``(3, 3)``, its intensity not positive, or its
        map of colors no known one of finite numbers.
    """
    if not isinstance(stain, FittedStain):
        raise _wrong(use, "a FittedStain", stain)
    matrix = np.asarray(stain.matrix)
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
        raise _wrong(use, "a finite matrix (3, 3)", matrix)
    if not (np.isfinite(stain.intensity) and stain.intensity > 0):
        raise _wrong(use, "a positive intensity", stain.intensity)
    if stain.color_map is not None and not _is_finite_map(stain.color_map):
        raise _wrong(use, "a map of colors of finite numbers", stain.color_map)
    return stain


def _is_finite_map(color_map: Any) -> bool:
    kinds: dict[type, dict[str, tuple[int, ...]]] = {
        LabMap: {"slope": (3,), "offset": (3,)},
        LevelCurves: {"curves": (3, 256)},
        SparseMap: {"vectors": (3, 2), "target": (3, 2), "price": (), "intensity": (), "dark": ()},
    }
    shapes = kinds.get(type(color_map))
    if shapes is None:
        return False
    values = {name: np.asarray(getattr(color_map, name)) for name in shapes}
    return all(
        value.shape == shapes[name] and value.dtype.kind in "fiu" and bool(np.isfinite(value).all())
        for name, value in values.items()
    )


def check_encoder(encoder: Encoder, use: str) -> Encoder:
    """What an encoder says of itself.

    Raises
    ------
    PluginRunError
        If its number of features is no positive integer, or its names are of another number.
    """
    count: Any = encoder.n_features
    names = encoder.feature_names
    if not isinstance(count, int | np.integer) or count < 1:
        raise _wrong(use, "a positive number of features", count)
    if len(names) not in (0, count):
        raise _wrong(use, f"{count} feature names or none", names)
    return encoder


def check_features(features: Any, shape: tuple[int, int], use: str) -> FloatArray:
    """An encoder's answer to a batch, as float32.

    Parameters
    ----------
    features : Any
        As the encoder returned them.
    shape : tuple[int, int]
        Tiles and features per tile.
    use : str
        Named in the error.

    Raises
    ------
    PluginRunError
        If they are no array of that shape, or not finite as float32.
    """
    wanted = f"{shape} finite float32 numbers as features"
    if not isinstance(features, np.ndarray) or features.shape != shape or features.dtype.kind not in "fiu":
        raise _wrong(use, wanted, features)
    with np.errstate(over="ignore"):
        answer: FloatArray = features.astype(np.float32, copy=False)
    if not np.isfinite(answer).all():
        raise _wrong(use, wanted, features)
    return answer


def check_prediction(prediction: Any, bundle: ModelBundle, n_tiles: int) -> Prediction:
    """An aggregator's answer to a bag.

    Raises
    ------
    ModelBundleError
        If it is no ``Prediction`` of the bundle's classes, a number is missing or not finite, or the
        contributions do not sum to the logits.
    """
    names = tuple(entry.name for entry in bundle.classes)
    if not isinstance(prediction, Prediction) or tuple(prediction.classes) != names:
        raise ModelBundleError(bundle.path, f"it must predict {', '.join(names)}, not {_said(prediction)}")
    n_classes = len(names)
    _check_numbers(bundle, "logits", prediction.logits, (n_classes,))
    _check_numbers(bundle, "probabilities", prediction.probabilities, (n_classes,))
    if prediction.attention_logits is not None:
        _check_numbers(bundle, "attention", prediction.attention_logits, (n_tiles,))
    if prediction.contributions is not None:
        _check_numbers(bundle, "contributions", prediction.contributions, (n_tiles, n_classes))
        sums = np.asarray(prediction.contributions, dtype=np.float64).sum(axis=0)
        if not np.allclose(sums, prediction.logits, rtol=_SUM_TOLERANCE, atol=_SUM_TOLERANCE):
            logits = np.asarray(prediction.logits).tolist()
            raise ModelBundleError(bundle.path, f"its contributions sum to {sums.tolist()}, not to {logits}")
    return prediction


def _check_numbers(bundle: ModelBundle, name: str, values: Any, shape: tuple[int, ...]) -> None:
    array = np.asarray(values)
    if array.shape != shape or array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        raise ModelBundleError(bundle.path, f"it must answer with {shape} finite {name}, not {_said(values)}")


def _wrong(use: str, wanted: str, answer: Any) -> PluginRunError:
    plugin_id, _, provided_id = use.partition("/")
    return PluginRunError(plugin_id, f"{provided_id} must give {wanted}, it gave {_said(answer)}")


def _said(answer: Any) -> str:
    """An answer in a few words: an array by shape and type, anything else as Python shows it, cut short."""
    if isinstance(answer, np.ndarray):
        finite = answer.dtype.kind not in "fc" or bool(np.isfinite(answer).all())
        return f"{answer.shape} {answer.dtype}" + ("" if finite else ", not all finite")
    text = repr(answer)
    return text if len(text) <= 80 else f"{text[:77]}..."
