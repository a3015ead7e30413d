"""Nuclei found by a threshold on hematoxylin, and how large, dense, elongated and arranged they are.

A light segmentation that a vector of statistics can rest on, not a nucleus detector to show to a user.
Safe on any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from desktop_app.plugin_api import FloatArray, MaskArray, RgbArray

from .scale import TileScale
from .stains import STEP

THRESHOLD_CEILING_OD = 1.8
"""The threshold never rises above this, so that a tile of nothing but nuclei keeps them."""
SMOOTHING_UM = 0.5
OPENING_UM = 1.5
SEED_SMOOTHING_UM = 0.75
SEED_DISTANCE_UM = 2.5
LEAST_AREA_UM2 = 8.0


@dataclass(frozen=True, slots=True)
class Nuclei:
    """The nuclei of one tile.

    Attributes
    ----------
    mask : MaskArray
        bool ``(H, W)``, every pixel above the threshold after opening.
    center_um : FloatArray
        float64 ``(n, 2)``, x and y from the tile's top left.
    area_um2 : FloatArray
        float64 ``(n,)``.
    eccentricity : FloatArray
        float64 ``(n,)``, 0 for a circle, towards 1 for a line; of the ellipse with the same second moments.
    angle : FloatArray
        float64 ``(n,)``, direction of the longer axis in radians, -pi/2 to pi/2.
    od_mean, od_std : FloatArray
        float64 ``(n,)``, hematoxylin density over the nucleus.
    complete : MaskArray
        bool ``(n,)``, False where the nucleus touches the tile's edge.
    """

    mask: MaskArray
    center_um: FloatArray
    area_um2: FloatArray
    eccentricity: FloatArray
    angle: FloatArray
    od_mean: FloatArray
    od_std: FloatArray
    complete: MaskArray


def _disk(diameter_px: int) -> NDArray[np.uint8]:
    """An elliptic structuring element of odd size."""
    size = max(3, diameter_px | 1)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), dtype=np.uint8)


def nucleus_mask(hematoxylin: RgbArray, scale: TileScale, floor_od: float) -> RgbArray:
    """Pixels of nuclei, uint8 ``(H, W)`` of 0 and 1.

    Otsu's threshold of the smoothed density, held between ``floor_od`` and :data:`THRESHOLD_CEILING_OD`,
    then an opening that removes chromatin-sized specks.
    """
    smooth = cv2.GaussianBlur(hematoxylin, (0, 0), max(0.5, SMOOTHING_UM / scale.mpp))
    otsu, _ = cv2.threshold(smooth, 0.0, 1.0, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    threshold = float(np.clip(otsu, floor_od / STEP, THRESHOLD_CEILING_OD / STEP))
    _, mask = cv2.threshold(smooth, threshold, 1.0, cv2.THRESH_BINARY)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, _disk(scale.pixels(OPENING_UM))), dtype=np.uint8)


def nucleus_labels(mask: RgbArray, scale: TileScale) -> NDArray[np.int32]:
    """Touching nuclei told apart: each mask pixel belongs to the nearest center.

    Centers are the maxima of the smoothed distance to the mask's edge that have no higher one within
    :data:`SEED_DISTANCE_UM` along either axis.

    Returns
    -------
    ndarray
        int32 ``(H, W)``, 0 outside the mask, else from 1 on.
    """
    # A frame of background makes the tile's edge an edge of the mask, so that a full tile has a center too.
    framed = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0.0,))
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1]
    depth = cv2.GaussianBlur(depth, (0, 0), max(0.5, SEED_SMOOTHING_UM / scale.mpp))
    reach = 2 * scale.pixels(SEED_DISTANCE_UM) + 1
    highest = cv2.dilate(depth, np.ones((reach, reach), dtype=np.uint8))
    seeds = (depth >= highest) & (mask > 0)
    if not seeds.any():
        return np.zeros(mask.shape, dtype=np.int32)
    elsewhere = (~seeds).view(np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(elsewhere, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_CCOMP)
    return np.asarray(nearest * mask, dtype=np.int32)


def _edge_labels(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Every label on the outermost pixels."""
    return np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])


def measure_nuclei(hematoxylin: RgbArray, scale: TileScale, floor_od: float) -> Nuclei:
    """Find and measure the nuclei of one tile.

    Parameters
    ----------
    hematoxylin : RgbArray
        uint8 ``(H, W)``, quantized density.
    scale : TileScale
        Of the tile.
    floor_od : float
        Least density of a nucleus.

    Returns
    -------
    Nuclei
        Those of at least :data:`LEAST_AREA_UM2`, in no particular order.
    """
    mask = nucleus_mask(hematoxylin, scale, floor_od)
    labels = nucleus_labels(mask, scale)
    inside = np.flatnonzero(mask)
    y, x = np.divmod(inside, scale.width)
    label = labels.ravel()[inside]
    density = hematoxylin.ravel()[inside] * STEP
    sums = [
        np.bincount(label, weights=weights, minlength=1)
        for weights in (np.ones(len(x)), x, y, x * x, y * y, x * y, density, density**2)
    ]
    wanted = sums[0] * scale.mpp**2 >= LEAST_AREA_UM2
    touching = np.zeros(len(wanted), dtype=bool)
    touching[np.unique(_edge_labels(labels))] = True
    area, sum_x, sum_y, sum_xx, sum_yy, sum_xy, sum_od, sum_od2 = (part[wanted] for part in sums)
    mean_x, mean_y, od_mean = sum_x / area, sum_y / area, sum_od / area
    # A pixel is a square, whose own second moment is 1/12; without it a one-pixel line has no width.
    spread_x = sum_xx / area - mean_x**2 + 1.0 / 12.0
    spread_y = sum_yy / area - mean_y**2 + 1.0 / 12.0
    spread_xy = sum_xy / area - mean_x * mean_y
    half, middle = np.hypot(spread_x - spread_y, 2 * spread_xy) / 2, (spread_x + spread_y) / 2
    return Nuclei(
        mask=mask > 0,
        center_um=np.column_stack([mean_x + 0.5, mean_y + 0.5]) * scale.mpp,
        area_um2=area * scale.mpp**2,
        eccentricity=np.sqrt(2 * half / (middle + half)),
        angle=np.arctan2(2 * spread_xy, spread_x - spread_y) / 2,
        od_mean=od_mean,
        od_std=np.sqrt(np.maximum(sum_od2 / area - od_mean**2, 0.0)),
        complete=~touching[wanted],
    )
