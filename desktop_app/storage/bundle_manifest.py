"""The text of ``bundle.toml`` as a value and back, with every mistake named by its key.

Only the text: whether the files it names are there and unchanged is ``storage.bundles``' part. Safe on any
thread.

All keys are required unless marked optional::

    schema = 1
    id = "demonstration"                 # lower-case letters, digits, '-', '_', '.'
    name = "Demonstration model"
    version = "1.0"
    licence = "Apache-2.0"
    kind = "aggregator"
    architecture = "mil_attention/additive"      # plugin_id/provided_id
    encoder = "encoder_texture/texture"          # plugin_id/provided_id
    n_features = 116
    tile_px = 256
    mpp = 0.5
    demonstration = true                 # optional, false
    feature_names = ["...", "..."]       # optional, else n_features names

    [architecture_params]                # optional, parameters of the architecture's plugin

    [[classes]]                          # at least one, in the order of the logits
    name = "Tumor"
    color = [200, 0, 0]
    decision_threshold = 0.5             # slide probability, 0 to 1
    region_threshold = 0.01              # tile contribution in logit units

    [weights]
    file = "weights.safetensors"         # a name, not a path
    bytes = 123456
    sha256 = "64 hexadecimal digits"

    [training]                           # optional, free: domain statistics, how it was trained
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from desktop_app.domain.bundle import ModelBundle, ModelClass
from desktop_app.errors import ModelBundleError

SCHEMA = 1
KINDS = ("aggregator",)

_ID = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_USE = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NOT_IN_A_NAME = re.compile(r"[/\\:\x00]")
_TOP_KEYS = frozenset(
    {"schema", "id", "name", "version", "licence", "kind", "architecture", "encoder", "n_features"}
    | {"tile_px", "mpp", "demonstration", "feature_names", "architecture_params", "classes", "weights"}
    | {"training"}
)


@dataclass(frozen=True, slots=True)
class BundleManifest:
    """What ``bundle.toml`` says.

    Attributes
    ----------
    bundle : ModelBundle
        Its ``weights`` and ``sha256`` are as stated, not yet verified.
    weights_bytes : int
        Size of the weights file, as stated.
    """

    bundle: ModelBundle
    weights_bytes: int

    @classmethod
    def from_toml(cls, folder: Path, text: str) -> BundleManifest:
        """Parse a manifest; nothing on disk is looked at.

        Parameters
        ----------
        folder : Path
            The bundle's folder, for its paths and for the sentence of an error.
        text : str
            The content of ``bundle.toml``.

        Raises
        ------
        ModelBundleError
            If it is not TOML, or a key is missing, unknown, of the wrong type or out of range.
        """
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ModelBundleError(folder, f"bundle.toml is not valid TOML ({error})") from error
        return cls(*_parse(folder, values))

    def to_toml(self) -> str:
        """The content of ``bundle.toml``.

        Raises
        ------
        ModelBundleError
            If a free table holds what TOML cannot (None, an array).
        """
        try:
            return tomli_w.dumps(_plain(self.bundle, self.weights_bytes))
        except TypeError as error:
            raise ModelBundleError(self.bundle.path, f"bundle.toml cannot hold it ({error})") from error


def _plain(bundle: ModelBundle, size: int) -> dict[str, Any]:
    """The manifest of a bundle as plain containers."""
    return {
        "schema": SCHEMA,
        "id": bundle.bundle_id,
        "name": bundle.name,
        "version": bundle.version,
        "licence": bundle.licence,
        "kind": bundle.kind,
        "architecture": bundle.architecture,
        "encoder": bundle.encoder,
        "n_features": bundle.n_features,
        "tile_px": bundle.tile_px,
        "mpp": float(bundle.mpp),
        "demonstration": bundle.demonstration,
        "feature_names": list(bundle.feature_names),
        "architecture_params": dict(bundle.architecture_params),
        "classes": [
            {
                "name": entry.name,
                "color": list(entry.color),
                "decision_threshold": float(entry.decision_threshold),
                "region_threshold": float(entry.region_threshold),
            }
            for entry in bundle.classes
        ],
        "weights": {"file": bundle.weights.name, "bytes": size, "sha256": bundle.sha256},
        "training": dict(bundle.training),
    }


def _parse(folder: Path, manifest: Mapping[str, Any]) -> tuple[ModelBundle, int]:
    """The bundle that a manifest describes, and the size of its weights; nothing on disk is looked at."""
    table = _Table(folder, "", manifest)
    table.allow(_TOP_KEYS)
    if (schema := table.integer("schema", least=1)) != SCHEMA:
        raise ModelBundleError(folder, f"schema is {schema}, this version of Coverslip reads {SCHEMA}")
    weights = table.table("weights")
    weights.allow({"file", "bytes", "sha256"})
    bundle = ModelBundle(
        path=folder,
        bundle_id=table.matching("id", _ID, "lower-case letters, digits, '-', '_' and '.'"),
        name=table.text("name"),
        version=table.text("version"),
        licence=table.text("licence"),
        kind=table.one_of("kind", KINDS),
        architecture=table.matching("architecture", _USE, "like 'plugin_id/provided_id'"),
        encoder=table.matching("encoder", _USE, "like 'plugin_id/provided_id'"),
        n_features=table.integer("n_features", least=1),
        tile_px=table.integer("tile_px", least=1),
        mpp=table.positive("mpp"),
        classes=_classes(table),
        weights=folder / _weights_name(weights),
        sha256=weights.matching("sha256", _SHA256, "64 lower-case hexadecimal digits"),
        architecture_params=table.optional("architecture_params", dict),
        feature_names=_feature_names(table),
        demonstration=table.optional("demonstration", bool),
        training=table.optional("training", dict),
    )
    return bundle, weights.integer("bytes", least=1)


class _Table:
    """One table of the manifest; every mistake is reported with the key it stands at."""

    def __init__(self, folder: Path, where: str, values: Mapping[str, Any]) -> None:
        self.folder = folder
        self.where = where
        self.values = values

    def error(self, key: str, reason: str) -> ModelBundleError:
        return ModelBundleError(self.folder, f"{self.where}{key} {reason}")

    def allow(self, keys: frozenset[str] | set[str]) -> None:
        for key in self.values:
            if key not in keys:
                raise self.error(key, "is not a key of this table")

    def required(self, key: str, kind: type | tuple[type, ...]) -> Any:
        if key not in self.values:
            raise self.error(key, "is missing")
        value = self.values[key]
        # In Python a bool is an int; in a manifest it is a mistake.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.error(key, f"is {value!r}, which is of the wrong type")
        return value

    def optional(self, key: str, kind: type) -> Any:
        return self.required(key, kind) if key in self.values else kind()

    def text(self, key: str) -> str:
        value: str = self.required(key, str)
        if not value.strip():
            raise self.error(key, "is empty")
        return value

    def matching(self, key: str, pattern: re.Pattern[str], description: str) -> str:
        value = self.text(key)
        if not pattern.fullmatch(value):
            raise self.error(key, f"is {value!r}, must be {description}")
        return value

    def one_of(self, key: str, choices: Sequence[str]) -> str:
        value = self.text(key)
        if value not in choices:
            raise self.error(key, f"is {value!r}, must be one of {', '.join(choices)}")
        return value

    def integer(self, key: str, *, least: int) -> int:
        value: int = self.required(key, int)
        if value < least:
            raise self.error(key, f"is {value}, must be at least {least}")
        return value

    def number(self, key: str) -> float:
        value = float(self.required(key, (int, float)))
        if not math.isfinite(value):
            raise self.error(key, "is not a finite number")
        return value

    def positive(self, key: str) -> float:
        value = self.number(key)
        if value <= 0:
            raise self.error(key, f"is {value:g}, must be above 0")
        return value

    def table(self, key: str) -> _Table:
        return _Table(self.folder, f"{self.where}{key}.", self.required(key, dict))


def _weights_name(weights: _Table) -> str:
    name = weights.text("file")
    if _NOT_IN_A_NAME.search(name) or not name.endswith(".safetensors"):
        raise weights.error("file", f"is {name!r}, must be the name of a .safetensors file inside the bundle")
    return name


def _feature_names(table: _Table) -> tuple[str, ...]:
    names = table.optional("feature_names", list)
    if not all(isinstance(name, str) and name for name in names):
        raise table.error("feature_names", "must be a list of texts")
    if names and len(names) != table.values["n_features"]:
        raise table.error(
            "feature_names", f"has {len(names)} names for {table.values['n_features']} features"
        )
    if len(set(names)) != len(names):
        raise table.error("feature_names", "names a feature twice")
    return tuple(names)


def _classes(table: _Table) -> tuple[ModelClass, ...]:
    entries = table.required("classes", list)
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        raise table.error("classes", "must be at least one table")
    classes = tuple(
        _model_class(_Table(table.folder, f"classes[{number}].", entry))
        for number, entry in enumerate(entries)
    )
    if len({entry.name for entry in classes}) != len(classes):
        raise table.error("classes", "names a class twice")
    return classes


def _model_class(table: _Table) -> ModelClass:
    table.allow({"name", "color", "decision_threshold", "region_threshold"})
    decision = table.number("decision_threshold")
    if not 0.0 <= decision <= 1.0:
        raise table.error("decision_threshold", f"is {decision:g}, must be a probability from 0 to 1")
    return ModelClass(
        name=table.text("name"),
        color=_color(table),
        decision_threshold=decision,
        region_threshold=table.number("region_threshold"),
    )


def _color(table: _Table) -> tuple[int, int, int]:
    color = table.required("color", list)
    if len(color) != 3 or not all(type(part) is int and 0 <= part <= 255 for part in color):
        raise table.error("color", f"is {color!r}, must be three whole numbers from 0 to 255")
    return color[0], color[1], color[2]
