"""A run's files: made from its result and published as one set.

Results are on disk before anyone is told of them. Runs on the thread of the job.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import orjson

from desktop_app import __version__
from desktop_app.domain.bundle import DEMONSTRATION_WARNING, ModelBundle
from desktop_app.domain.prediction import Prediction
from desktop_app.engine.heat_map_picture import Legend, draw_heat_map
from desktop_app.engine.job import HeatMapUpdate, Job, RunResult
from desktop_app.engine.objects import ObjectSource, all_objects, object_colors
from desktop_app.engine.report import (
    geojson_offset,
    prediction_document,
    request_digest,
    run_report,
    step_digest,
)
from desktop_app.engine.reporter import Reporter
from desktop_app.engine.run_slide import SlideResult, warns_of_demonstration
from desktop_app.engine.steps import Steps
from desktop_app.engine.tile_fates import fates_csv
from desktop_app.plugin_api.slide import SlidePixels
from desktop_app.storage.atomic import write_atomically
from desktop_app.storage.features import FeatureProvenance, write_features
from desktop_app.storage.geojson import write_geojson
from desktop_app.storage.results import REPORT, FileWriter, PublishedSet, Request, publish


def write_results(
    result: SlideResult, slide: SlidePixels, *, steps: Steps, job: Job, reporter: Reporter
) -> RunResult:
    """Write ``<slide>.geojson``, ``.h5``, ``.tiles.csv``, ``.run.json`` and what an aggregator says.

    Parameters
    ----------
    result : SlideResult
        What ``run_slide`` returned.
    slide : SlidePixels
        For the overview under the heat map.
    steps : Steps
        The recipe's plugins.
    job : Job
        Says where.
    reporter : Reporter
        Told of the progress; a cancel counts before anything is written, from then on the set is finished.

    Raises
    ------
    JobCancelledError
        If the user cancelled before.
    StorageError
        If the system refuses; earlier files are untouched then.
    """
    with reporter.stage("write"):
        published = _publish(result, slide, steps=steps, job=job)
        reporter.progress(1, 1)
    paths = published.paths
    return RunResult(
        job_id=job.job_id,
        geojson=paths[".geojson"],
        report=paths[REPORT],
        features=paths.get(".h5"),
        prediction=paths.get(".prediction.json"),
        heatmap=paths.get(".heatmap.png"),
        notes=(*result.notes, published.note) if published.note else result.notes,
    )


def _publish(result: SlideResult, slide: SlidePixels, *, steps: Steps, job: Job) -> PublishedSet:
    source = _source(result, steps, job)
    writers: dict[str, FileWriter] = {".geojson": partial(_write_objects, result, source, steps.bundle)}
    writers[".tiles.csv"] = partial(write_atomically, data=fates_csv(result.plan, result.tiles))
    if result.tiles.features is not None:
        writers[".h5"] = partial(_write_features, result, steps, job)
    if result.prediction is not None and steps.bundle is not None:
        writers |= _prediction_writers(result, result.prediction, slide, bundle=steps.bundle, job=job)

    def make_report(note: str) -> dict[str, Any]:
        report = run_report(result, steps, job)
        return {**report, "notes": [*report["notes"], note]} if note else report

    request = Request(result.info.path.stem, result.info.slide_id, request_digest(job, steps.bundle))
    return publish(job.out, request, writers, make_report)


def _source(result: SlideResult, steps: Steps, job: Job) -> ObjectSource:
    recipe = job.recipe
    model = recipe.encoder.use if recipe.encoder is not None else recipe.tissue.use
    if steps.bundle is not None:
        model = f"{steps.bundle.bundle_id} {steps.bundle.version}"
    return ObjectSource(job.job_id, recipe.tissue.use, model, warns_of_demonstration(steps, result.info))


def _write_objects(result: SlideResult, source: ObjectSource, bundle: ModelBundle | None, path: Path) -> None:
    offset = geojson_offset(result.info)
    write_geojson(path, all_objects(result, source), object_colors(bundle), offset=offset)


def _write_features(result: SlideResult, steps: Steps, job: Job, path: Path) -> None:
    assert steps.encoder is not None
    identity = steps.identities["encoder"]
    provenance = FeatureProvenance(
        encoder=identity.use,
        encoder_sha256=identity.content_hash,
        encoder_params=identity.params,
        stain=result.stain.to_json() if result.stain is not None else None,
        tissue_params_hash=step_digest(job.recipe),
        tool_version=__version__,
        run_id=job.job_id,
        warning=DEMONSTRATION_WARNING if warns_of_demonstration(steps, result.info) else "",
    )
    bag = result.bag(steps.encoder.feature_names)
    write_features(path, bag, info=result.info, settings=job.recipe.tiles, provenance=provenance)


def _prediction_writers(
    result: SlideResult, prediction: Prediction, slide: SlidePixels, *, bundle: ModelBundle, job: Job
) -> dict[str, FileWriter]:
    document = prediction_document(result, prediction, bundle, job=job)
    data = orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
    writers: dict[str, FileWriter] = {".prediction.json": partial(write_atomically, data=data)}
    if result.heat_map is not None:
        legend = _legend(result.heat_map, prediction, bundle)
        picture = draw_heat_map(slide, result.heat_map, boxes=result.boxes, legend=legend)
        writers[".heatmap.png"] = partial(write_atomically, data=picture)
    return writers


def _legend(heat_map: HeatMapUpdate, prediction: Prediction, bundle: ModelBundle) -> Legend:
    if heat_map.quantity == "contribution":
        title = f"Contribution of each tile to {heat_map.class_name} (logit units)"
    else:
        title = "Attention of each tile (logit): where the model looked, not what it saw"
    answers = [
        f"{name}: probability {probability:.3f}"
        for name, probability in zip(prediction.classes, prediction.probabilities, strict=True)
    ]
    model, tiles = f"Model: {bundle.name} {bundle.version}", f"{len(heat_map.values)} tiles"
    return Legend(title, [model, *answers, tiles, f"Coverslip {__version__}"])
