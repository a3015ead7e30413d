"""A model bundle's manifest: data about weights, never code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DEMONSTRATION_WARNING = "demonstration model, meaningless on real tissue"
"""Stands in every output of a demonstration model on a slide that the generator did not draw."""


@dataclass(frozen=True, slots=True)
class ModelClass:
    """One class that a model predicts.

    Attributes
    ----------
    name : str
        As it stands in every output.
    color : tuple[int, int, int]
        RGB of its regions.
    decision_threshold : float
        Slide probability at and above which the slide is called positive.
    region_threshold : float
        Tile contribution (logit units) above which a tile belongs to a region: the 99th percentile of
        tile contributions on label-negative validation slides.
    """

    name: str
    color: tuple[int, int, int]
    decision_threshold: float
    region_threshold: float


@dataclass(frozen=True, slots=True)
class ModelBundle:
    """``bundle.toml`` of an aggregator, checked against the files beside it.

    Attributes
    ----------
    path : Path
        The bundle's folder.
    bundle_id, name, version, licence : str
        As stated.
    kind : str
        ``"aggregator"`` for now.
    architecture : str
        ``"plugin_id/provided_id"`` of the plugin that builds the network.
    architecture_params : Mapping[str, Any]
        Parameters for the plugin.
    encoder : str
        ``"plugin_id/provided_id"`` whose features the model was trained on.
    feature_names : tuple[str, ...]
        The features in the order the weights expect, where the encoder names them.
    n_features : int
        D.
    tile_px : int
        Tile edge in pixels at ``mpp``.
    mpp : float
        µm per pixel of the tiles it was trained on.
    classes : tuple[ModelClass, ...]
        In the order of the logits.
    weights : Path
        A safetensors file inside the folder.
    sha256 : str
        Of the weights file, verified when the bundle was read.
    demonstration : bool
        True for a model that is meaningless on real tissue.
    training : Mapping[str, Any]
        Training-domain statistics and how it was trained.
    """

    path: Path
    bundle_id: str
    name: str
    version: str
    licence: str
    kind: str
    architecture: str
    encoder: str
    n_features: int
    tile_px: int
    mpp: float
    classes: tuple[ModelClass, ...]
    weights: Path
    sha256: str
    architecture_params: Mapping[str, Any] = field(default_factory=dict)
    feature_names: tuple[str, ...] = ()
    demonstration: bool = False
    training: Mapping[str, Any] = field(default_factory=dict)
