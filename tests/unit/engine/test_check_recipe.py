"""A model is never fed other features than it learned from."""

from __future__ import annotations

from typing import Any

import pytest

from desktop_app.domain.recipe import TileSettings
from desktop_app.engine.check_recipe import check_bundle
from desktop_app.errors import RecipeError
from tests.support.engine_cases import FakeEncoder, fake_bundle, fake_recipe

RECIPE = fake_recipe(aggregator=True)


def test_the_recipe_it_was_trained_with_passes() -> None:
    check_bundle(RECIPE, fake_bundle(), FakeEncoder())
    check_bundle(RECIPE, fake_bundle(feature_names=()), FakeEncoder())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"encoder": "other/encoder"}, "features of other/encoder, not of fake/mean"),
        ({"tile_px": 256}, "tiles of 256 px, not of 64"),
        ({"mpp": 0.25}, "tiles at 0.25 µm per pixel, not at 0.5"),
        ({"n_features": 4}, "4 features, not 3"),
        ({"feature_names": ("red", "blue", "green")}, "'blue' as feature 2, not 'green'"),
    ],
)
def test_every_difference_stops_the_run(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(RecipeError, match="the model Demonstration was trained on") as caught:
        check_bundle(RECIPE, fake_bundle(**changes), FakeEncoder())
    assert reason in caught.value.reason


def test_a_recipe_without_encoder_cannot_have_a_model() -> None:
    with pytest.raises(RecipeError, match="not of no encoder"):
        check_bundle(fake_recipe(aggregator=True, encoder=None), fake_bundle(), None)


def test_an_mpp_within_one_percent_is_the_same() -> None:
    check_bundle(fake_recipe(tiles=TileSettings(64, 0.504)), fake_bundle(), FakeEncoder())
