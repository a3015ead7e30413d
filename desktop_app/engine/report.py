"""The JSON documents of a run: what was done (``.run.json``) and what the model says (``.prediction.json``).

The report holds all that is needed to repeat the run and to doubt it. Of the slide it names the file,
never its folder. Pure functions; any thread.
"""

from __future__ import annotations

import hashlib
import platform
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import orjson

from desktop_app import __version__
from desktop_app.domain.bundle import DEMONSTRATION_WARNING, ModelBundle
from desktop_app.domain.prediction import Prediction
from desktop_app.domain.recipe import Recipe
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.engine.aggregate import attention_percentiles, positive_classes
from desktop_app.engine.artifacts import artifact_areas
from desktop_app.engine.job import Job, Roi
from desktop_app.engine.run_slide import SlideResult, warns_of_demonstration
from desktop_app.engine.steps import Steps
from desktop_app.storage.recipes import recipe_to_mapping

RUN_SCHEMA = "coverslip-run-1"
PREDICTION_SCHEMA = "coverslip-prediction-1"

_LIBRARIES = ("numpy", "scipy", "opencv-python-headless", "openslide-python", "shapely", "torch")


def geojson_offset(info: SlideInfo) -> tuple[float, float]:
    """What the GeoJSON file's coordinates are moved by: QuPath's origin is the scanned part's corner."""
    return (0.0, 0.0) if info.bounds is None else (float(info.bounds[0]), float(info.bounds[1]))


def recipe_digest(recipe: Recipe) -> str:
    """SHA-256 of a recipe, independent of how its file is laid out."""
    return _digest(recipe_to_mapping(recipe))


def step_digest(recipe: Recipe) -> str:
    """SHA-256 of the tissue step alone."""
    return _digest(recipe_to_mapping(recipe)["tissue"])


def request_digest(job: Job, bundle: ModelBundle | None) -> str:
    """SHA-256 of all that was asked of a slide: recipe, model weights, ROI, pixel size."""
    return _digest(
        {
            "recipe": recipe_to_mapping(job.recipe),
            "weights": bundle.sha256 if bundle is not None else None,
            "roi": _roi_mapping(job.roi) if job.roi is not None else None,
            "mpp": None if job.mpp is None else [job.mpp.mpp, job.mpp.force],
        }
    )


def run_report(result: SlideResult, steps: Steps, job: Job) -> dict[str, Any]:
    """The report, without its ``outputs`` and ``seal``."""
    recipe = job.recipe
    return {
        "schema": RUN_SCHEMA,
        "application": {"name": "coverslip", "version": __version__},
        "run_id": job.job_id,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "research_use_only": True,
        "slide": _slide_mapping(result.info),
        "recipe": recipe_to_mapping(recipe),
        "recipe_sha256": recipe_digest(recipe),
        "steps": {name: asdict(identity) for name, identity in steps.identities.items()},
        "model": _model_mapping(steps.bundle) if steps.bundle is not None else None,
        "warning": DEMONSTRATION_WARNING if warns_of_demonstration(steps, result.info) else "",
        "roi": _roi_mapping(job.roi) if job.roi is not None else None,
        "device": {"asked": job.device, "used": "cpu"},
        "upsampling": result.upsampling,
        "tissue": _tissue_mapping(result),
        "artifacts_mm2": {name: round(area, 6) for name, area in artifact_areas(result.artifacts).items()},
        "tiles": _tiles_mapping(result),
        "stain": result.stain.to_json() if result.stain is not None else None,
        "regions": len(result.regions),
        "geojson_offset": geojson_offset(result.info),
        "timings_s": {stage: round(seconds, 3) for stage, seconds in result.timings.items()},
        "versions": _versions(),
        "notes": list(result.notes),
    }


def prediction_document(
    result: SlideResult, prediction: Prediction, bundle: ModelBundle, *, job: Job
) -> dict[str, Any]:
    """What the model says, with the explanation of each tile.

    Locations are in level-0 pixels of the whole canvas, whatever ``geojson_offset`` is.
    """
    warn = bundle.demonstration and not result.info.is_synthetic
    return {
        "schema": PREDICTION_SCHEMA,
        "application": {"name": "coverslip", "version": __version__},
        "run_id": job.job_id,
        "research_use_only": True,
        "slide": {"file": result.info.path.name, "slide_id": result.info.slide_id},
        "model": _model_mapping(bundle),
        "demonstration": bundle.demonstration,
        "warning": DEMONSTRATION_WARNING if warn else "",
        "explanation": prediction.explanation,
        "classes": _class_mappings(prediction, bundle),
        "tiles": _explained_tiles(result, prediction),
    }


def _class_mappings(prediction: Prediction, bundle: ModelBundle) -> list[dict[str, Any]]:
    positive = positive_classes(prediction, bundle)
    return [
        {
            "name": entry.name,
            "color": list(entry.color),
            "logit": float(prediction.logits[number]),
            "probability": float(prediction.probabilities[number]),
            "positive": bool(positive[number]),
            "decision_threshold": entry.decision_threshold,
            "region_threshold": entry.region_threshold,
        }
        for number, entry in enumerate(bundle.classes)
    ]


def _explained_tiles(result: SlideResult, prediction: Prediction) -> dict[str, Any]:
    tiles: dict[str, Any] = {
        "size_level0": list(result.plan.grid.tile),
        "locations": np.ascontiguousarray(result.locations),
    }
    if prediction.contributions is not None:
        tiles["contributions"] = np.ascontiguousarray(prediction.contributions, dtype=np.float64)
    if prediction.attention_logits is not None:
        logits = np.ascontiguousarray(prediction.attention_logits, dtype=np.float64)
        tiles["attention_logits"] = logits
        tiles["attention_percentiles"] = attention_percentiles(logits)
    return tiles


def _slide_mapping(info: SlideInfo) -> dict[str, Any]:
    return {
        "file": info.path.name,
        "slide_id": info.slide_id,
        "size": list(info.size),
        "vendor": info.vendor,
        "objective": info.objective,
        "mpp": list(info.require_mpp()),
        "mpp_source": info.mpp_source,
        "mpp_note": info.mpp_note,
        "bounds": list(info.bounds) if info.bounds is not None else None,
        "synthetic": info.is_synthetic,
    }


def _model_mapping(bundle: ModelBundle) -> dict[str, Any]:
    return {
        "bundle_id": bundle.bundle_id,
        "name": bundle.name,
        "version": bundle.version,
        "licence": bundle.licence,
        "architecture": bundle.architecture,
        "sha256": bundle.sha256,
        "demonstration": bundle.demonstration,
    }


def _tissue_mapping(result: SlideResult) -> dict[str, Any]:
    tissue = result.tissue
    mpp = result.info.require_mpp()
    return {
        "threshold": float(tissue.threshold),
        "mpp": list(tissue.mpp),
        "occupancy": tissue.occupancy,
        "outlines": len(result.outlines),
        "area_mm2": sum(polygon.area for polygon in result.outlines) * mpp[0] * mpp[1] / 1e6,
    }


def _tiles_mapping(result: SlideResult) -> dict[str, Any]:
    """Every tile of the grid under exactly one fate."""
    plan, tiles = result.plan, result.tiles
    return {
        "grid": len(plan.grid),
        "kept": len(tiles.kept),
        "background": plan.background + tiles.background,
        "outside_roi": plan.outside_roi,
        "artifacts": {name: len(indices) for name, indices in plan.artifacts.items()},
        "unreadable": len(tiles.unreadable),
        "size_level0": list(plan.grid.tile),
        "unreadable_tiles": [
            {"location": list(tile.location), "reason": tile.reason} for tile in tiles.unreadable
        ],
    }


def _roi_mapping(roi: Roi) -> dict[str, Any]:
    """The ROI as a GeoJSON geometry in level-0 pixels of the whole canvas."""
    polygons = [[[*ring.tolist(), ring[0].tolist()] for ring in part] for part in roi.rings]
    return {
        "description": roi.description,
        "geometry": {"type": "MultiPolygon", "coordinates": polygons},
    }


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"}
    for library in _LIBRARIES:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:
            # A frozen application may come without the metadata of its libraries.
            versions[library] = str(getattr(sys.modules.get(library), "__version__", "unknown"))
    return versions


def _digest(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
