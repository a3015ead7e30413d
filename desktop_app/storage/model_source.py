"""What somebody brings as a model: a folder, a zip or one file, recognized without running or unpickling it.

Nothing of it is believed: links, paths that lead out, and more than a size are refused before anything is
copied. Safe on any thread; takes as long as unpacking.
"""

from __future__ import annotations

import json
import re
import stat
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal, TypeAlias

from desktop_app.domain.tile_model import TileInput, TileModelKind
from desktop_app.errors import ModelBundleError
from desktop_app.storage.bundles import MANIFEST_NAME

MAX_BYTES = 16 * 2**30
MAX_FILES = 1000
MAX_CONFIG_BYTES = 4 * 2**20

SourceForm: TypeAlias = Literal["bundle", "torchscript", "onnx", "safetensors", "state_dict"]

_BY_SUFFIX: dict[str, SourceForm] = {
    ".onnx": "onnx",
    ".safetensors": "safetensors",
    ".pth": "state_dict",
    ".bin": "state_dict",
    ".ckpt": "state_dict",
    ".ts": "torchscript",
}
_HUGGING_FACE = ("model.safetensors", "pytorch_model.bin")
_WSINFER = "torchscript_model.pt"
_LICENCE_FILES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "LICENCE.txt")


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model that can be imported.

    Attributes
    ----------
    form : SourceForm
        How the weights are stored.
    folder : Path
        Where it lies.
    weights : Path
        Its one file of weights; of a bundle its manifest.
    name : str
        What to call it.
    kind : TileModelKind
        What it is for, as far as can be known.
    licence : str
        What is stated; empty if nothing is.
    architecture : str
        timm's name, or empty.
    input : TileInput
        What it wants to be given.
    classes : tuple[str, ...]
        Names of its outputs.
    """

    form: SourceForm
    folder: Path
    weights: Path
    name: str
    kind: TileModelKind = "network"
    licence: str = ""
    architecture: str = ""
    input: TileInput = field(default_factory=TileInput)
    classes: tuple[str, ...] = ()


def unpack(path: Path, scratch: Path) -> Path:
    """The folder or file to look at: ``path`` itself, or what a ``.zip`` holds, unpacked below ``scratch``.

    Raises
    ------
    ModelBundleError
        If the archive is damaged, holds a link or a path that leads out of it, or is too large.
    """
    if path.suffix.lower() != ".zip":
        return path
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bad_entries(path, archive)
            archive.extractall(scratch)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise ModelBundleError(path, f"it cannot be unpacked ({error}); copy it again") from error
    inside = [child for child in scratch.iterdir() if child.name != "__MACOSX"]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else scratch


def _refuse_bad_entries(path: Path, archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise ModelBundleError(path, f"it holds more than {MAX_FILES} files or {MAX_BYTES >> 30} GiB")
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in entry.filename:
            raise ModelBundleError(path, f"it holds {entry.filename}, which leads out of the archive")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise ModelBundleError(path, f"it holds {entry.filename}, which is a link")


def recognize(path: Path) -> ModelSource:
    """What a folder or file is, from its names and its configuration.

    Raises
    ------
    ModelBundleError
        If it is nothing that can be imported; the sentence names the files that are missing and where to put
        them.
    """
    if path.is_dir():
        _refuse_bad_files(path)
        return _of_folder(path)
    if path.is_symlink() or not path.is_file():
        raise ModelBundleError(path, "it is not there, or is a link")
    form = _form_of_file(path)
    return ModelSource(form, path.parent, path, path.stem)


def _refuse_bad_files(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    for path in files:
        if path.is_symlink():
            raise ModelBundleError(folder, f"{path.relative_to(folder)} is a link; put the file itself there")
    if len(files) > MAX_FILES or sum(path.stat().st_size for path in files) > MAX_BYTES:
        raise ModelBundleError(folder, f"it holds more than {MAX_FILES} files or {MAX_BYTES >> 30} GiB")


def _of_folder(folder: Path) -> ModelSource:
    if (folder / MANIFEST_NAME).is_file():
        return ModelSource("bundle", folder, folder / MANIFEST_NAME, folder.name)
    if not (folder / "config.json").is_file():
        raise ModelBundleError(folder, _missing(folder, "config.json", f"{_WSINFER}, {_HUGGING_FACE[0]}"))
    config = _config(folder)
    if "patch_size_pixels" in config:
        return _of_wsinfer(folder, config)
    weights = next((folder / name for name in _HUGGING_FACE if (folder / name).is_file()), None)
    if weights is None:
        raise ModelBundleError(folder, _missing(folder, " or ".join(_HUGGING_FACE), "config.json"))
    return _of_hugging_face(folder, weights, config)


def _missing(folder: Path, wanted: str, beside: str) -> str:
    return (
        f"the file {wanted} is missing. This computer does not download: fetch it where there is a network, "
        f"from the page of the model, and put it into {folder} beside {beside}"
    )


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise ModelBundleError(folder, "config.json is too large")
        config = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelBundleError(folder, f"config.json cannot be read ({error})") from error
    if not isinstance(config, dict):
        raise ModelBundleError(folder, "config.json is no JSON object")
    return config


def _of_wsinfer(folder: Path, config: dict[str, Any]) -> ModelSource:
    weights = folder / _WSINFER
    if not weights.is_file():
        raise ModelBundleError(folder, _missing(folder, _WSINFER, "config.json"))
    try:
        steps = {step["name"]: step.get("arguments") or {} for step in config["transform"]}
        scaling = steps.get("Normalize", {})
        given = TileInput(
            int(steps.get("Resize", {}).get("size", config["patch_size_pixels"])),
            float(config["spacing_um_px"]),
            _channels(scaling.get("mean"), 0.0),
            _channels(scaling.get("std"), 1.0),
        )
        classes = tuple(str(name) for name in config["class_names"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelBundleError(folder, f"config.json is not WSInfer's ({error!r})") from error
    name = str(config.get("architecture", ""))
    return ModelSource(
        "torchscript", folder, weights, folder.name, "classifier", _licence(folder), name, given, classes
    )


def _of_hugging_face(folder: Path, weights: Path, config: dict[str, Any]) -> ModelSource:
    """A folder as timm writes it: ``architecture`` and ``pretrained_cfg``."""
    stated = config.get("pretrained_cfg")
    stated = stated if isinstance(stated, dict) else {}
    try:
        size = (stated.get("input_size") or [3, 224, 224])[-1]
        given = TileInput(
            int(size), None, _channels(stated.get("mean"), 0.0), _channels(stated.get("std"), 1.0)
        )
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise ModelBundleError(folder, f"config.json states no usable input ({error!r})") from error
    form: SourceForm = "safetensors" if weights.suffix == ".safetensors" else "state_dict"
    architecture = str(config.get("architecture", ""))
    count, names = config.get("num_classes", 0), config.get("label_names")
    count = count if type(count) is int and count > 0 else 0
    stated_names = names if isinstance(names, list) and len(names) == count else range(count)
    classes = tuple(str(name) for name in stated_names)
    kind: TileModelKind = "classifier" if classes else "encoder"
    licence = str(stated.get("license", "")) or _licence(folder)
    return ModelSource(form, folder, weights, folder.name, kind, licence, architecture, given, classes)


def _channels(values: Any, default: float) -> tuple[float, float, float]:
    numbers = [default] * 3 if values is None else [float(value) for value in values]
    if len(numbers) != 3:
        raise ValueError("mean and std must have three numbers")
    return numbers[0], numbers[1], numbers[2]


def _licence(folder: Path) -> str:
    """What a licence file or the head of a Hugging Face model card says, its first words."""
    for name in _LICENCE_FILES:
        if (folder / name).is_file():
            lines = (folder / name).read_text("utf-8", "replace").split("\n")
            return next((line.strip() for line in lines if line.strip()), "")[:200]
    card = folder / "README.md"
    if card.is_file():
        stated = re.search(r"^license:\s*(\S.*)$", card.read_text("utf-8", "replace")[:20_000], re.MULTILINE)
        return stated[1].strip() if stated else ""
    return ""


def _form_of_file(path: Path) -> SourceForm:
    suffix = path.suffix.lower()
    if suffix == ".pt":
        return "torchscript" if _holds_code(path) else "state_dict"
    if suffix not in _BY_SUFFIX:
        known = ", ".join((*_BY_SUFFIX, ".pt", ".zip"))
        raise ModelBundleError(path, f"it is no model file; a folder or one of {known} can be imported")
    return _BY_SUFFIX[suffix]


def _holds_code(path: Path) -> bool:
    """Whether a ``.pt`` file is TorchScript: an archive with compiled code."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any("/code/" in name for name in archive.namelist())
