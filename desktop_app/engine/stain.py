"""The stain of a slide, fitted once on tissue pixels from all over it.

Fitting tile by tile would invent contrast in pale tiles and make neighbors differ; one fit per slide
cannot. Runs on the thread of the job.
"""

from __future__ import annotations

import numpy as np

from desktop_app.domain.arrays import IntArray, MaskArray, RgbArray
from desktop_app.domain.stain import FittedStain
from desktop_app.domain.tissue import Tissue
from desktop_app.engine.job import JobControl
from desktop_app.engine.read_tiles import TileBatch, read_tiles
from desktop_app.engine.tiles import TilePlan, mask_inside
from desktop_app.plugin_api.protocols import StainNormalizer
from desktop_app.plugin_api.slide import SlidePixels

SAMPLE_TILES = 48
"""Tiles that the fit looks at, spread evenly over those with tissue."""

SAMPLE_PIXELS = 200_000
"""Pixels handed to the normalizer at most."""

_SEED = 0


def fit_stain(
    slide: SlidePixels, normalizer: StainNormalizer, *, plan: TilePlan, tissue: Tissue, control: JobControl
) -> FittedStain:
    """Fit a normalizer on a deterministic sample of a slide's tissue pixels.

    Parameters
    ----------
    slide : SlidePixels
        The slide.
    normalizer : StainNormalizer
        What fits.
    plan : TilePlan
        The tiles to sample from.
    tissue : Tissue
        Says which pixels are tissue, unless the plan's pixel rule does.
    control : JobControl
        Asked while tiles are read.

    Returns
    -------
    FittedStain
        The identity, with its reason, where the normalizer had too little to fit on.
    """
    share = max(1, SAMPLE_PIXELS // SAMPLE_TILES)
    samples = [np.empty((0, 3), dtype=np.uint8)]
    for batch in read_tiles(slide, plan, _spread(plan), control=control):
        for tile, mask in zip(batch.pixels, _tissue_masks(batch, slide, plan, tissue), strict=True):
            samples.append(_sample(tile[mask], share))
    return normalizer.fit(np.concatenate(samples))


def _spread(plan: TilePlan) -> IntArray:
    """At most ``SAMPLE_TILES`` candidates with tissue by the mask, evenly spaced in their order."""
    with_tissue = plan.candidates[plan.shares[plan.candidates] > 0]
    if len(with_tissue) <= SAMPLE_TILES:
        return with_tissue
    return with_tissue[np.linspace(0, len(with_tissue) - 1, SAMPLE_TILES).round().astype(np.int64)]


def _tissue_masks(batch: TileBatch, slide: SlidePixels, plan: TilePlan, tissue: Tissue) -> MaskArray:
    """Bool ``(n, H, W)``: the tissue pixels of each tile of a batch."""
    if plan.pixel_rule is not None:
        return plan.pixel_rule.tissue_pixels(batch.pixels)
    size = plan.settings.size_px
    offsets = (np.arange(size) + 0.5) / size
    across, down = np.meshgrid(offsets * plan.grid.tile[0], offsets * plan.grid.tile[1])
    inside = np.stack([across.ravel(), down.ravel()], axis=1)
    corners = plan.grid.locations()[batch.indices]
    masks = [mask_inside(tissue, slide.info, inside + corner) for corner in corners]
    return np.asarray(masks, dtype=bool).reshape(len(corners), size, size)


def _sample(pixels: RgbArray, count: int) -> RgbArray:
    """At most ``count`` rows of ``(M, 3)``, the same ones every time."""
    if len(pixels) <= count:
        return pixels
    chosen = np.random.default_rng(_SEED).choice(len(pixels), count, replace=False)
    return pixels[np.sort(chosen)]
