"""The demonstration model: trained from slide labels only, written as a model bundle.

``python -m desktop_app.demonstration.training`` draws the slides, encodes them, fits Additive MIL and writes
``resources/models/demonstration``. It takes under half an hour on two cores and gives the same bundle for the
same seed on the same machine.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from desktop_app.demonstration.examples import RECIPE, Example, make_examples
from desktop_app.demonstration.fitting import (
    ARCHITECTURE,
    ARCHITECTURE_PARAMS,
    FitSettings,
    Fitted,
    explain,
    fit,
)
from desktop_app.demonstration.scoring import auroc
from desktop_app.demonstration.spec import PATTERN_CLASS
from desktop_app.domain.bundle import ModelBundle, ModelClass
from desktop_app.plugin_host import PluginHost
from desktop_app.storage.bundles import WEIGHTS_NAME, write_bundle
from desktop_app.storage.locations import Locations

BUNDLE_ID = "demonstration"
TRAINING_SEEDS = range(10_000, 10_100)
VALIDATION_SEEDS = range(20_000, 20_040)
HELD_OUT_SEEDS = range(30_000, 30_060)
REGION_PERCENTILE = 99.0
_REGION_COLOR = (200, 0, 90)


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What is trained on, and how.

    Attributes
    ----------
    training_seeds, validation_seeds : Sequence[int]
        One slide each, odd seeds with the pattern; disjoint.
    fit : FitSettings
        How the network is fitted.
    cache : Path | None
        Folder that keeps features between runs.
    processes : int
        Slides drawn at once.
    """

    training_seeds: Sequence[int] = TRAINING_SEEDS
    validation_seeds: Sequence[int] = VALIDATION_SEEDS
    fit: FitSettings = field(default_factory=FitSettings)
    cache: Path | None = None
    processes: int = 2


def train_demonstration_model(plan: TrainingPlan, locations: Locations, *, out: Path) -> ModelBundle:
    """Draw, encode, fit and write the bundle.

    Parameters
    ----------
    plan : TrainingPlan
        Seeds and settings.
    locations : Locations
        Where the plugins are.
    out : Path
        The bundle's folder.

    Raises
    ------
    CoverslipError
        From below.
    """
    seeds = [*plan.training_seeds, *plan.validation_seeds]
    examples = make_examples(
        seeds, locations, cache=plan.cache, processes=plan.processes, progress=_say_progress
    )
    train, validation = examples[: len(plan.training_seeds)], examples[len(plan.training_seeds) :]
    host = PluginHost(locations.bundled_plugins, locations.user_plugins, locations.trust_file)
    aggregator = host.build("aggregator", ARCHITECTURE, ARCHITECTURE_PARAMS)
    fitted = fit(train, validation, aggregator=aggregator, settings=plan.fit, progress=_say)
    return write_model(fitted, train, validation=validation, plan=plan, out=out)


def region_threshold(fitted: Fitted, validation: Sequence[Example]) -> float:
    """The contribution above which a tile belongs to a region.

    The 99th percentile of tile contributions on the validation slides without the pattern, logit units, but
    never below 0: a tile that lowers the logit speaks against the class. Without that bound a negative
    percentile, which depends on how many tiles a slide's logit is spread over, would make regions of
    the many tiles of a large slide that attention passes over and that contribute nearly nothing.
    """
    return max(0.0, negative_percentile(fitted, validation))


def negative_percentile(fitted: Fitted, validation: Sequence[Example]) -> float:
    """99th percentile of tile contributions on slides without the pattern, logit units."""
    negative = [explain(fitted.network, item.features)[1] for item in validation if not item.label]
    return float(np.percentile(np.concatenate(negative), REGION_PERCENTILE))


def write_model(
    fitted: Fitted, train: Sequence[Example], *, validation: Sequence[Example], plan: TrainingPlan, out: Path
) -> ModelBundle:
    """Write a fitted network as the demonstration bundle and return it as read back."""
    from safetensors.torch import save_file

    first = train[0]
    bundle = ModelBundle(
        path=out,
        bundle_id=BUNDLE_ID,
        name="Demonstration model (meaningless on real tissue)",
        version="1.0.0",
        licence="Apache-2.0",
        kind="aggregator",
        architecture=ARCHITECTURE,
        encoder=RECIPE.encoder.use if RECIPE.encoder is not None else "",
        n_features=first.features.shape[1],
        tile_px=RECIPE.tiles.size_px,
        mpp=RECIPE.tiles.mpp,
        classes=(ModelClass(PATTERN_CLASS, _REGION_COLOR, 0.5, region_threshold(fitted, validation)),),
        weights=out / WEIGHTS_NAME,
        sha256="",
        architecture_params=dict(ARCHITECTURE_PARAMS),
        feature_names=first.feature_names,
        demonstration=True,
        training=_training_record(fitted, train, validation=validation, plan=plan),
    )
    with tempfile.TemporaryDirectory(prefix="coverslip-model-") as scratch:
        weights = Path(scratch) / WEIGHTS_NAME
        save_file({name: value.contiguous() for name, value in fitted.network.state_dict().items()}, weights)
        return write_bundle(out, bundle, weights)


def _training_record(
    fitted: Fitted, train: Sequence[Example], *, validation: Sequence[Example], plan: TrainingPlan
) -> dict[str, Any]:
    """How the model came about and what its features looked like, for ``bundle.toml``."""
    features = np.concatenate([example.features for example in train]).astype(np.float64)
    logits = np.array([explain(fitted.network, item.features)[0] for item in validation])
    labels = np.array([item.label for item in validation])
    return {
        "supervision": "slide labels only",
        "slides": "drawn by desktop_app.demonstration, none of real tissue",
        "command": "python -m desktop_app.demonstration.training",
        "seed": plan.fit.seed,
        "training_seeds": _span(plan.training_seeds),
        "validation_seeds": _span(plan.validation_seeds),
        "training_slides": len(train),
        "training_tiles": len(features),
        "validation_slides": len(validation),
        "validation_loss": round(fitted.validation_loss, 6),
        "validation_slide_auroc": round(auroc(logits, labels), 6),
        "region_percentile": REGION_PERCENTILE,
        "region_percentile_value": float(f"{negative_percentile(fitted, validation):.6g}"),
        "steps": plan.fit.steps,
        "restarts": plan.fit.restarts,
        "feature_mean": [float(f"{value:.6g}") for value in features.mean(axis=0)],
        "feature_std": [float(f"{value:.6g}") for value in features.std(axis=0)],
    }


def _span(seeds: Sequence[int]) -> list[int]:
    """The first and the last seed."""
    return [int(min(seeds)), int(max(seeds))]


def main() -> None:
    """The command: parse arguments, train, say where the bundle is."""
    locations = Locations.default()
    parser = argparse.ArgumentParser(prog="python -m desktop_app.demonstration.training", description=__doc__)
    parser.add_argument("--out", type=Path, default=locations.resources / "models" / BUNDLE_ID)
    parser.add_argument("--cache", type=Path, help="folder that keeps features between runs")
    parser.add_argument("--seed", type=int, default=0, help="of the fit; the slides have seeds of their own")
    parser.add_argument("--processes", type=int, default=2, help="slides drawn at once")
    arguments = parser.parse_args()
    started = time.monotonic()
    plan = TrainingPlan(
        fit=replace(FitSettings(), seed=arguments.seed),
        cache=arguments.cache,
        processes=arguments.processes,
    )
    bundle = train_demonstration_model(plan, locations, out=arguments.out)
    _say(f"{bundle.path} written after {(time.monotonic() - started) / 60:.1f} min")


def _say_progress(done: int, total: int) -> None:
    if done % 10 == 0 or done == total:
        _say(f"{done} of {total} slides encoded")


def _say(line: str) -> None:
    import sys

    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
