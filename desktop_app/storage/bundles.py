"""Model bundles on disk: a folder with ``bundle.toml`` and a safetensors file, read and written whole.

A bundle is data and never code. Nothing in it is believed before it is checked: the weights must be a plain
file inside the folder with the size and SHA-256 that the manifest states (``storage.bundle_manifest`` has its
schema). Safe on any thread; reading takes as long as hashing the weights.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from desktop_app.domain.bundle import ModelBundle
from desktop_app.errors import ModelBundleError, StorageError
from desktop_app.storage.atomic import atomic_file, write_atomically
from desktop_app.storage.bundle_manifest import BundleManifest

MANIFEST_NAME = "bundle.toml"
WEIGHTS_NAME = "weights.safetensors"
MAX_MANIFEST_BYTES = 4 * 2**20


def read_bundle(folder: Path) -> ModelBundle:
    """Read a bundle and verify its weights.

    Parameters
    ----------
    folder : Path
        Holds ``bundle.toml`` and the weights it names.

    Returns
    -------
    ModelBundle
        Its ``sha256`` is that of the weights as they are on disk.

    Raises
    ------
    ModelBundleError
        If a file is missing, is a link or lies outside the folder, a key is missing, unknown or of the wrong
        kind, or the weights' size or SHA-256 differs from what the manifest states.
    """
    manifest = _read_manifest(folder)
    _verify(manifest)
    return manifest.bundle


def write_bundle(folder: Path, bundle: ModelBundle, weights: Path) -> ModelBundle:
    """Write a bundle: first the weights, then the manifest that names their size and SHA-256.

    Parameters
    ----------
    folder : Path
        Made if missing; files of the same names are replaced.
    bundle : ModelBundle
        Its ``path``, ``weights`` and ``sha256`` are set anew.
    weights : Path
        A safetensors file, copied to ``weights.safetensors``; may be that file itself.

    Returns
    -------
    ModelBundle
        As :func:`read_bundle` gives it back.

    Raises
    ------
    ModelBundleError
        If the bundle says something that could not be read back; nothing is written then.
    StorageError
        If the system refuses a file.
    """
    try:
        size, digest = weights.stat().st_size, _sha256(weights)
    except OSError as error:
        raise StorageError(weights, error.strerror or str(error)) from error
    stated = replace(bundle, path=folder, weights=folder / WEIGHTS_NAME, sha256=digest)
    manifest = BundleManifest(stated, size).to_toml()
    BundleManifest.from_toml(folder, manifest)
    _make_folder(folder)
    with atomic_file(stated.weights) as temporary:
        shutil.copyfile(weights, temporary)
    write_atomically(folder / MANIFEST_NAME, manifest.encode("utf-8"))
    return read_bundle(folder)


def list_bundles(folders: Sequence[Path]) -> tuple[ModelBundle, ...]:
    """Every readable bundle directly below some folders, by id.

    Of two with one id the one in the earlier folder stands, as in :func:`find_bundle`. Folders that are not
    bundles, or broken ones, are left out: :func:`read_bundle` says what is wrong with one. The weights are
    not hashed, so that a list of large models is made at once.
    """
    found: dict[str, ModelBundle] = {}
    for candidate in _candidates(folders):
        try:
            bundle = _read_manifest(candidate).bundle
        except ModelBundleError:
            continue
        found.setdefault(bundle.bundle_id, bundle)
    return tuple(found[bundle_id] for bundle_id in sorted(found))


def find_bundle(name_or_folder: str, folders: Sequence[Path]) -> ModelBundle:
    """The bundle of an id in the model folders, or in a folder named directly; verified.

    Parameters
    ----------
    name_or_folder : str
        A bundle id, looked up first, or the path of a bundle's folder.
    folders : Sequence[Path]
        Folders of bundles, the user's own first.

    Raises
    ------
    ModelBundleError
        If there is none, or it cannot be used.
    """
    for candidate in _candidates(folders):
        if candidate.name == name_or_folder or _stated_id(candidate) == name_or_folder:
            return read_bundle(candidate)
    folder = Path(name_or_folder)
    if (folder / MANIFEST_NAME).is_file():
        return read_bundle(folder)
    places = ", ".join(str(place) for place in folders)
    raise ModelBundleError(folder, f"there is none of that name in {places}, and it is not a bundle's folder")


def _candidates(folders: Sequence[Path]) -> list[Path]:
    """Folders with a manifest directly below some folders, in order."""
    return [
        child
        for folder in folders
        if folder.is_dir()
        for child in sorted(folder.iterdir())
        if (child / MANIFEST_NAME).is_file()
    ]


def _stated_id(folder: Path) -> str | None:
    """The id that a manifest states, None where it cannot be read."""
    try:
        return _read_manifest(folder).bundle.bundle_id
    except ModelBundleError:
        return None


def _read_manifest(folder: Path) -> BundleManifest:
    """The manifest of a folder, parsed."""
    path = _plain_file(folder, MANIFEST_NAME)
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise ModelBundleError(folder, f"{MANIFEST_NAME} is larger than {MAX_MANIFEST_BYTES >> 20} MiB")
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ModelBundleError(folder, f"{MANIFEST_NAME} cannot be read ({error})") from error
    except UnicodeDecodeError as error:
        raise ModelBundleError(folder, f"{MANIFEST_NAME} is not UTF-8 ({error})") from error
    return BundleManifest.from_toml(folder, text)


def _plain_file(folder: Path, name: str) -> Path:
    """A file directly inside a bundle that is there and not a link."""
    path = folder / name
    if path.is_symlink():
        raise ModelBundleError(folder, f"{name} is a link; a bundle holds its files itself")
    if not path.is_file():
        raise ModelBundleError(folder, f"{name} is missing")
    return path


def _verify(manifest: BundleManifest) -> None:
    """Compare the weights with what the manifest states; the size first, since it is cheap."""
    bundle, size = manifest.bundle, manifest.weights_bytes
    name = bundle.weights.name
    path = _plain_file(bundle.path, name)
    try:
        found = path.stat().st_size
        digest = _sha256(path) if found == size else ""
    except OSError as error:
        raise ModelBundleError(bundle.path, f"{name} cannot be read ({error})") from error
    if found != size:
        raise ModelBundleError(bundle.path, f"{name} has {found} bytes instead of {size}; copy it again")
    if digest != bundle.sha256:
        raise ModelBundleError(bundle.path, f"{name} was damaged or changed (SHA-256 differs); copy it again")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(folder, error.strerror or str(error)) from error
