"""Recipes as TOML files: read, checked and written.

People edit these files, so every mistake is named by its key. Whether the plugins and parameters exist is
found out by the worker, which alone loads plugins. Any thread.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import tomli_w

from desktop_app.domain.recipe import AggregatorStep, ArtifactStep, Recipe, Step, TileSettings
from desktop_app.errors import RecipeError

SCHEMA = 1
"""The version of the layout; a file without it is taken to be of this one."""

_USE = re.compile(r"[^/\s]+/[^/\s]+")
_TOP_KEYS = (
    "schema",
    "name",
    "description",
    "tissue",
    "tiles",
    "artifacts",
    "normalizer",
    "encoder",
    "aggregator",
)


def read_recipe(path: Path) -> Recipe:
    """Read one recipe file.

    Raises
    ------
    RecipeError
        If it cannot be read, is not TOML, or a key is unknown, missing, of the wrong type or out of range.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(path.name, error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(path.name, f"it is not TOML ({error})") from error
    return recipe_from_mapping(data, path.stem)


def find_recipe(name_or_file: str, folder: Path) -> Recipe:
    """A shipped recipe by its name, or any recipe by its file.

    Parameters
    ----------
    name_or_file : str
        Taken as a file if it ends in ``.toml``, else as a name.
    folder : Path
        The shipped recipes.

    Raises
    ------
    RecipeError
        If there is none, with the names there are; or as ``read_recipe``.
    """
    if name_or_file.endswith(".toml"):
        return read_recipe(Path(name_or_file))
    path = folder / f"{name_or_file}.toml"
    if Path(name_or_file).name != name_or_file or not path.is_file():
        known = ", ".join(sorted(found.stem for found in folder.glob("*.toml"))) or "none"
        raise RecipeError(name_or_file, f"there is no recipe of that name (there are: {known})")
    return read_recipe(path)


def list_recipes(folder: Path) -> tuple[Recipe, ...]:
    """Every recipe of a folder, by file name.

    Raises
    ------
    RecipeError
        For the first that cannot be used.
    """
    return tuple(read_recipe(path) for path in sorted(folder.glob("*.toml")))


def recipe_to_toml(recipe: Recipe) -> str:
    """The file that ``read_recipe`` reads back as an equal recipe."""
    return tomli_w.dumps(recipe_to_mapping(recipe))


def recipe_to_mapping(recipe: Recipe) -> dict[str, Any]:
    """Plain containers in the file's layout; steps that are None are left out."""
    mapping: dict[str, Any] = {"schema": SCHEMA, "name": recipe.name, "description": recipe.description}
    mapping["tissue"] = _step_mapping(recipe.tissue)
    mapping["tiles"] = _values(recipe.tiles)
    if recipe.artifacts:
        mapping["artifacts"] = [_artifact_mapping(step) for step in recipe.artifacts]
    if recipe.normalizer is not None:
        mapping["normalizer"] = _step_mapping(recipe.normalizer)
    if recipe.encoder is not None:
        mapping["encoder"] = _step_mapping(recipe.encoder)
    if recipe.aggregator is not None:
        mapping["aggregator"] = _values(recipe.aggregator)
    return mapping


def recipe_from_mapping(data: Mapping[str, Any], fallback_name: str) -> Recipe:
    """The inverse of :func:`recipe_to_mapping`.

    Parameters
    ----------
    data : Mapping[str, Any]
        As parsed from TOML or JSON.
    fallback_name : str
        The recipe's name where the data has none.

    Raises
    ------
    RecipeError
        As ``read_recipe``.
    """
    top = _Table(str(data.get("name", fallback_name)), "", data)
    top.allow(*_TOP_KEYS)
    if data.get("schema", SCHEMA) != SCHEMA:
        raise top.error("schema", f"is {data['schema']!r}, must be {SCHEMA}")
    recipe = Recipe(
        name=top.text("name", default=fallback_name),
        description=top.text("description", default=""),
        tissue=_step(top.table("tissue")),
        tiles=_tiles(top.table("tiles")) if "tiles" in data else TileSettings(),
        normalizer=_step(top.table("normalizer")) if "normalizer" in data else None,
        encoder=_step(top.table("encoder")) if "encoder" in data else None,
        aggregator=_aggregator(top.table("aggregator")) if "aggregator" in data else None,
        artifacts=tuple(_artifact(table) for table in top.tables("artifacts")),
    )
    if recipe.aggregator is not None and recipe.encoder is None:
        raise top.error("aggregator", "needs an encoder")
    return recipe


def _step(table: _Table) -> Step:
    table.allow("use", "params")
    return _plain_step(table)


def _artifact(table: _Table) -> ArtifactStep:
    table.allow("use", "params", "exclude", "min_share")
    step = _plain_step(table)
    default = ArtifactStep(step.use)
    return ArtifactStep(
        step.use,
        step.params,
        table.texts("exclude"),
        table.number("min_share", default.min_share, 0.0, 1.0),
    )


def _plain_step(table: _Table) -> Step:
    use = table.text("use")
    if _USE.fullmatch(use) is None:
        raise table.error("use", f"is {use!r}, must be like 'plugin_id/provided_id'")
    return Step(use, dict(table.table("params").values) if "params" in table.values else {})


def _tiles(table: _Table) -> TileSettings:
    table.allow(*(field.name for field in fields(TileSettings)))
    default = TileSettings()
    settings = TileSettings(
        size_px=table.whole("size_px", default.size_px, 16, 8192),
        mpp=table.number("mpp", default.mpp, 0.05, 100.0),
        overlap_px=table.whole("overlap_px", default.overlap_px, 0, 8191),
        min_tissue=table.number("min_tissue", default.min_tissue, 0.0, 1.0),
        allow_upsampling=table.truth("allow_upsampling", default.allow_upsampling),
    )
    if settings.overlap_px >= settings.size_px:
        raise table.error("overlap_px", f"is {settings.overlap_px}, must be less than size_px")
    if settings.min_tissue >= 1:
        raise table.error("min_tissue", "is 1, must be less: no tile has more than all of it")
    return settings


def _aggregator(table: _Table) -> AggregatorStep:
    table.allow("bundle", "regions_on_negative")
    return AggregatorStep(table.text("bundle"), table.truth("regions_on_negative", False))


def _step_mapping(step: Step) -> dict[str, Any]:
    return {"use": step.use, **({"params": dict(step.params)} if step.params else {})}


def _artifact_mapping(step: ArtifactStep) -> dict[str, Any]:
    mapping = _step_mapping(Step(step.use, step.params))
    return {**mapping, "exclude": list(step.exclude), "min_share": step.min_share}


def _values(value: TileSettings | AggregatorStep) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


@dataclass(frozen=True, slots=True)
class _Table:
    """One TOML table and where it stands, so that every mistake is named by its key."""

    recipe: str
    where: str
    values: Mapping[str, Any]

    def error(self, key: str, reason: str) -> RecipeError:
        return RecipeError(self.recipe, f"{self.where}{key} {reason}")

    def allow(self, *keys: str) -> None:
        for key in self.values:
            if key not in keys:
                raise self.error(key, f"is not a known key (known: {', '.join(keys)})")

    def table(self, key: str) -> _Table:
        value = self.values.get(key)
        if value is None:
            raise self.error(key, "is missing")
        if not isinstance(value, Mapping):
            raise self.error(key, f"is {value!r}, must be a table")
        return _Table(self.recipe, f"{self.where}{key}.", value)

    def tables(self, key: str) -> tuple[_Table, ...]:
        """An array of tables; none where the key is missing."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
            raise self.error(key, f"is {value!r}, must be tables, each under [[{key}]]")
        return tuple(
            _Table(self.recipe, f"{self.where}{key}.{number}.", entry)
            for number, entry in enumerate(value, start=1)
        )

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where the key is missing."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
            raise self.error(key, f"is {value!r}, must be a list of names")
        return tuple(value)

    def text(self, key: str, *, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if value is None:
            raise self.error(key, "is missing")
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.error(key, f"is {value!r}, must be a text that is not empty")
        return value

    def whole(self, key: str, default: int, minimum: int, maximum: int) -> int:
        value = self.values.get(key, default)
        if type(value) is not int or not minimum <= value <= maximum:
            raise self.error(key, f"is {value!r}, must be a whole number from {minimum} to {maximum}")
        return value

    def number(self, key: str, default: float, minimum: float, maximum: float) -> float:
        value = self.values.get(key, default)
        # Booleans are integers in Python, and comparisons with NaN are all false.
        if type(value) not in (int, float) or not math.isfinite(value) or not minimum <= value <= maximum:
            raise self.error(key, f"is {value!r}, must be a number from {minimum:g} to {maximum:g}")
        return float(value)

    def truth(self, key: str, default: bool) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"is {value!r}, must be true or false")
        return value
