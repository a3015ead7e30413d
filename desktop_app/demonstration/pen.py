"""A pen mark on the glass, as a pathologist leaves it beside or across the tissue. Any thread."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from desktop_app.demonstration.layout import CELL_UM, Layout
from desktop_app.demonstration.noise import smooth_noise
from desktop_app.demonstration.spec import SlideSpec, factor_stream
from desktop_app.domain.arrays import FloatArray


def pen_density(spec: SlideSpec, layout: Layout) -> FloatArray | None:
    """Ink over the slide.

    Parameters
    ----------
    spec : SlideSpec
        Says whether there is a mark.
    layout : Layout
        The mark follows part of the tissue's border.

    Returns
    -------
    FloatArray | None
        float32 ``(rows, columns)`` of layout cells, about 0 to 1 and a slope at the border, for
        :func:`pen_ink`; None without a mark.
    """
    if spec.pen == "none":
        return None
    rng = factor_stream(spec.seed, "pen stroke")
    stroke = _stroke(layout, rng)
    ink = np.zeros(_shape(layout), np.uint8)
    width = max(2, round(rng.uniform(0.018, 0.03) * max(ink.shape)))
    cv2.polylines(ink, [stroke], isClosed=False, color=255, thickness=width, lineType=cv2.LINE_AA)
    smooth = cv2.GaussianBlur(ink.astype(np.float32) / 255, (0, 0), 1.2)
    uneven = 1 + 0.10 * smooth_noise(_shape(layout), 3.0, rng=rng)
    return np.asarray(smooth * np.clip(uneven, 0.6, 1.4), dtype=np.float32)


def pen_ink(density: FloatArray) -> FloatArray:
    """Ink as it dries, with a sharp border that is a little darker; float32 like ``density``."""
    inside = np.clip((density - 0.35) / 0.12, 0, 1)
    border = np.exp(-(((density - 0.52) / 0.13) ** 2))
    return np.asarray(inside * (0.85 * np.clip(density, 0, None) + 0.35 * border), dtype=np.float32)


def _shape(layout: Layout) -> tuple[int, int]:
    return layout.tissue.shape[0], layout.tissue.shape[1]


def _stroke(layout: Layout, rng: Generator) -> NDArray[np.int32]:
    """Part of the outline of the largest piece of tissue, moved outwards; int32 ``(M, 1, 2)`` cells."""
    pieces, _ = cv2.findContours(
        (layout.tissue > 0).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    border = np.asarray(max(pieces, key=cv2.contourArea), dtype=np.float64).reshape(-1, 2)
    start = int(rng.integers(len(border)))
    arc = np.roll(border, -start, axis=0)[: max(8, int(len(border) * rng.uniform(0.15, 0.35)))]
    center = border.mean(axis=0)
    outward = center + (arc - center) * rng.uniform(0.98, 1.12)
    kernel = max(3, len(arc) // 6)
    smooth = [np.convolve(outward[:, axis], np.ones(kernel) / kernel, "valid") for axis in (0, 1)]
    points = np.stack(smooth, axis=1)[:: max(1, round(40 / CELL_UM))]
    return np.round(points).astype(np.int32).reshape(-1, 1, 2)
