"""The user's model bundles: what is there, how it came there, and whether it still is as it was.

A bundle is a folder with ``bundle.toml`` and weights; ``import.json`` beside them records where it came from,
that its licence was accepted, and what it answered when it was tried. Safe on any thread.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from desktop_app.domain.bundle import ModelBundle
from desktop_app.domain.tile_model import DryRun, TileModel
from desktop_app.errors import ModelBundleError, StorageError
from desktop_app.storage.bundles import MANIFEST_NAME, MAX_MANIFEST_BYTES, read_bundle
from desktop_app.storage.tile_model_manifest import KINDS, from_toml

RECORD_NAME = "import.json"


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """How a bundle came into the store.

    Attributes
    ----------
    source : str
        Name of the file or folder that was brought.
    licence_accepted : str
        When the licence was accepted, ISO 8601 UTC.
    dry_run : DryRun
        What it answered.
    """

    source: str
    licence_accepted: str
    dry_run: DryRun

    def to_json(self) -> bytes:
        """The text of ``import.json``."""
        return json.dumps(asdict(self), indent=2).encode()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ImportRecord:
        """The inverse of :meth:`to_json`; raises ``KeyError`` or ``TypeError`` where it is none."""
        run = data["dry_run"]
        answered = DryRun(tuple(run["output_shape"]), run["output_sha256"], tuple(run["head"]), run["note"])
        return cls(str(data["source"]), str(data["licence_accepted"]), answered)


@dataclass(frozen=True, slots=True)
class StoredModel:
    """One folder of the store.

    Attributes
    ----------
    folder : Path
        Where it is.
    model : ModelBundle | TileModel | None
        What its manifest says; None where it cannot be read.
    record : ImportRecord | None
        None for a bundle that was not imported (the demonstration model).
    problem : str
        Why it cannot be used; empty if it can.
    removable : bool
        Whether it is the user's own.
    """

    folder: Path
    model: ModelBundle | TileModel | None
    record: ImportRecord | None
    problem: str
    removable: bool

    @property
    def model_id(self) -> str:
        """The manifest's id, or the folder's name."""
        if isinstance(self.model, TileModel):
            return self.model.model_id
        return self.model.bundle_id if self.model is not None else self.folder.name


def list_models(folders: Sequence[Path]) -> tuple[StoredModel, ...]:
    """Every bundle in some folders, the user's own first, broken ones too; the weights are not hashed."""
    return tuple(
        _stored(child, removable=index == 0)
        for index, folder in enumerate(folders)
        if folder.is_dir()
        for child in sorted(folder.iterdir())
        if child.is_dir() and not child.name.startswith(".")
    )


def read_model(folder: Path) -> ModelBundle | TileModel:
    """The manifest of a bundle, with its weights' size and hash verified.

    Raises
    ------
    ModelBundleError
        If anything is missing, damaged or changed.
    """
    values = _manifest(folder)
    if values is None:
        return read_bundle(folder)
    verify_weights(values)
    return values


def verify_weights(model: TileModel) -> None:
    """Compare the weights with what the manifest states.

    Raises
    ------
    ModelBundleError
        If they are missing, a link, or not those.
    """
    path = model.weights
    if path.is_symlink() or not path.is_file():
        raise ModelBundleError(model.path, f"the file {path.name} is missing: put it into {model.path}")
    if path.stat().st_size != model.weights_bytes or file_hash(path) != model.sha256:
        raise ModelBundleError(model.path, f"{path.name} was damaged or changed; import the model again")


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_model(model: StoredModel) -> None:
    """Delete a bundle of the user's own.

    Raises
    ------
    ModelBundleError
        If it ships with the application.
    StorageError
        If it cannot be deleted.
    """
    if not model.removable:
        raise ModelBundleError(model.folder, "it comes with Coverslip and stays")
    try:
        with tempfile.TemporaryDirectory(dir=model.folder.parent, prefix=".old-") as aside:
            model.folder.rename(Path(aside, "old"))
    except OSError as error:
        raise StorageError(model.folder, error.strerror or str(error)) from error


def put_in_place(made: Path, folder: Path) -> None:
    """Move a finished bundle to its place, in place of an earlier one of the same id.

    Raises
    ------
    StorageError
        If the system refuses it.
    """
    try:
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)
    except OSError as error:
        raise StorageError(folder, error.strerror or str(error)) from error


def _stored(folder: Path, *, removable: bool) -> StoredModel:
    from desktop_app.storage.bundles import list_bundles

    record = _record(folder)
    try:
        model: ModelBundle | TileModel | None = _manifest(folder)
        if model is None:
            model = next(one for one in list_bundles([folder.parent]) if one.path == folder)
    except ModelBundleError as error:
        return StoredModel(folder, None, record, error.reason, removable)
    except StopIteration:
        return StoredModel(folder, None, record, f"{MANIFEST_NAME} cannot be read", removable)
    weights = model.weights
    problem = "" if weights.is_file() else f"the file {weights.name} is missing: put it into {folder}"
    return StoredModel(folder, model, record, problem, removable)


def _manifest(folder: Path) -> TileModel | None:
    """The manifest of a network on tiles; None for one of another kind."""
    path = folder / MANIFEST_NAME
    try:
        if path.is_symlink() or path.stat().st_size > MAX_MANIFEST_BYTES:
            raise ModelBundleError(folder, f"{MANIFEST_NAME} is a link or too large")
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelBundleError(folder, f"{MANIFEST_NAME} cannot be read ({error})") from error
    if not any(f'kind = "{kind}"' in text for kind in KINDS):
        return None
    return from_toml(folder, text)


def _record(folder: Path) -> ImportRecord | None:
    try:
        return ImportRecord.from_json(json.loads((folder / RECORD_NAME).read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):
        return None
