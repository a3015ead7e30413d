"""How good a slide is to look at and to analyze, in one row of figures.

Tissue and artifacts are what the detectors say, with all that their model cards say against them. Runs on
the caller's thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from desktop_app.domain.arrays import FloatArray, MaskArray, RgbArray
from desktop_app.domain.artifact import ARTIFACT_CLASSES, OUT_OF_FOCUS, ArtifactMap
from desktop_app.domain.stain_vectors import (
    LEAST_DENSITY,
    LEAST_PIXELS,
    find_stain_vectors,
    problem_of_vectors,
)
from desktop_app.domain.tissue import Tissue
from desktop_app.engine.artifacts import check_artifacts
from desktop_app.engine.check_answers import check_tissue
from desktop_app.errors import NotBrightfieldError
from desktop_app.plugin_api.density import glass_color, optical_density
from desktop_app.plugin_api.overview import pixel_um, read_overview
from desktop_app.plugin_api.protocols import ArtifactDetector, TissueDetector
from desktop_app.plugin_api.slide import SlidePixels

SCHEMA = "coverslip-quality-1"

READING_MPP = 8.0
MAX_OVERVIEW_PX = 4096

FOCUS_MPP = 1.5
"""A slide with larger pixels, in µm, says nothing about focus."""

STAIN_PERCENTILE = 1.0

CHANNELS = ("red", "green", "blue")


@dataclass(frozen=True, slots=True)
class QualityDetectors:
    """What judges a slide.

    Attributes
    ----------
    tissue_use, artifact_uses : str, tuple[str, ...]
        ``"plugin_id/provided_id"`` of each.
    tissue, artifacts : TissueDetector, tuple[ArtifactDetector, ...]
        The same, built.
    """

    tissue_use: str
    tissue: TissueDetector
    artifact_uses: tuple[str, ...]
    artifacts: tuple[ArtifactDetector, ...]


def measure_quality(slide: SlidePixels, detectors: QualityDetectors) -> dict[str, Any]:
    """The figures of one slide, by name; None where one cannot be had.

    Areas are in mm², shares from 0 to 1 and of the tissue, colors from 0 to 255, densities natural logarithm.

    Raises
    ------
    NotBrightfieldError, MissingMppError, SlideReadError, PluginError
        From below.
    """
    info = slide.info
    if not info.is_brightfield:
        raise NotBrightfieldError(info.path, detectors.tissue_use)
    mpp = info.require_mpp()
    tissue = check_tissue(detectors.tissue.detect(slide), detectors.tissue_use)
    maps = [
        one
        for use, detector in zip(detectors.artifact_uses, detectors.artifacts, strict=True)
        for one in check_artifacts(detector.detect(slide, tissue=tissue), use)
    ]
    return {
        "schema": SCHEMA,
        "slide": info.path.name,
        "slide_id": info.slide_id,
        "mpp_x": mpp[0],
        "mpp_y": mpp[1],
        "mpp_source": str(info.mpp_source),
        "tissue_mm2": float(tissue.mask.sum()) * tissue.mpp[0] * tissue.mpp[1] / 1e6,
        "tissue_share_of_slide": float(tissue.mask.mean()),
        **_artifact_figures(tissue, maps, can_judge_focus=max(mpp) <= FOCUS_MPP),
        **_color_figures(slide, tissue),
    }


def _artifact_figures(
    tissue: Tissue, maps: Sequence[ArtifactMap], *, can_judge_focus: bool
) -> Mapping[str, float | None]:
    """Area of each class, its share of the tissue, and the share in focus."""
    figures: dict[str, float | None] = {}
    for name in dict.fromkeys((*ARTIFACT_CLASSES, *(one.class_name for one in maps))):
        ours = [one for one in maps if one.class_name == name]
        key = name.lower().replace(" ", "_").replace("/", "_")
        area = sum(float(one.mask.sum()) * one.mpp[0] * one.mpp[1] for one in ours) / 1e6
        figures[f"{key}_mm2"] = area if ours else None
        share = _share_of_tissue(tissue, [one.mask for one in ours]) if ours else None
        if name == OUT_OF_FOCUS:
            known = can_judge_focus and share is not None
            figures[f"{key}_mm2"] = area if known else None
            figures["in_focus_share"] = 1 - share if known and share is not None else None
        else:
            figures[f"{key}_share"] = share
    return figures


def _share_of_tissue(tissue: Tissue, masks: Sequence[MaskArray]) -> float | None:
    """The share of the tissue that any of the masks covers; None without tissue."""
    import cv2

    if not tissue.mask.any():
        return None
    size = tissue.mask.shape[1], tissue.mask.shape[0]
    covered = np.zeros(tissue.mask.shape, dtype=bool)
    for mask in masks:
        covered |= cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    return float(covered[tissue.mask].mean())


def _color_figures(slide: SlidePixels, tissue: Tissue) -> Mapping[str, float | None]:
    """Color of the glass, brightness of the tissue, and its stains."""
    import cv2

    mpp, full = slide.info.require_mpp(), slide.info.size
    size = full[0] * mpp[0] / READING_MPP, full[1] * mpp[1] / READING_MPP
    overview = read_overview(slide, size, MAX_OVERVIEW_PX)
    shape = overview.shape[1], overview.shape[0]
    inside = cv2.resize(tissue.mask.astype(np.uint8), shape, interpolation=cv2.INTER_NEAREST) > 0
    glass = glass_color(overview)
    density = optical_density(overview, glass)[inside].astype(np.float64)
    figures: dict[str, float | None] = {
        f"glass_{name}": value for name, value in zip(CHANNELS, glass, strict=True)
    }
    figures["reading_mpp"] = pixel_um(slide, overview.shape)[0]
    figures["tissue_brightness"] = _brightness(overview, inside)
    for number, name in enumerate(CHANNELS):
        figures[f"density_{name}"] = float(density[:, number].mean()) if len(density) else None
    return {**figures, **_stain_figures(density)}


def _brightness(overview: RgbArray, inside: MaskArray) -> float | None:
    return float(overview[inside].mean()) if inside.any() else None


def _stain_figures(density: FloatArray) -> Mapping[str, float | None]:
    """The slide's own stain vectors and the mean amount of each; None where there are not two stains."""
    names = [f"{stain}_{channel}" for stain in ("hematoxylin", "eosin") for channel in CHANNELS]
    stained = density[(density >= LEAST_DENSITY).all(axis=1)]
    if len(stained) >= LEAST_PIXELS:
        vectors = find_stain_vectors(stained, STAIN_PERCENTILE)
        if not problem_of_vectors(vectors):
            amounts = np.linalg.lstsq(vectors, density.T, rcond=None)[0].mean(axis=1)
            values = [*vectors.T.ravel().tolist(), *amounts.tolist()]
            return dict(zip([*names, "hematoxylin_amount", "eosin_amount"], values, strict=True))
    return dict.fromkeys([*names, "hematoxylin_amount", "eosin_amount"])
