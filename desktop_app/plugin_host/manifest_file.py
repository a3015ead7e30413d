"""``plugin.toml`` read and checked without running any of the plugin's code.

A mistake is reported with the key it stands at, such as ``provides[0].params[1].default``, because the
author of the plugin reads that sentence. Unknown keys are mistakes too: most are misspelled ones. Safe on any
thread.
"""

from __future__ import annotations

import keyword
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from desktop_app.errors import ManifestError, PluginError
from desktop_app.plugin_api.manifest import ParamSpec, ParamType, PluginKind, PluginManifest, Preset, Provided
from desktop_app.plugin_host.parameters import check_value

MANIFEST_NAME = "plugin.toml"
SUPPORTED_API_VERSION = 0
MAX_MANIFEST_BYTES = 2**20

_ID = re.compile(r"[a-z][a-z0-9_]*")
_ENTRY = re.compile(r"(?P<module>[A-Za-z_]\w*(\.[A-Za-z_]\w*)*):[A-Za-z_]\w*")
_NUMBERS = ("float", "int")


def read_manifest(folder: Path) -> PluginManifest:
    """Read and check the manifest of a plugin folder.

    Parameters
    ----------
    folder : Path
        Holds ``plugin.toml``, the modules its entries name and ``README.md``.

    Raises
    ------
    ManifestError
        If the file is missing, is not TOML, states another API version, or any key is missing, unknown, of
        the wrong type or out of range; the sentence names the key.
    """
    top = _Table(folder.name, "", _read_toml(folder))
    _check_api_version(top)
    top.allow("api_version", "id", "name", "version", "licence", "description", "provides")
    return PluginManifest(
        folder=folder,
        plugin_id=top.identifier("id"),
        name=top.text("name"),
        version=top.text("version"),
        licence=top.text("licence"),
        description=top.text("description"),
        api_version=SUPPORTED_API_VERSION,
        provides=_provides(top, folder),
    )


def _read_toml(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST_NAME
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise ManifestError(folder.name, f"{MANIFEST_NAME} is larger than 1 MiB")
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError as error:
        raise ManifestError(folder.name, f"it has no {MANIFEST_NAME}") from error
    except OSError as error:
        raise ManifestError(folder.name, f"{MANIFEST_NAME} cannot be read ({error})") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(folder.name, f"{MANIFEST_NAME} is not valid TOML ({error})") from error


def _check_api_version(top: _Table) -> None:
    # First of all: another version's manifest may well look wrong in every other respect.
    version = top.required("api_version")
    if type(version) is not int or version != SUPPORTED_API_VERSION:
        raise top.error(
            "api_version",
            f"is {version!r}, this version of Coverslip supports {SUPPORTED_API_VERSION}: "
            f"install {_newer(version)} that fits the other",
        )


def _newer(version: object) -> str:
    """Which of the two a newer one is needed of."""
    plugin_is_newer = type(version) is int and version > SUPPORTED_API_VERSION
    return "a newer version of Coverslip" if plugin_is_newer else "a version of the plugin"


def _provides(top: _Table, folder: Path) -> tuple[Provided, ...]:
    tables = top.tables("provides")
    if not tables:
        raise top.error("provides", "must hold at least one table")
    provides = tuple(_provided(table, folder) for table in tables)
    _refuse_repeated(tables, "id", [thing.id for thing in provides])
    return provides


def _provided(table: _Table, folder: Path) -> Provided:
    table.allow("kind", "id", "name", "entry", "params", "presets")
    kind: PluginKind = table.one_of("kind", get_args(PluginKind))
    params = table.tables("params")
    specs = tuple(_param(param) for param in params)
    _refuse_repeated(params, "name", [spec.name for spec in specs])
    return Provided(
        kind=kind,
        id=table.identifier("id"),
        name=table.text("name"),
        entry=_entry(table, folder),
        params=specs,
        presets=_presets(table, specs),
    )


def _presets(table: _Table, specs: tuple[ParamSpec, ...]) -> tuple[Preset, ...]:
    tables = table.tables("presets")
    presets = tuple(_preset(preset, {spec.name: spec for spec in specs}) for preset in tables)
    _refuse_repeated(tables, "name", [preset.name for preset in presets])
    return presets


def _preset(table: _Table, specs: Mapping[str, ParamSpec]) -> Preset:
    table.allow("name", "values")
    values = table.required("values")
    if not isinstance(values, dict) or not values:
        raise table.error("values", "must be a table of parameters")
    for name in values:
        if name not in specs:
            raise table.error(f"values.{name}", "is no parameter of it")
    try:
        checked = {name: check_value(table.plugin_id, specs[name], value) for name, value in values.items()}
    except PluginError as error:
        raise table.error("values", f"do not fit: {error}") from error
    return Preset(table.text("name"), checked)


def _entry(table: _Table, folder: Path) -> str:
    entry = table.text("entry")
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise table.error("entry", f"is {entry!r}, must be like 'module:Class'")
    module = folder.joinpath(*match["module"].split("."))
    if not (module.with_suffix(".py").is_file() or (module / "__init__.py").is_file()):
        raise table.error("entry", f"names the module {match['module']}, which is not in the folder")
    return entry


def _param(table: _Table) -> ParamSpec:
    table.allow("name", "type", "default", "label", "minimum", "maximum", "unit", "choices", "help")
    name = table.text("name")
    if not name.isidentifier() or keyword.iskeyword(name):
        raise table.error("name", f"is {name!r}, must be a Python name")
    kind: ParamType = table.one_of("type", get_args(ParamType))
    spec = ParamSpec(
        name=name,
        type=kind,
        default=table.required("default"),
        label=table.text("label"),
        minimum=_bound(table, "minimum", kind),
        maximum=_bound(table, "maximum", kind),
        unit=table.text("unit", default=""),
        choices=_choices(table, kind),
        help=table.text("help", default=""),
    )
    return _with_checked_default(table, spec)


def _bound(table: _Table, key: str, kind: ParamType) -> float | None:
    bound = table.values.get(key)
    if bound is None:
        return None
    if kind not in _NUMBERS:
        raise table.error(key, "is for numbers only")
    if type(bound) not in (int, float):
        raise table.error(key, f"is {bound!r}, must be a number")
    return float(bound)


def _choices(table: _Table, kind: ParamType) -> tuple[str, ...]:
    choices = table.values.get("choices", [])
    if not isinstance(choices, list) or not all(isinstance(choice, str) for choice in choices):
        raise table.error("choices", "must be a list of texts")
    if (kind == "choice") != bool(choices):
        raise table.error("choices", "must be given for the type 'choice', and for no other")
    return tuple(choices)


def _with_checked_default(table: _Table, spec: ParamSpec) -> ParamSpec:
    if spec.minimum is not None and spec.maximum is not None and spec.minimum > spec.maximum:
        raise table.error("minimum", "is larger than maximum")
    try:
        default = check_value(table.plugin_id, spec, spec.default)
    except PluginError as error:
        raise table.error("default", f"does not fit: {error}") from error
    return replace(spec, default=default)


def _refuse_repeated(tables: list[_Table], key: str, names: list[str]) -> None:
    for index, (table, name) in enumerate(zip(tables, names, strict=True)):
        if name in names[:index]:
            raise table.error(key, f"repeats {name!r}")


@dataclass(frozen=True, slots=True)
class _Table:
    """One TOML table and where it stands, so that every mistake is named by its key."""

    plugin_id: str
    where: str
    values: Mapping[str, Any]

    def error(self, key: str, reason: str) -> ManifestError:
        """The error of one key."""
        return ManifestError(self.plugin_id, f"{self.where}{key} {reason}")

    def allow(self, *keys: str) -> None:
        """Refuse keys that mean nothing."""
        for key in self.values:
            if key not in keys:
                raise self.error(key, f"is not a known key (known: {', '.join(keys)})")

    def required(self, key: str) -> Any:
        """The value of a key that must be there."""
        if key not in self.values:
            raise self.error(key, "is missing")
        return self.values[key]

    def text(self, key: str, *, default: str | None = None) -> str:
        """A text; one without default must be there and say something."""
        if default is not None and key not in self.values:
            return default
        value = self.required(key)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.error(key, f"is {value!r}, must be a text that is not empty")
        return value

    def identifier(self, key: str) -> str:
        """An id: what recipes name and folders are called."""
        value = self.text(key)
        if _ID.fullmatch(value) is None:
            raise self.error(key, f"is {value!r}, must be lower-case letters, digits and underscores")
        return value

    def one_of(self, key: str, allowed: tuple[str, ...]) -> Any:
        """One of a few words."""
        value = self.text(key)
        if value not in allowed:
            raise self.error(key, f"is {value!r}, must be one of {', '.join(allowed)}")
        return value

    def tables(self, key: str) -> list[_Table]:
        """The tables of an array of tables; none if the key is missing."""
        items = self.values.get(key, [])
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise self.error(key, f"must be written as [[{self.where}{key}]] tables")
        return [
            _Table(self.plugin_id, f"{self.where}{key}[{index}].", item) for index, item in enumerate(items)
        ]
