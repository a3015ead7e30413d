"""Weights made safe and tried out: state dicts to safetensors, and one run on a fixed tensor.

Runs in a worker process, since unpickling and running weights is running what somebody brought.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.tile_model import DryRun, TileModel
from desktop_app.errors import ModelBundleError

_NESTED = ("state_dict", "model_state_dict", "model", "teacher", "params")
"""Keys below which training programs keep the weights."""

_PREFIXES = ("module.", "backbone.", "teacher.", "encoder.")
_PLAIN = (int, float, str, bool, bytes, type(None))
_HEAD = 16


def convert_state_dict(source: Path, target: Path) -> None:
    """Read a state dict with ``weights_only`` and write it as safetensors.

    Raises
    ------
    ModelBundleError
        If it holds anything but tensors in plain containers; the sentence names the type.
    """
    import torch
    from safetensors.torch import save_file

    try:
        loaded = torch.load(source, map_location="cpu", weights_only=True)
    except Exception as error:  # the boundary to a file that may hold anything
        raise ModelBundleError(source, _refusal(str(error))) from error
    tensors = _strip_prefix(_tensors(source, _innermost(loaded)))
    if not tensors:
        raise ModelBundleError(source, "it holds no tensors")
    save_file({name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}, target)


def _refusal(said: str) -> str:
    found = re.search(r"GLOBAL (\S+)", said)
    if found:
        return (
            f"it holds {found[1]}, which is not a tensor; only tensors in plain containers are read, "
            "since anything else could run code. Ask its author for the state dict alone, or safetensors"
        )
    return f"it is damaged or no state dict ({said.splitlines()[0][:200] if said else 'no reason given'})"


def _innermost(loaded: Any) -> Any:
    while isinstance(loaded, Mapping):
        below = next((loaded[key] for key in _NESTED if isinstance(loaded.get(key), Mapping)), None)
        if below is None:
            return loaded
        loaded = below
    return loaded


def _tensors(source: Path, loaded: Any, where: str = "") -> dict[str, Any]:
    """Every tensor by its path of keys."""
    import torch

    if isinstance(loaded, torch.Tensor):
        return {where or "weight": loaded}
    if isinstance(loaded, Mapping):
        items = [(str(key), value) for key, value in loaded.items()]
    elif isinstance(loaded, list | tuple):
        items = [(str(index), value) for index, value in enumerate(loaded)]
    elif isinstance(loaded, _PLAIN):
        return {}
    else:
        kind = f"{type(loaded).__module__}.{type(loaded).__name__}"
        raise ModelBundleError(source, f"it holds {kind} at '{where}'; only tensors are read")
    found: dict[str, Any] = {}
    for key, value in items:
        found |= _tensors(source, value, f"{where}.{key}" if where else key)
    return found


def _strip_prefix(tensors: dict[str, Any]) -> dict[str, Any]:
    for prefix in _PREFIXES:
        if tensors and all(name.startswith(prefix) for name in tensors):
            return {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    return tensors


def fixed_input(tile_px: int) -> FloatArray:
    """The same picture each time: float32 ``(1, 3, tile_px, tile_px)``, 0 to 1, with gradients and edges."""
    y, x = np.mgrid[0:tile_px, 0:tile_px].astype(np.float32) / max(1, tile_px - 1)
    checks = ((x * 8).astype(int) + (y * 8).astype(int)) % 2
    return np.stack([x, y, checks.astype(np.float32)])[np.newaxis].astype(np.float32)


def dry_run(model: TileModel) -> DryRun:
    """Run a model once on the fixed picture.

    Raises
    ------
    ModelBundleError
        If it fails, or answers with what is no finite tensor.
    """
    given = model.input
    mean, std = (np.array(values, np.float32).reshape(1, 3, 1, 1) for values in (given.mean, given.std))
    picture = (fixed_input(given.tile_px) - mean) / std
    runners = {"torchscript": _run_torchscript, "onnx": _run_onnx, "safetensors": _run_timm}
    try:
        answer = runners[model.weights_format](model, picture)
    except ImportError as error:
        return DryRun(note=f"not tried, since {error.name} is not installed (extra 'encoders')")
    except ModelBundleError:
        raise
    except Exception as error:  # the boundary to weights that somebody brought
        first = (str(error).strip().splitlines() or ["no reason given"])[-1]
        raise ModelBundleError(model.path, f"it cannot be run ({type(error).__name__}: {first})") from error
    if answer is None:
        return DryRun(note="not tried, since no architecture is stated")
    values = np.ascontiguousarray(answer, dtype="<f4")
    if not values.size or not np.isfinite(values).all():
        raise ModelBundleError(model.path, f"its answer of shape {values.shape} is empty or not finite")
    head = tuple(float(value) for value in values.ravel()[:_HEAD])
    return DryRun(values.shape, hashlib.sha256(values.tobytes()).hexdigest(), head)


def _run_torchscript(model: TileModel, picture: FloatArray) -> Any:
    import torch

    load: Any = torch.jit.load
    network = load(str(model.weights), map_location="cpu").eval()
    with torch.inference_mode():
        return _first(network(torch.from_numpy(picture))).float().numpy()


def _run_onnx(model: TileModel, picture: FloatArray) -> Any:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(model.weights), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: picture})[0]


def _run_timm(model: TileModel, picture: FloatArray) -> Any:
    if not model.architecture:
        return None
    import timm
    import torch
    from safetensors.torch import load_file

    network = timm.create_model(model.architecture, pretrained=False, num_classes=len(model.classes))
    network.load_state_dict(load_file(model.weights))
    with torch.inference_mode():
        return _first(network.eval()(torch.from_numpy(picture))).float().numpy()


def _first(answer: Any) -> Any:
    """The tensor of an answer that may be a tuple or a mapping of several."""
    while isinstance(answer, list | tuple | Mapping):
        answer = next(iter(answer.values() if isinstance(answer, Mapping) else answer))
    return answer
