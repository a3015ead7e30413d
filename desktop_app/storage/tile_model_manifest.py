"""``bundle.toml`` of a network on tiles as a value and back, with every mistake named by its key.

The aggregators' manifest is ``storage.bundle_manifest``'s; the key ``kind`` says which of the two a file is.
Only the text: whether the weights are there and unchanged is ``storage.model_store``'s part.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import tomli_w

from desktop_app.domain.tile_model import TileInput, TileModel, TileModelKind, WeightsFormat
from desktop_app.errors import ModelBundleError

SCHEMA = 1
KINDS: tuple[TileModelKind, ...] = get_args(TileModelKind)

_ID = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_FILE = re.compile(r"[^/\\:\x00]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEYS = {"schema", "id", "name", "version", "licence", "kind", "format", "architecture", "input", "classes"}
_KEYS |= {"weights"}


def to_toml(model: TileModel) -> str:
    """The text of a bundle's manifest."""
    given = model.input
    numbers: dict[str, Any] = {"tile_px": given.tile_px, "mean": list(given.mean), "std": list(given.std)}
    if given.mpp is not None:
        numbers["mpp"] = given.mpp
    return tomli_w.dumps(
        {
            "schema": SCHEMA,
            "id": model.model_id,
            "name": model.name,
            "version": model.version,
            "licence": model.licence,
            "kind": model.kind,
            "format": model.weights_format,
            "architecture": model.architecture,
            "classes": list(model.classes),
            "input": numbers,
            "weights": {
                "file": model.weights.name,
                "bytes": model.weights_bytes,
                "sha256": model.sha256,
                "source_sha256": model.source_sha256,
            },
        }
    )


def from_toml(folder: Path, text: str) -> TileModel:
    """The value of a manifest.

    Raises
    ------
    ModelBundleError
        If it is no TOML, or a key is missing, unknown or of the wrong kind.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ModelBundleError(folder, f"bundle.toml is not valid TOML ({error})") from error
    for key in values.keys() - _KEYS:
        raise ModelBundleError(folder, f"{key} is not a known key")
    read = _Reader(folder, values)
    weights = _Reader(folder, read.get("weights", dict), "weights.")
    return TileModel(
        path=folder,
        model_id=read.matching("id", _ID),
        name=read.get("name", str),
        version=read.get("version", str),
        licence=read.get("licence", str),
        kind=read.one_of("kind", KINDS),
        weights_format=read.one_of("format", get_args(WeightsFormat)),
        architecture=read.get("architecture", str),
        input=_input(_Reader(folder, read.get("input", dict), "input.")),
        classes=tuple(str(name) for name in read.get("classes", list)),
        weights=folder / weights.matching("file", _FILE),
        weights_bytes=weights.get("bytes", int),
        sha256=weights.matching("sha256", _SHA256),
        source_sha256=weights.matching("source_sha256", _SHA256),
    )


def _input(read: _Reader) -> TileInput:
    tile_px = read.get("tile_px", int)
    if not 1 <= tile_px <= 8192:
        raise read.error("tile_px", "must be from 1 to 8192")
    mpp = float(read.get("mpp", (int, float))) if "mpp" in read.values else None
    if mpp is not None and not 0.01 <= mpp <= 100:
        raise read.error("mpp", "must be from 0.01 to 100 µm")
    return TileInput(tile_px, mpp, read.channels("mean"), read.channels("std"))


class _Reader:
    """One table; every mistake is named by its key."""

    def __init__(self, folder: Path, values: Mapping[str, Any], where: str = "") -> None:
        self.folder = folder
        self.values = values
        self.where = where

    def error(self, key: str, reason: str) -> ModelBundleError:
        return ModelBundleError(self.folder, f"{self.where}{key} {reason}")

    def get(self, key: str, kind: type | tuple[type, ...]) -> Any:
        value = self.values.get(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.error(key, f"is {value!r}, which is missing or of the wrong type")
        return value

    def matching(self, key: str, pattern: re.Pattern[str]) -> str:
        value: str = self.get(key, str)
        if pattern.fullmatch(value) is None or value in (".", ".."):
            raise self.error(key, f"is {value!r}, which cannot be")
        return value

    def one_of(self, key: str, allowed: tuple[str, ...]) -> Any:
        value = self.get(key, str)
        if value not in allowed:
            raise self.error(key, f"is {value!r}, must be one of {', '.join(allowed)}")
        return value

    def channels(self, key: str) -> tuple[float, float, float]:
        values = self.get(key, list)
        if len(values) != 3 or not all(type(value) in (int, float) for value in values):
            raise self.error(key, "must be three numbers")
        return float(values[0]), float(values[1]), float(values[2])
