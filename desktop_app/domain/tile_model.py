"""A network that works on tiles, as its bundle describes it: data about weights, never code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

TileModelKind: TypeAlias = Literal["encoder", "classifier", "network"]
"""Tile to feature, tile to class probabilities, or a network of unknown use."""

WeightsFormat: TypeAlias = Literal["safetensors", "torchscript", "onnx"]


@dataclass(frozen=True, slots=True)
class TileInput:
    """What a network wants to be given.

    Attributes
    ----------
    tile_px : int
        Tile edge in pixels.
    mpp : float | None
        µm per pixel; None where the source does not say.
    mean, std : tuple[float, float, float]
        Per channel, of values from 0 to 1, RGB.
    """

    tile_px: int = 224
    mpp: float | None = None
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class TileModel:
    """``bundle.toml`` of a network on tiles.

    Attributes
    ----------
    path : Path
        The bundle's folder.
    model_id, name, version, licence : str
        As stated; the licence is ``"not stated"`` where the source has none.
    kind : TileModelKind
        What comes out.
    weights_format : WeightsFormat
        How the weights are stored.
    architecture : str
        timm's name of the network, or empty.
    input : TileInput
        What goes in.
    classes : tuple[str, ...]
        Of a classifier, in the order of its outputs.
    weights : Path
        The file inside the folder.
    weights_bytes : int
        Its size.
    sha256, source_sha256 : str
        Of the weights, and of the file that they were imported from.
    """

    path: Path
    model_id: str
    name: str
    version: str
    licence: str
    kind: TileModelKind
    weights_format: WeightsFormat
    architecture: str
    input: TileInput
    classes: tuple[str, ...]
    weights: Path
    weights_bytes: int
    sha256: str
    source_sha256: str


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a model answered to a fixed input when it was imported.

    Attributes
    ----------
    output_shape : tuple[int, ...]
        Of the answer.
    output_sha256 : str
        Of the answer as little-endian float32.
    head : tuple[float, ...]
        Its first values: on another processor the hash may differ where these agree.
    note : str
        Why it was not run; empty if it was.
    """

    output_shape: tuple[int, ...] = ()
    output_sha256: str = ""
    head: tuple[float, ...] = ()
    note: str = ""
