"""A recognized model brought into the store: converted, tried once, and put in place whole.

``import_in_process`` is what the command and the window call; what it does to the weights happens in a
spawned process, since unpickling and running them is running what somebody brought.
"""

from __future__ import annotations

import multiprocessing
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from desktop_app.domain.tile_model import DryRun, TileModel, WeightsFormat
from desktop_app.engine.memory_limit import limit_memory
from desktop_app.errors import ModelBundleError, StorageError
from desktop_app.storage.bundles import MANIFEST_NAME
from desktop_app.storage.model_source import ModelSource
from desktop_app.storage.model_store import (
    RECORD_NAME,
    ImportRecord,
    file_hash,
    put_in_place,
    read_model,
)
from desktop_app.storage.tile_model_manifest import to_toml

SECONDS = 600.0
"""How long converting and trying may take."""

_LOOK_SECONDS = 0.2

_SUFFIXES: dict[WeightsFormat, str] = {"safetensors": ".safetensors", "torchscript": ".pt", "onnx": ".onnx"}


def never() -> bool:
    """For whoever cannot stop an import."""
    return False


def import_in_process(
    source: ModelSource,
    models: Path,
    *,
    licence: str,
    seconds: float = SECONDS,
    stopped: Callable[[], bool] = never,
) -> Path:
    """Import a model whose licence was accepted.

    Parameters
    ----------
    source : ModelSource
        What was recognized.
    models : Path
        The user's folder of bundles.
    licence : str
        As it was shown and accepted.
    seconds : float
        How long it may take.
    stopped : Callable[[], bool]
        Asked several times a second whether the user has stopped it.

    Returns
    -------
    Path
        The new bundle's folder.

    Raises
    ------
    ModelBundleError
        If it cannot be read or run, was stopped, or the process crashed or hung; nothing was added then.
    StorageError
        If it cannot be written.
    """
    # Made here, so that it is cleaned up also where the process that fills it is killed.
    with _aside(models) as aside:
        call = partial(_import, source, models, licence, aside=aside)
        return Path(_in_process(call, source.folder, seconds=seconds, stopped=stopped))


def try_in_process(folder: Path, *, seconds: float = SECONDS, stopped: Callable[[], bool] = never) -> DryRun:
    """Verify a bundle's hashes and run it once more.

    Raises
    ------
    ModelBundleError
        If it is damaged, cannot be run, or answers otherwise than when it was imported.
    """
    answered: DryRun = _in_process(partial(check_model, folder), folder, seconds=seconds, stopped=stopped)
    return answered


def import_model(source: ModelSource, models: Path, licence: str) -> Path:
    """As :func:`import_in_process`, on this thread."""
    with _aside(models) as aside:
        return _import(source, models, licence, aside=aside)


def check_model(folder: Path) -> DryRun:
    """As :func:`try_in_process`, on this thread."""
    import numpy as np

    from desktop_app.engine.model_weights import dry_run
    from desktop_app.storage.model_store import list_models

    model = read_model(folder)
    if not isinstance(model, TileModel):
        return DryRun(note="its hashes fit; a model on bags is tried by running a recipe with it")
    answered = dry_run(model)
    stored = next(one for one in list_models([folder.parent]) if one.folder == folder)
    before = stored.record.dry_run if stored.record is not None else DryRun(note="unknown")
    if before.note or answered.note or answered.output_sha256 == before.output_sha256:
        return answered
    if answered.output_shape != before.output_shape or not np.allclose(
        answered.head, before.head, 1e-3, 1e-4
    ):
        raise ModelBundleError(folder, "it answers otherwise than when it was imported; import it again")
    return answered


@contextmanager
def _aside(models: Path) -> Iterator[Path]:
    """A folder that is no bundle to the listing, on the disk of the bundles."""
    try:
        models.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=models, prefix=".new-"))
    except OSError as error:
        raise StorageError(models, error.strerror or str(error)) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _import(source: ModelSource, models: Path, licence: str, *, aside: Path) -> Path:
    made = aside / source.name
    try:
        made.mkdir()
        model_id, answered = _make(source, made, licence)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        record = ImportRecord(source.weights.name, now, answered)
        (made / RECORD_NAME).write_bytes(record.to_json())
        put_in_place(made, models / model_id)
    except OSError as error:
        raise StorageError(models, error.strerror or str(error)) from error
    return models / model_id


def _make(source: ModelSource, made: Path, licence: str) -> tuple[str, DryRun]:
    """Fill a folder with the bundle; its id and what it answered."""
    if source.form == "bundle":
        return _copy_bundle(source.folder, made)
    from desktop_app.engine.model_weights import convert_state_dict, dry_run

    form: WeightsFormat = "safetensors" if source.form == "state_dict" else source.form
    weights = made / f"weights{_SUFFIXES[form]}"
    if source.form == "state_dict":
        convert_state_dict(source.weights, weights)
    else:
        shutil.copyfile(source.weights, weights)
    model_id = re.sub(r"[^a-z0-9_.-]+", "-", source.name.lower()).strip("-._") or "model"
    model = TileModel(
        path=made,
        model_id=model_id,
        name=source.name,
        version="1",
        licence=licence,
        kind=source.kind,
        weights_format=form,
        architecture=source.architecture,
        input=source.input,
        classes=source.classes,
        weights=weights,
        weights_bytes=weights.stat().st_size,
        sha256=file_hash(weights),
        source_sha256=file_hash(source.weights),
    )
    (made / MANIFEST_NAME).write_text(to_toml(model), encoding="utf-8")
    return model_id, dry_run(model)


def _copy_bundle(folder: Path, made: Path) -> tuple[str, DryRun]:
    """Take over what is a bundle already: the manifest and the weights it names, nothing else."""
    model = read_model(folder)
    for path in (folder / MANIFEST_NAME, model.weights):
        shutil.copyfile(path, made / path.name)
    if isinstance(model, TileModel):
        from desktop_app.engine.model_weights import dry_run

        return model.model_id, dry_run(model)
    return model.bundle_id, DryRun(note="a model on bags is tried by running a recipe with it")


def _in_process(call: Callable[[], Any], place: Path, *, seconds: float, stopped: Callable[[], bool]) -> Any:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(theirs, call, place), daemon=True)
    process.start()
    theirs.close()
    deadline = time.monotonic() + seconds
    try:
        while not ours.poll(_LOOK_SECONDS):
            if stopped():
                raise ModelBundleError(place, "it was stopped; nothing was changed")
            if time.monotonic() > deadline:
                raise ModelBundleError(place, f"it did not answer for {seconds:g} s and was stopped")
        said = ours.recv()
    except EOFError:
        process.join()
        raise ModelBundleError(place, f"it crashed the process (exit code {process.exitcode})") from None
    finally:
        process.kill()
        process.join()
        ours.close()
    if isinstance(said, tuple):
        kind, path, reason = said
        raise kind(Path(path), reason)
    return said


def _serve(connection: Connection, call: Callable[[], Any], place: Path) -> None:
    limit_memory()
    try:
        connection.send(call())
    except (ModelBundleError, StorageError) as error:
        connection.send((type(error), str(error.path), error.reason))
    except MemoryError:
        connection.send((ModelBundleError, str(place), "it needs more memory than there is"))
