"""Artifacts drawn over pictures of real tissue, with their truth; a seed makes each one.

Folds lay the tissue over itself, bubbles have a dark gray rim and a brighter inside, dark spots absorb in all
channels, blur is a Gaussian and then JPEG, as a scanner would store it.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Drawn = tuple[Picture, Mask]


def somewhere(tissue: Mask, rng: np.random.Generator) -> tuple[int, int]:
    """A pixel ``(x, y)`` of the tissue."""
    rows, columns = np.nonzero(tissue)
    chosen = int(rng.integers(len(rows)))
    return int(columns[chosen]), int(rows[chosen])


def fold(picture: Picture, tissue: Mask, mpp: float, rng: np.random.Generator) -> Drawn:
    """A curved band, 60 to 140 µm wide and 300 to 900 µm long, where the tissue lies twice."""
    x, y = somewhere(tissue, rng)
    angle, length = rng.uniform(0, np.pi), rng.uniform(300, 900) / mpp
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]]) * rng.uniform(-0.25, 0.25) * length
    steps = np.linspace(-0.5, 0.5, 40)[:, None]
    line = np.array([x, y]) + steps * length * along + (1 - 4 * steps**2) * across
    band = np.zeros(tissue.shape, np.float32)
    thickness = max(1, round(rng.uniform(60, 140) / mpp))
    cv2.polylines(band, [line.astype(np.int32).reshape(-1, 1, 2)], False, 1.0, thickness)
    soft = cv2.GaussianBlur(band, (0, 0), 4 / mpp)[..., None]
    shift = np.rint(rng.uniform(60, 160, 2) / mpp).astype(int)
    other = np.roll(picture, tuple(shift), axis=(0, 1)).astype(np.float32) / 245
    # The second layer is tissue too: where glass was rolled over the band, the tissue itself is taken.
    rolled = np.roll(tissue, tuple(shift), axis=(0, 1))[..., None]
    second = np.where(rolled, np.minimum(other, 1), picture.astype(np.float32) / 245)
    twice = picture * np.minimum(second, 1)
    return (picture * (1 - soft) + twice * soft).astype(np.uint8), (band > 0.5) & tissue


def bubble(picture: Picture, tissue: Mask, mpp: float, rng: np.random.Generator) -> Drawn:
    """A round outline of 100 to 350 µm radius with a rim of 24 to 50 µm, whole within the picture."""
    radius, width = rng.uniform(100, 350) / mpp, rng.uniform(24, 50) / mpp
    reach = min(round(radius + 2 * width), min(tissue.shape) // 2 - 1)
    within = np.zeros_like(tissue)
    within[reach:-reach, reach:-reach] = True
    x, y = somewhere(tissue & within, rng)
    rows, columns = np.indices(tissue.shape, dtype=np.float32)
    phase = np.arctan2(rows - y, columns - x)
    wobble = 1 + 0.06 * np.cos(2 * phase + rng.uniform(0, 6)) + 0.03 * np.cos(3 * phase + rng.uniform(0, 6))
    distance = np.hypot(rows - y, columns - x) / wobble - radius
    rim = rng.uniform(0.5, 1.0) * np.exp(-((distance / (width / 2)) ** 2))
    inside = distance < 0
    brighter = np.where(inside[..., None], np.minimum(picture * 1.04, 255), picture)
    drawn = brighter * np.exp(-rim)[..., None]
    return drawn.astype(np.uint8), distance < width / 2


def dark_spot(picture: Picture, tissue: Mask, mpp: float, rng: np.random.Generator) -> Drawn:
    """Three to eight black or brown spots of 15 to 60 µm radius."""
    spots = np.zeros(tissue.shape, np.uint8)
    for _ in range(int(rng.integers(3, 9))):
        x, y = somewhere(tissue, rng)
        turns = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        radii = rng.uniform(15, 60) / mpp * rng.uniform(0.75, 1.25, 12)
        ring = np.stack([x + radii * np.cos(turns), y + radii * np.sin(turns)], axis=1)
        cv2.fillPoly(spots, [ring.astype(np.int32).reshape(-1, 1, 2)], 1)
    soft = cv2.GaussianBlur(spots.astype(np.float32), (0, 0), 2 / mpp)[..., None]
    density = rng.uniform(1.5, 2.5) * np.array([rng.uniform(0.8, 1.0), 1.0, rng.uniform(1.0, 1.15)])
    return (picture * np.exp(-soft * density)).astype(np.uint8), spots > 0


def blur(picture: Picture, tissue: Mask, mpp: float, rng: np.random.Generator) -> Drawn:
    """An ellipse of 250 to 500 µm out of focus by 2.5 to 5 µm."""
    x, y = somewhere(tissue, rng)
    axes = np.rint(rng.uniform(250, 500, 2) / mpp).astype(int)
    shape = np.zeros(tissue.shape, np.uint8)
    cv2.ellipse(shape, (x, y), (int(axes[0]), int(axes[1])), rng.uniform(0, 180), 0, 360, 1, -1)
    soft = cv2.GaussianBlur(shape.astype(np.float32), (0, 0), 16 / mpp)[..., None]
    blurred = cv2.GaussianBlur(picture, (0, 0), rng.uniform(2.5, 5) / mpp)
    mixed = (picture * (1 - soft) + blurred * soft).astype(np.uint8)
    _, stored = cv2.imencode(".jpg", mixed[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])
    decoded = cv2.imdecode(stored, cv2.IMREAD_COLOR)[..., ::-1]
    return np.ascontiguousarray(decoded), (shape > 0) & tissue


DRAWN: dict[str, Callable[[Picture, Mask, float, np.random.Generator], Drawn]] = {
    "fold": fold,
    "bubble": bubble,
    "dark_spot": dark_spot,
    "focus": blur,
}
"""By the detector that must find it."""
