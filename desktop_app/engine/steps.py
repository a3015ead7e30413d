"""The plugins of a recipe, built and ready, as the composition root hands them to the engine.

The engine calls them and never looks for them; it does not know where they came from beyond the identity
that is written into every result. Values; any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from desktop_app.domain.bundle import ModelBundle
from desktop_app.plugin_api.protocols import (
    ArtifactDetector,
    BagModel,
    Encoder,
    StainNormalizer,
    TissueDetector,
)


@dataclass(frozen=True, slots=True)
class StepIdentity:
    """Which code did a step, for the report.

    Attributes
    ----------
    use : str
        ``"plugin_id/provided_id"``.
    version : str
        The plugin's version.
    content_hash : str
        SHA-256 of the plugin's folder.
    params : Mapping[str, Any]
        Every parameter with the value it had, defaults included.
    """

    use: str
    version: str = ""
    content_hash: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Steps:
    """What a run calls.

    Attributes
    ----------
    tissue : TissueDetector
        Always there.
    normalizer : StainNormalizer | None
        None leaves the stain as it is.
    encoder : Encoder | None
        None ends the run after the tiles.
    model : BagModel | None
        None ends the run after the features.
    bundle : ModelBundle | None
        What ``model`` was opened from.
    identities : Mapping[str, StepIdentity]
        By the step's name in the recipe: ``tissue``, ``artifacts.1``, ``normalizer``, ``encoder``,
        ``aggregator``.
    artifacts : tuple[ArtifactDetector, ...]
        One for each artifact step of the recipe, in its order.
    """

    tissue: TissueDetector
    normalizer: StainNormalizer | None = None
    encoder: Encoder | None = None
    model: BagModel | None = None
    bundle: ModelBundle | None = None
    identities: Mapping[str, StepIdentity] = field(default_factory=dict)
    artifacts: tuple[ArtifactDetector, ...] = ()
