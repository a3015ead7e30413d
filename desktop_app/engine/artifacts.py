"""The artifacts of a run, and the tiles that its recipe leaves out because of them.

Nothing is left out unless the recipe says so, and it is said when much of the tissue is. Runs on the thread
of the job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from shapely import Polygon

from desktop_app.domain.artifact import ArtifactMap
from desktop_app.domain.recipe import ArtifactStep
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.tiling import tissue_shares
from desktop_app.domain.tissue import Tissue
from desktop_app.engine.tiles import TilePlan
from desktop_app.errors import PluginRunError
from desktop_app.plugin_api.protocols import ArtifactDetector
from desktop_app.plugin_api.slide import SlidePixels

WARNING_SHARE = 0.1
"""Share of the tissue above which leaving it out is worth a warning."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundArtifact:
    """One class that one step of the recipe looked for.

    Attributes
    ----------
    step : ArtifactStep
        The recipe's step.
    map : ArtifactMap
        What its detector found.
    """

    step: ArtifactStep
    map: ArtifactMap

    @property
    def is_excluded(self) -> bool:
        """Whether the recipe leaves out tiles because of it."""
        return self.map.class_name in self.step.exclude


def detect_artifacts(
    slide: SlidePixels,
    tissue: Tissue,
    *,
    steps: Sequence[ArtifactStep],
    detectors: Sequence[ArtifactDetector],
) -> tuple[FoundArtifact, ...]:
    """Ask each detector of a recipe, in its order.

    Raises
    ------
    PluginRunError
        If one answers with anything but valid maps.
    SlideReadError
        From below.
    """
    found: list[FoundArtifact] = []
    for step, detector in zip(steps, detectors, strict=True):
        answer = check_artifacts(detector.detect(slide, tissue=tissue), step.use)
        found += [FoundArtifact(step, one) for one in answer]
    return tuple(found)


def check_artifacts(answer: Any, use: str) -> tuple[ArtifactMap, ...]:
    """An artifact detector's answer.

    Raises
    ------
    PluginRunError
        If it is no tuple of ``ArtifactMap``, a mask is not bool ``(H, W)``, its score not finite and of the
        same shape, an outline no valid polygon, or a class is there twice.
    """
    plugin_id, _, provided_id = use.partition("/")
    if not isinstance(answer, tuple) or not all(isinstance(one, ArtifactMap) for one in answer):
        raise PluginRunError(plugin_id, f"{provided_id} must give a tuple of ArtifactMap")
    for one in answer:
        mask, score = np.asarray(one.mask), np.asarray(one.score)
        if mask.dtype != np.bool_ or mask.ndim != 2 or not mask.size:
            raise PluginRunError(plugin_id, f"{provided_id} must give a bool mask (H, W)")
        if score.shape != mask.shape or score.dtype.kind != "f" or not np.isfinite(score).all():
            raise PluginRunError(plugin_id, f"{provided_id} must give finite scores of the mask's shape")
        if not all(isinstance(polygon, Polygon) and polygon.is_valid for polygon in one.polygons):
            raise PluginRunError(plugin_id, f"{provided_id} must give valid polygons")
    if len({one.class_name for one in answer}) < len(answer):
        raise PluginRunError(plugin_id, f"{provided_id} must give each class once")
    return answer


def leave_out(plan: TilePlan, found: Sequence[FoundArtifact], info: SlideInfo) -> TilePlan:
    """A plan without the tiles that excluded artifacts cover.

    A tile counts for the first class, in the recipe's order, of which it holds more than that step's
    ``min_share``. Only candidates with enough tissue by the mask are looked at; what is no tissue stays
    background.
    """
    corners = plan.grid.corners()[plan.candidates]
    rectangles = np.hstack([corners, corners + plan.grid.tile])
    is_tissue = plan.shares[plan.candidates] > plan.settings.min_tissue
    left = np.ones(len(plan.candidates), dtype=bool)
    out: dict[str, list[int]] = {}
    for one in found:
        if not one.is_excluded:
            continue
        covered = tissue_shares(one.map.mask, info.size, rectangles) > one.step.min_share
        taken = covered & left & is_tissue
        out.setdefault(one.map.class_name, []).extend(plan.candidates[taken].tolist())
        left &= ~taken
    artifacts = {name: np.asarray(sorted(tiles), dtype=np.int64) for name, tiles in out.items()}
    return replace(plan, candidates=plan.candidates[left], artifacts=artifacts)


def excluded_share(plan: TilePlan, kept_shares: float) -> float:
    """The share of the tissue that was left out, 0 to 1.

    Parameters
    ----------
    plan : TilePlan
        After :func:`leave_out`.
    kept_shares : float
        The tissue of the tiles that were kept, in tiles.
    """
    lost = sum(float(plan.shares[tiles].sum()) for tiles in plan.artifacts.values())
    return lost / (lost + kept_shares) if lost else 0.0


def artifact_areas(found: Sequence[FoundArtifact]) -> Mapping[str, float]:
    """Area of each class in mm², found or not."""
    areas: dict[str, float] = {}
    for one in found:
        area = float(one.map.mask.sum()) * one.map.mpp[0] * one.map.mpp[1] / 1e6
        areas[one.map.class_name] = areas.get(one.map.class_name, 0.0) + area
    return areas
