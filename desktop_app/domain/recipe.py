"""A recipe: what a run does, from tissue to outputs, as one immutable value.

It is written as TOML; a recipe made in the window and one run from the command line are the same thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One plugin in a recipe.

    Attributes
    ----------
    use : str
        ``"plugin_id/provided_id"``.
    params : Mapping[str, Any]
        Values for the parameters that its manifest declares; the others take their defaults.
    """

    use: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ArtifactStep:
    """An artifact detector of a recipe, and what is left out because of it.

    Attributes
    ----------
    use, params : str, Mapping[str, Any]
        As in ``Step``.
    exclude : tuple[str, ...]
        Classes for which tiles are left out; none as a rule, the artifacts are then annotations only.
    min_share : float
        A tile is left out if more than this share of it is artifact, 0 to 1.
    """

    use: str
    params: Mapping[str, Any] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    min_share: float = 0.5


@dataclass(frozen=True, slots=True)
class AggregatorStep:
    """The aggregator of a recipe and the model bundle with its weights.

    Attributes
    ----------
    bundle : str
        A bundle id in the model store, or a folder.
    regions_on_negative : bool
        Draw class regions on a slide predicted negative too.
    """

    bundle: str
    regions_on_negative: bool = False


@dataclass(frozen=True, slots=True)
class TileSettings:
    """How tiles are cut.

    Attributes
    ----------
    size_px : int
        Tile edge in pixels at ``mpp``.
    mpp : float
        µm per pixel of the tiles; exact.
    overlap_px : int
        Pixels at ``mpp`` shared by neighbors; stride = size - overlap.
    min_tissue : float
        A tile is kept if more than this share of it is tissue, 0 to 1.
    allow_upsampling : bool
        Whether a slide coarser than 1.05 x ``mpp`` may be enlarged.
    """

    size_px: int = 256
    mpp: float = 0.5
    overlap_px: int = 0
    min_tissue: float = 0.1
    allow_upsampling: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """Tissue, tiles, normalizer, encoder, aggregator.

    Attributes
    ----------
    name : str
        Shown to the user and stored in every result.
    description : str
        One line.
    tissue : Step
        A ``tissue_detector``.
    tiles : TileSettings
        How tiles are cut.
    artifacts : tuple[ArtifactStep, ...]
        ``artifact_detector`` steps, in the order they are asked.
    normalizer : Step | None
        A ``stain_normalizer``, or none.
    encoder : Step | None
        An ``encoder``; None stops after the tiles.
    aggregator : AggregatorStep | None
        None stops after the features.
    """

    name: str
    tissue: Step
    description: str = ""
    tiles: TileSettings = TileSettings()
    normalizer: Step | None = None
    encoder: Step | None = None
    aggregator: AggregatorStep | None = None
    artifacts: tuple[ArtifactStep, ...] = ()
