"""Statistics of the nuclei and lumens of a tile: number, size, shape, crowding, order.

These are the components that a pathologist would name; each has a defined value on a tile without nuclei.
Safe on any thread.
"""

from __future__ import annotations

import cv2
import numpy as np
from scipy.spatial import cKDTree

from desktop_app.plugin_api import FloatArray, RgbArray

from .nuclei import Nuclei
from .scale import TileScale
from .stains import STEP

NEIGHBORHOOD_UM = 15.0
CELL_UM = 32.0
CLEAR_OD = 0.12
"""Mean optical density below which a pixel is clear: brighter than about 226 of 255."""
CLEAR_PIXEL_UM = 1.0
"""Clear spaces are found on the tile reduced to about this pixel size, which also removes pixel noise."""
LEAST_LUMEN_UM2 = 20.0

NUCLEI_NAMES = (
    "nuclei_per_mm2",
    "nucleus_fraction",
    "nucleus_area_um2_median",
    "nucleus_area_um2_iqr",
    "nucleus_area_um2_p90",
    "nucleus_eccentricity_median",
    "nucleus_od_mean",
    "nucleus_od_spread",
    "nucleus_od_texture",
    "nucleus_orientation_coherence",
    "nearest_nucleus_um_median",
    "nearest_nucleus_variation",
    "clark_evans_ratio",
    "nuclei_within_15um_mean",
    "nuclei_within_15um_std",
    "nuclei_dispersion_32um",
)
"""Names of :func:`nuclei_features`."""

LUMEN_NAMES = (
    "clear_fraction",
    "lumens_per_mm2",
    "lumen_area_um2_median",
    "clear_area_um2_largest",
    "total_od_coherence",
)
"""Names of :func:`lumen_features`."""


def _size_and_shape(nuclei: Nuclei) -> list[float]:
    """From area to orientation coherence; complete nuclei only, where there are any, for size and shape."""
    if len(nuclei.area_um2) == 0:
        return [0.0] * 8
    whole = nuclei.complete if nuclei.complete.any() else np.ones_like(nuclei.complete)
    low, median, high, largest = np.percentile(nuclei.area_um2[whole], (25, 50, 75, 90))
    eccentricity = nuclei.eccentricity[whole]
    # Doubling the angle makes opposite directions one; round nuclei have no direction and little weight.
    direction = (eccentricity * np.exp(2j * nuclei.angle[whole])).sum()
    weight = float(eccentricity.sum())
    return [
        float(median),
        float(high - low),
        float(largest),
        float(np.median(eccentricity)),
        float(nuclei.od_mean.mean()),
        float(nuclei.od_mean.std()),
        float(nuclei.od_std.mean()),
        float(np.abs(direction)) / weight if weight > 1e-12 else 0.0,
    ]


def _spacing(nuclei: Nuclei, scale: TileScale) -> list[float]:
    """Nearest neighbors and crowding."""
    count = len(nuclei.center_um)
    if count < 2:
        return [scale.diagonal_um, 0.0, 1.0, 0.0, 0.0]
    tree = cKDTree(nuclei.center_um)
    nearest = tree.query(nuclei.center_um, k=2)[0][:, 1]
    expected = 0.5 * (scale.area_mm2 * 1e6 / count) ** 0.5
    mean = float(nearest.mean())
    around = tree.query_ball_point(nuclei.center_um, NEIGHBORHOOD_UM, return_length=True) - 1
    return [
        float(np.median(nearest)),
        float(nearest.std()) / mean if mean > 1e-12 else 0.0,
        mean / expected,
        float(around.mean()),
        float(around.std()),
    ]


def _dispersion(nuclei: Nuclei, scale: TileScale) -> float:
    """Variance over mean of the counts in square cells: 1 for a random scatter, above it for clusters."""
    extent = np.array([scale.width, scale.height]) * scale.mpp
    cells = np.maximum(1, np.round(extent / CELL_UM)).astype(int)
    if len(nuclei.center_um) == 0:
        return 0.0
    index = np.minimum((nuclei.center_um / extent * cells).astype(int), cells - 1)
    counts = np.bincount(index[:, 1] * cells[0] + index[:, 0], minlength=int(cells.prod()))
    return float(counts.var() / counts.mean())


def nuclei_features(nuclei: Nuclei, scale: TileScale) -> FloatArray:
    """The components of :data:`NUCLEI_NAMES` of one tile.

    Returns
    -------
    FloatArray
        float64 ``(16,)``. Without nuclei everything is 0, except that with fewer than two of them the nearest
        one is as far as the tile's diagonal and the Clark-Evans ratio is 1, as in a random scatter.

    Notes
    -----
    Source: Clark and Evans, *Ecology* 35 (1954) 445 (mean nearest distance over ``0.5 / sqrt(density)``; no
    correction at the edges).
    """
    return np.array(
        [
            len(nuclei.area_um2) / scale.area_mm2,
            float(nuclei.mask.mean()),
            *_size_and_shape(nuclei),
            *_spacing(nuclei, scale),
            _dispersion(nuclei, scale),
        ]
    )


def _coherence(total: RgbArray) -> float:
    """How much one direction prevails in the gradients of a plane, 0 (none) to 1 (parallel fibers)."""
    across = cv2.Sobel(total, cv2.CV_16S, 1, 0)
    down = cv2.Sobel(total, cv2.CV_16S, 0, 1)
    # Sums of squared integers are exact, and the mixed term follows from the square of the sum.
    xx, yy = cv2.norm(across, cv2.NORM_L2SQR), cv2.norm(down, cv2.NORM_L2SQR)
    twice_xy = cv2.norm(cv2.add(across, down), cv2.NORM_L2SQR) - xx - yy
    return float(np.hypot(xx - yy, twice_xy)) / (xx + yy) if xx + yy > 0 else 0.0


def lumen_features(total: RgbArray, scale: TileScale) -> FloatArray:
    """The components of :data:`LUMEN_NAMES` of one tile: clear spaces (lumens, fat) and fiber direction.

    Parameters
    ----------
    total : RgbArray
        uint8 ``(H, W)``, quantized mean optical density.
    scale : TileScale
        Of the tile.

    Returns
    -------
    FloatArray
        float64 ``(5,)``. A lumen is a clear region of at least :data:`LEAST_LUMEN_UM2` that does not touch
        the tile's edge; the largest clear area counts those at the edge too. The coherence is that of the
        structure tensor summed over the tile.
    """
    shrink = max(1, round(CLEAR_PIXEL_UM / scale.mpp))
    size = max(1, scale.width // shrink), max(1, scale.height // shrink)
    reduced = cv2.resize(total, size, interpolation=cv2.INTER_AREA)
    clear = (reduced < CLEAR_OD / STEP).view(np.uint8)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(clear, connectivity=4)
    left, top, width, height, pixels = boxes[1:].T
    area = pixels * (scale.area_mm2 * 1e6 / clear.size)
    inside = (left > 0) & (top > 0) & (left + width < size[0]) & (top + height < size[1])
    lumens = area[inside & (area >= LEAST_LUMEN_UM2)]
    return np.array(
        [
            float(clear.mean()),
            len(lumens) / scale.area_mm2,
            float(np.median(lumens)) if len(lumens) else 0.0,
            float(area.max()) if len(area) else 0.0,
            _coherence(total),
        ]
    )
