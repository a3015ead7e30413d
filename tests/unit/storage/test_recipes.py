"""Recipe files: what is read, what is refused, and that writing loses nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.domain.recipe import AggregatorStep, ArtifactStep, Recipe, Step, TileSettings
from desktop_app.errors import RecipeError
from desktop_app.storage.recipes import find_recipe, list_recipes, read_recipe, recipe_to_toml

SHIPPED = Path(__file__).resolve().parents[3] / "resources" / "recipes"
MINIMAL = '[tissue]\nuse = "tissue_otsu/saturation"\n'

FULL = Recipe(
    name="조직 recipe",
    description="with everything",
    tissue=Step("tissue_otsu/saturation", {"fixed_threshold": 7, "method": "fixed", "leave_out_pen": False}),
    tiles=TileSettings(224, 0.25, 32, 0.5, True),
    normalizer=Step("stain_macenko/macenko", {"alpha": 1.5}),
    encoder=Step("encoder_texture/texture"),
    aggregator=AggregatorStep("demonstration", regions_on_negative=True),
)


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "recipe",
    [FULL, replace(FULL, aggregator=None), replace(FULL, encoder=None, aggregator=None, normalizer=None)],
)
def test_writing_and_reading_gives_an_equal_recipe(tmp_path: Path, recipe: Recipe) -> None:
    assert read_recipe(write(tmp_path, recipe_to_toml(recipe))) == recipe


def test_a_minimal_file_takes_the_defaults_and_its_name_from_the_file(tmp_path: Path) -> None:
    recipe = read_recipe(write(tmp_path, MINIMAL))
    assert recipe == Recipe("mine", Step("tissue_otsu/saturation"))
    assert recipe.tiles == TileSettings(256, 0.5, 0, 0.1, False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "tissue is missing"),
        ("tissue = 3", "tissue is 3, must be a table"),
        ("[tissue]\nuse = 'otsu'", "tissue.use is 'otsu', must be like"),
        ("[tissue]\nuse = 7", "tissue.use is 7"),
        (f"colour = 1\n{MINIMAL}", "colour is not a known key"),
        (f"schema = 9\n{MINIMAL}", "schema is 9"),
        (f"{MINIMAL}threshold = 3", "tissue.threshold is not a known key (known: use, params)"),
        (f"{MINIMAL}[tiles]\npatch = 3", "tiles.patch is not a known key"),
        (f"{MINIMAL}[tiles]\nsize_px = 256.0", "tiles.size_px is 256.0, must be a whole number"),
        (f"{MINIMAL}[tiles]\nsize_px = true", "tiles.size_px is True"),
        (f"{MINIMAL}[tiles]\nsize_px = 1", "tiles.size_px is 1, must be a whole number from 16"),
        (f"{MINIMAL}[tiles]\nmpp = nan", "tiles.mpp is nan"),
        (f"{MINIMAL}[tiles]\nmpp = '0.5'", "tiles.mpp is '0.5'"),
        (f"{MINIMAL}[tiles]\nmpp = 0", "tiles.mpp is 0, must be a number from 0.05"),
        (f"{MINIMAL}[tiles]\nmin_tissue = 1", "tiles.min_tissue is 1"),
        (f"{MINIMAL}[tiles]\noverlap_px = 256", "tiles.overlap_px is 256, must be less than size_px"),
        (f"{MINIMAL}[tiles]\nallow_upsampling = 1", "tiles.allow_upsampling is 1, must be true or false"),
        (f"{MINIMAL}[aggregator]\nbundle = 'x'", "aggregator needs an encoder"),
        (f"{MINIMAL}[encoder]\nuse = 'a/b'\n[aggregator]\nbundle = ' '", "aggregator.bundle is ' '"),
        ("tissue = [", "it is not TOML"),
    ],
)
def test_every_mistake_is_named_by_its_key(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(RecipeError) as caught:
        read_recipe(write(tmp_path, text))
    assert reason in caught.value.reason


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(RecipeError, match="not TOML"):
        read_recipe(path)


def test_a_recipe_is_found_by_name_and_by_file(tmp_path: Path) -> None:
    path = write(tmp_path, MINIMAL)
    assert find_recipe("mine", tmp_path) == find_recipe(str(path), tmp_path / "nowhere")
    with pytest.raises(RecipeError, match="there are: mine"):
        find_recipe("yours", tmp_path)
    with pytest.raises(RecipeError, match="No such file"):
        find_recipe(str(tmp_path / "yours.toml"), tmp_path)


def test_a_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    write(tmp_path, MINIMAL)
    (tmp_path / "inner").mkdir()
    with pytest.raises(RecipeError, match="no recipe of that name"):
        find_recipe("../mine", tmp_path / "inner")


def test_the_shipped_recipes_are_what_the_manual_says() -> None:
    recipes = {recipe.name: recipe for recipe in list_recipes(SHIPPED)}
    assert {"default", "demonstration"} <= recipes.keys()
    default, demonstration = recipes["default"], recipes["demonstration"]
    assert default.aggregator is None
    assert default.tiles == demonstration.tiles == TileSettings(256, 0.5, 0, 0.1, False)
    assert demonstration.aggregator == AggregatorStep("demonstration", regions_on_negative=False)


def test_artifact_steps_are_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "artifacts.toml"
    path.write_text(
        '[tissue]\nuse = "a/b"\n[[artifacts]]\nuse = "artifact_rules/pen"\nexclude = ["Pen"]\n'
        "min_share = 0.25\n"
        '[[artifacts]]\nuse = "artifact_rules/fold"\n[artifacts.params]\nmin_length_um = 300.0\n',
        encoding="utf-8",
    )
    recipe = read_recipe(path)

    assert recipe.artifacts == (
        ArtifactStep("artifact_rules/pen", {}, ("Pen",), 0.25),
        ArtifactStep("artifact_rules/fold", {"min_length_um": 300.0}),
    )
    (tmp_path / "again.toml").write_text(recipe_to_toml(recipe), encoding="utf-8")
    assert read_recipe(tmp_path / "again.toml") == recipe


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('artifacts = "pen"', "artifacts is 'pen', must be tables"),
        ('[[artifacts]]\nuse = "pen"', "artifacts.1.use is 'pen'"),
        ('[[artifacts]]\nuse = "a/b"\nexclude = "Pen"', "artifacts.1.exclude is 'Pen'"),
        ('[[artifacts]]\nuse = "a/b"\nmin_share = 2', "artifacts.1.min_share is 2"),
    ],
)
def test_a_mistake_in_an_artifact_step_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(f'{text}\n[tissue]\nuse = "a/b"\n', encoding="utf-8")

    with pytest.raises(RecipeError, match=said):
        read_recipe(path)
