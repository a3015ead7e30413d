"""Areas filled with a faint tint of their color, in overlay tiles; and which areas are filled at all.

Any thread.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation import AREA_KINDS
from desktop_app.domain.annotation_chunk import KINDS, AnnotationChunk
from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.shape_algebra import is_tissue
from desktop_app.ui.canvas_layers.raster_lines import SHIFT, fixed

FILL_ALPHA = 45
"""Of 255."""

FILLED_FROM = 6.0
"""Pixels: of smaller objects the outline is all that is seen."""

_AREAS = np.array([kind in AREA_KINDS for kind in KINDS])


def is_filled(class_name: str | None) -> bool:
    """Whether areas of a class are filled: not those that only say where to look (tissue, ``Region*``)."""
    return class_name is None or not (class_name.endswith("*") or is_tissue(class_name))


def fill_areas(
    pixels: NDArray[np.uint8],
    chunk: AnnotationChunk,
    rows: NDArray[np.int64],
    *,
    colors: NDArray[np.int32],
    place: tuple[FloatArray, float],
) -> None:
    """Fill areas, the large ones first; where some overlap the last one is seen.

    Parameters
    ----------
    pixels : NDArray[np.uint8]
        BGRA ``(H, W, 4)``, premultiplied.
    chunk, rows
        The objects; lines, points and ROIs are left out.
    colors : NDArray[np.int32]
        ``0xRRGGBB`` of every object of the chunk.
    place : tuple[FloatArray, float]
        The pixels' corner in level-0 pixels, and their downsample.
    """
    import cv2

    corner, downsample = place
    sizes = (chunk.boxes[rows, 2:] - chunk.boxes[rows, :2]).max(1, initial=0)
    meant = np.array([*map(is_filled, chunk.class_names.table), True])[chunk.class_names.index[rows]]
    meant &= _AREAS[chunk.kinds[rows]] & (chunk.rois.index[rows] < 0) & (sizes >= FILLED_FROM * downsample)
    filled = rows[meant][np.argsort(-sizes[meant], kind="stable")]
    rings, ring_rows = chunk.rings.take(filled)
    vertices, vertex_rows = chunk.vertices.take(ring_rows)
    points = fixed((chunk.offsets[vertex_rows] + (chunk.origin - corner)) / downsample)
    outlines = [points[start:end] for start, end in pairwise(vertices.starts.tolist())]
    tints = map(_tint, colors[filled].tolist())
    for (start, end), tint in zip(pairwise(rings.starts.tolist()), tints, strict=True):
        cv2.fillPoly(pixels, outlines[start:end], tint, cv2.LINE_8, SHIFT)


@lru_cache(maxsize=1024)
def _tint(color: int) -> tuple[int, int, int, int]:
    blue, green, red = (round((color >> places & 0xFF) * FILL_ALPHA / 255) for places in (0, 8, 16))
    return blue, green, red, FILL_ALPHA
