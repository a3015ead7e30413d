"""The demonstration model on slides it has not seen, beside three baselines.

``python tests/benchmarks/demonstration/evaluate.py`` draws the held-out slides, runs the committed
bundle on them and writes the table of ``README.md`` beside this file. Not part of the tests: it takes about
half an hour on two cores, since the baselines need the training slides too (``--cache`` keeps features).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from shapely import Polygon
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from desktop_app.demonstration.examples import Example, example_spec, make_example, make_examples
from desktop_app.demonstration.fitting import ARCHITECTURE, ARCHITECTURE_PARAMS, FitSettings, explain, fit
from desktop_app.demonstration.layout import Layout
from desktop_app.demonstration.scoring import (
    POSITIVE_SHARE,
    auroc,
    bootstrap_interval,
    pattern_shares,
    shares_auroc,
)
from desktop_app.demonstration.spec import SlideSpec
from desktop_app.demonstration.training import BUNDLE_ID, HELD_OUT_SEEDS, TRAINING_SEEDS, VALIDATION_SEEDS
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.bundle import ModelBundle
from desktop_app.plugin_host import PluginHost
from desktop_app.storage.bundles import find_bundle
from desktop_app.storage.locations import Locations

README = Path(__file__).with_name("README.md")
COMMAND = "python tests/benchmarks/demonstration/evaluate.py"
LARGE_SEEDS = range(40_000, 40_004)
POOLS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "mean": lambda features: features.mean(axis=0),
    "max": lambda features: features.max(axis=0),
    "min": lambda features: features.min(axis=0),
}


@dataclass(frozen=True, slots=True)
class Scores:
    """One row: a score per slide, and one per tile of each slide where there are any."""

    name: str
    slides: FloatArray
    tiles: tuple[FloatArray, ...] = ()


def model_scores(bundle: ModelBundle, aggregator: Any, examples: Sequence[Example]) -> Scores:
    """The committed bundle, opened as the application opens it."""
    model = aggregator.open(bundle)
    predictions = [model.predict(example.features) for example in examples]
    return Scores(
        "Demonstration model (Additive MIL, slide labels only)",
        np.array([prediction.logits[0] for prediction in predictions]),
        tuple(prediction.contributions[:, 0] for prediction in predictions),
    )


def mean_rgb_scores(train: Sequence[Example], examples: Sequence[Example]) -> Scores:
    """Logistic regression on the mean color of each slide's tissue."""
    colors = np.array([example.mean_rgb for example in train])
    classifier = make_pipeline(StandardScaler(), LogisticRegression())
    classifier.fit(colors, [example.label for example in train])
    held_out = np.array([example.mean_rgb for example in examples])
    return Scores("Mean RGB of the tissue, logistic regression", classifier.decision_function(held_out))


def permuted_scores(
    aggregator: Any, train: Sequence[Example], validation: Sequence[Example], examples: Sequence[Example]
) -> Scores:
    """The same training on labels that were dealt out anew."""
    rng = np.random.default_rng(7)
    fitted = fit(
        _permuted(train, rng),
        _permuted(validation, rng),
        aggregator=aggregator,
        settings=replace(FitSettings(), restarts=1),
    )
    explained = [explain(fitted.network, example.features) for example in examples]
    return Scores(
        "The same training on permuted labels",
        np.array([logit for logit, _ in explained]),
        tuple(contributions for _, contributions in explained),
    )


def single_component_scores(train: Sequence[Example], examples: Sequence[Example]) -> Scores:
    """The texture component, pooled over the tiles, that separates the training slides best."""
    labels = np.array([example.label for example in train])
    candidates = []
    for pool, take in POOLS.items():
        pooled = np.array([take(example.features) for example in train])
        areas = np.array([auroc(column, labels) for column in pooled.T])
        component = int(np.argmax(np.abs(areas - 0.5)))
        candidates.append((abs(areas[component] - 0.5), pool, component, np.sign(areas[component] - 0.5)))
    _, pool, component, sign = max(candidates)
    name = train[0].feature_names[component]
    return Scores(
        f"Best single texture component (`{name}`, {pool} over tiles, chosen on the training slides)",
        np.array([sign * POOLS[pool](example.features)[component] for example in examples]),
        tuple(sign * example.features[:, component] for example in examples),
    )


def best_tile_component(train: Sequence[Example], examples: Sequence[Example]) -> Scores:
    """The component that finds the drawn regions of the training slides best: it sees the truth."""
    features = np.concatenate([example.features for example in train])
    shares = np.concatenate([example.shares for example in train])
    areas = np.array([shares_auroc(shares, column) for column in features.T])
    component = int(np.argmax(np.abs(areas - 0.5)))
    sign = np.sign(areas[component] - 0.5)
    tiles = tuple(sign * example.features[:, component] for example in examples)
    return Scores(
        f"Best single component for tiles (`{train[0].feature_names[component]}`, chosen by the drawn truth)",
        np.array([values.max() for values in tiles]),
        tiles,
    )


def row(scores: Scores, examples: Sequence[Example], mimics: Sequence[FloatArray]) -> str:
    """One line of the table; ``mimics`` holds each tile's share on a follicle."""
    labels = np.array([example.label for example in examples])
    slide_interval = bootstrap_interval(
        lambda drawn: auroc(scores.slides[drawn], labels[drawn]), len(examples)
    )
    cells = [scores.name, _with_interval(auroc(scores.slides, labels), slide_interval), "-", "-"]
    if scores.tiles:
        everything = [example.shares for example in examples]
        hard = [_against_mimics(*shares) for shares in zip(everything, mimics, strict=True)]
        cells[2:] = [_mean_tile_auroc(shares, scores.tiles) for shares in (everything, hard)]
    return f"| {' | '.join(cells)} |"


def follicle_shares(example: Example) -> FloatArray:
    """The share of each tile on a follicle: crowded small nuclei, as dark as the pattern."""
    spec = example_spec(example.seed)
    follicles = [Polygon(ring / spec.mpp) for ring in Layout.draw(spec).follicles]
    return pattern_shares(example.locations, example.tile_size, follicles)


def _against_mimics(shares: FloatArray, mimic_shares: FloatArray) -> FloatArray:
    """Pattern shares in which every tile that is neither pattern nor mostly follicle is NaN."""
    return np.where((shares > 0) | (mimic_shares >= POSITIVE_SHARE), shares, np.nan)


def _mean_tile_auroc(shares: Sequence[FloatArray], tiles: Sequence[FloatArray]) -> str:
    """Over the slides that have tiles of both kinds, with its interval."""
    areas = np.array([shares_auroc(part, values) for part, values in zip(shares, tiles, strict=True)])
    areas = areas[np.isfinite(areas)]
    interval = bootstrap_interval(lambda drawn: float(areas[drawn].mean()), len(areas))
    return _with_interval(float(areas.mean()), interval)


def large_section(bundle: ModelBundle, aggregator: Any, locations: Locations) -> list[str]:
    """What the model says of slides of the size that ``coverslip demo`` draws."""
    model = aggregator.open(bundle)
    threshold = bundle.classes[0].region_threshold
    heads = ["Seed", "Pattern", "Tiles", "Probability", "Tile AUROC", "Pattern tiles in regions"]
    lines = [f"| {' | '.join([*heads, 'Other tiles in regions'])} |", "|---" * 7 + "|"]
    for seed in LARGE_SEEDS:
        spec = SlideSpec.draw(seed, label=seed % 2 == 1)
        with tempfile.TemporaryDirectory() as scratch:
            example = make_example(spec, locations, folder=Path(scratch), threads=2)
        prediction = model.predict(example.features)
        contributions = prediction.contributions[:, 0]
        inside, outside = example.shares >= 0.5, example.shares == 0
        lines.append(
            f"| {seed} | {'yes' if spec.label else 'no'} | {len(contributions)} "
            f"| {prediction.probabilities[0]:.3f} | {_number(shares_auroc(example.shares, contributions))} "
            f"| {_percent(contributions[inside] > threshold)} "
            f"| {_percent(contributions[outside] > threshold)} |"
        )
    return lines


def report(rows: Sequence[str], large: Sequence[str], examples: Sequence[Example]) -> str:
    """The whole README."""
    positives = sum(example.label for example in examples)
    tiles = sum(len(example.features) for example in examples)
    return "\n".join(
        [
            "# The demonstration model on held-out slides",
            "",
            f"    {COMMAND}",
            "",
            f"{len(examples)} synthetic slides that training never saw (seeds {examples[0].seed} to "
            f"{examples[-1].seed}), {positives} of them with the pattern, {tiles} tiles of 128 µm. "
            "Intervals are 95 % percentile intervals of 2000 bootstrap draws over slides. The tile AUROC is "
            "the mean over slides with the pattern: a tile is positive if at least half of it is pattern, "
            "negative if nothing of it is; the rest is left out. Most tiles are stroma and fat, which "
            "anything that reacts to nuclei tells apart; against mimics the negative tiles are only those "
            "with at least half of their area on a follicle of crowded small nuclei. An interval of 1.000 to "
            "1.000 says no more than that no pair was in the wrong order among these slides.",
            "",
            "| | Slide AUROC | Mean tile AUROC | Mean tile AUROC against mimics |",
            "|---|---|---|---|",
            *rows,
            "",
            "The model means nothing on real tissue, and neither do these figures: they show that the path "
            "from slide to region works, on a pattern that can be told by structure and not by color.",
            "",
            "## Slides of the size that `coverslip demo` draws",
            "",
            "20,000 × 15,000 px at 0.25 µm per pixel, larger than any the model was trained on. A tile is in "
            "a region if its contribution is above the bundle's region threshold.",
            "",
            *large,
            "",
        ]
    )


def main() -> None:
    """Evaluate and write the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, help="folder that keeps features between runs")
    parser.add_argument("--processes", type=int, default=2, help="slides drawn at once")
    arguments = parser.parse_args()
    locations = Locations.default()
    seeds = [*TRAINING_SEEDS, *VALIDATION_SEEDS, *HELD_OUT_SEEDS]
    examples = make_examples(seeds, locations, cache=arguments.cache, processes=arguments.processes)
    by_seed = {example.seed: example for example in examples}
    train, validation, held_out = (
        [by_seed[seed] for seed in part] for part in (TRAINING_SEEDS, VALIDATION_SEEDS, HELD_OUT_SEEDS)
    )
    host = PluginHost(locations.bundled_plugins, locations.user_plugins, locations.trust_file)
    bundle = find_bundle(BUNDLE_ID, [locations.resources / "models"])
    aggregator = host.build("aggregator", ARCHITECTURE, ARCHITECTURE_PARAMS)
    scores = [
        model_scores(bundle, aggregator, held_out),
        mean_rgb_scores(train, held_out),
        permuted_scores(aggregator, train, validation, held_out),
        single_component_scores(train, held_out),
        best_tile_component(train, held_out),
    ]
    mimics = [follicle_shares(example) for example in held_out]
    rows = [row(entry, held_out, mimics) for entry in scores]
    text = report(rows, large_section(bundle, aggregator, locations), held_out)
    README.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def _permuted(examples: Sequence[Example], rng: np.random.Generator) -> list[Example]:
    labels = rng.permutation([example.label for example in examples])
    return [replace(example, label=bool(label)) for example, label in zip(examples, labels, strict=True)]


def _with_interval(value: float, interval: tuple[float, float]) -> str:
    return f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"


def _number(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else "-"


def _percent(flags: FloatArray) -> str:
    return f"{100 * flags.mean():.0f} %" if len(flags) else "-"


if __name__ == "__main__":
    main()
