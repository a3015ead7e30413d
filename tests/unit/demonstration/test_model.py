"""The fit on bags that can be told apart, and the committed bundle on a slide of the generator."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from desktop_app.demonstration.examples import RECIPE, Example, example_spec, make_example
from desktop_app.demonstration.fitting import ARCHITECTURE, ARCHITECTURE_PARAMS, FitSettings, Fitted, fit
from desktop_app.demonstration.scoring import auroc, shares_auroc
from desktop_app.demonstration.spec import PATTERN_CLASS, SlideSpec
from desktop_app.demonstration.training import (
    BUNDLE_ID,
    HELD_OUT_SEEDS,
    TRAINING_SEEDS,
    VALIDATION_SEEDS,
    TrainingPlan,
    write_model,
)
from desktop_app.domain.bundle import ModelBundle
from desktop_app.plugin_api.protocols import Aggregator
from desktop_app.plugin_host import PluginHost
from desktop_app.storage.bundles import find_bundle
from desktop_app.storage.locations import Locations

QUICK = FitSettings(restarts=1, steps=80, check_every=20, bags_per_step=4, most_merged=2)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> PluginHost:
    user = tmp_path_factory.mktemp("user")
    locations = Locations.below(user, user)
    return PluginHost(locations.bundled_plugins, locations.user_plugins, locations.trust_file)


@pytest.fixture(scope="module")
def aggregator(host: PluginHost) -> Aggregator:
    built: Aggregator = host.build("aggregator", ARCHITECTURE, ARCHITECTURE_PARAMS)
    return built


@pytest.fixture(scope="module")
def fitted(aggregator: Aggregator) -> Fitted:
    train, validation = [bag(seed) for seed in range(24)], [bag(seed) for seed in range(100, 116)]
    return fit(train, validation, aggregator=aggregator, settings=QUICK)


@pytest.fixture
def bundle() -> ModelBundle:
    return find_bundle(BUNDLE_ID, [Locations.default().resources / "models"])


def bag(seed: int) -> Example:
    """Gaussian instances; in every other bag a fifth of them lies elsewhere."""
    rng = np.random.default_rng(seed)
    features = rng.normal(5.0, 2.0, (25, 6)).astype(np.float32)
    shares = np.zeros(25)
    if seed % 2:
        features[:5, :2] += 6.0
        shares[:5] = 1.0
    return Example(
        seed=seed,
        label=bool(seed % 2),
        features=features,
        feature_names=tuple("abcdef"),
        locations=np.zeros((25, 2), dtype=np.int64),
        tile_size=(1.0, 1.0),
        shares=shares,
        mean_rgb=np.zeros(3),
    )


def test_fit_learns_from_slide_labels_and_writes_a_bundle(
    fitted: Fitted, aggregator: Aggregator, tmp_path: Path
) -> None:
    train, held_out = [bag(seed) for seed in range(24)], [bag(seed) for seed in range(200, 230)]
    plan = TrainingPlan(range(24), range(200, 230), QUICK)
    written = write_model(fitted, train, validation=held_out, plan=plan, out=tmp_path / "model")
    model = aggregator.open(written)
    predictions = [model.predict(item.features) for item in held_out]
    labels = np.array([item.label for item in held_out])
    assert auroc(np.array([prediction.logits[0] for prediction in predictions]), labels) > 0.95
    tiles = [
        shares_auroc(item.shares, prediction.contributions[:, 0])
        for item, prediction in zip(held_out, predictions, strict=True)
        if item.label and prediction.contributions is not None
    ]
    assert np.mean(tiles) > 0.95
    negative = np.concatenate(
        [
            prediction.contributions[:, 0]
            for item, prediction in zip(held_out, predictions, strict=True)
            if not item.label and prediction.contributions is not None
        ]
    )
    threshold = written.classes[0].region_threshold
    assert threshold == pytest.approx(max(0.0, float(np.percentile(negative, 99))), abs=1e-6)
    assert np.mean(negative > threshold) <= 0.015


def test_fit_is_reproducible_and_ignores_where_the_pattern_is(fitted: Fitted, aggregator: Aggregator) -> None:
    def without_truth(seed: int) -> Example:
        return replace(bag(seed), shares=np.full(25, np.nan))

    blind = fit(
        [without_truth(seed) for seed in range(24)],
        [without_truth(seed) for seed in range(100, 116)],
        aggregator=aggregator,
        settings=QUICK,
    )
    assert blind.history == fitted.history


def test_seeds_are_disjoint_and_balanced() -> None:
    parts = [set(TRAINING_SEEDS), set(VALIDATION_SEEDS), set(HELD_OUT_SEEDS)]
    assert len(set.union(*parts)) == sum(len(part) for part in parts)
    assert len(HELD_OUT_SEEDS) == 60
    for part in parts:
        assert sum(example_spec(seed).label for seed in part) == len(part) / 2


def test_committed_bundle_says_what_it_is(bundle: ModelBundle, host: PluginHost) -> None:
    assert bundle.demonstration
    assert "meaningless on real tissue" in bundle.name
    assert [entry.name for entry in bundle.classes] == [PATTERN_CLASS]
    assert sum(file.stat().st_size for file in bundle.path.iterdir()) < 2_000_000
    encoder = host.build("encoder", bundle.encoder, {})
    assert bundle.feature_names == tuple(encoder.feature_names)
    assert (bundle.tile_px, bundle.mpp) == (RECIPE.tiles.size_px, RECIPE.tiles.mpp)
    assert RECIPE.encoder is not None
    assert bundle.encoder == RECIPE.encoder.use
    assert bundle.training["supervision"] == "slide labels only"


def test_committed_bundle_finds_the_pattern(
    bundle: ModelBundle, aggregator: Aggregator, tmp_path: Path
) -> None:
    spec = SlideSpec.draw(50_001, label=True, size=(5000, 4000))
    example = make_example(spec, Locations.default(), folder=tmp_path)
    assert not list(tmp_path.iterdir())
    prediction = aggregator.open(bundle).predict(example.features)
    assert prediction.contributions is not None
    assert prediction.contributions.sum() == pytest.approx(prediction.logits[0], abs=1e-6)
    assert prediction.probabilities[0] > 0.5
    assert shares_auroc(example.shares, prediction.contributions[:, 0]) > 0.85


def test_example_survives_its_file(tmp_path: Path) -> None:
    example = bag(3)
    example.save(tmp_path / "3.npz")
    loaded = Example.load(tmp_path / "3.npz")
    assert loaded.feature_names == example.feature_names
    assert loaded.label is example.label
    assert np.array_equal(loaded.features, example.features)
    assert loaded.tile_size == example.tile_size
