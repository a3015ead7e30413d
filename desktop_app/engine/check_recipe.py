"""Whether a recipe gives a model what it was trained on.

A model that is fed other features than it learned from still answers, and wrongly; so every difference
stops the run before a pixel is read. Pure functions; any thread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from desktop_app.domain.bundle import ModelBundle
from desktop_app.domain.recipe import Recipe
from desktop_app.errors import RecipeError
from desktop_app.plugin_api.protocols import Encoder

_MPP_TOLERANCE = 0.01


def check_bundle(recipe: Recipe, bundle: ModelBundle, encoder: Encoder | None) -> None:
    """Compare a recipe with what its model bundle was trained on.

    Raises
    ------
    RecipeError
        Naming the first difference: encoder, tile size, mpp, number or names of the features.
    """
    tiles = recipe.tiles
    if recipe.encoder is None or encoder is None or recipe.encoder.use != bundle.encoder:
        used = recipe.encoder.use if recipe.encoder is not None else "no encoder"
        raise _mismatch(recipe, bundle, f"features of {bundle.encoder}, not of {used}")
    if tiles.size_px != bundle.tile_px:
        raise _mismatch(recipe, bundle, f"tiles of {bundle.tile_px} px, not of {tiles.size_px}")
    if not math.isclose(tiles.mpp, bundle.mpp, rel_tol=_MPP_TOLERANCE):
        raise _mismatch(recipe, bundle, f"tiles at {bundle.mpp:g} µm per pixel, not at {tiles.mpp:g}")
    if encoder.n_features != bundle.n_features:
        raise _mismatch(recipe, bundle, f"{bundle.n_features} features, not {encoder.n_features}")
    if bundle.feature_names and encoder.feature_names:
        _check_names(recipe, bundle, encoder.feature_names)


def check_encoder_params(
    recipe: Recipe, bundle: ModelBundle, *, given: Mapping[str, Any], trained: Mapping[str, Any]
) -> None:
    """Compare the encoder's parameters with those the model was trained with.

    Parameters
    ----------
    recipe, bundle : Recipe, ModelBundle
        Named in the error.
    given, trained : Mapping[str, Any]
        Every parameter with its value, defaults included.

    Raises
    ------
    RecipeError
        Naming the first parameter that differs.
    """
    for name, value in trained.items():
        if given.get(name) != value:
            raise _mismatch(recipe, bundle, f"features with {name} = {value}, not {given.get(name)}")


def _check_names(recipe: Recipe, bundle: ModelBundle, names: tuple[str, ...]) -> None:
    for number, (wanted, given) in enumerate(zip_longest(bundle.feature_names, names)):
        if wanted != given:
            raise _mismatch(recipe, bundle, f"'{wanted}' as feature {number + 1}, not '{given}'")


def _mismatch(recipe: Recipe, bundle: ModelBundle, what: str) -> RecipeError:
    return RecipeError(recipe.name, f"the model {bundle.name} was trained on {what}")
