"""CIELAB in 8 bits, as OpenCV stores it.

Defined here in float64 so that other appliers have something to be compared with; OpenCV's own conversion
differs by its fixed-point tables. Pure; any thread.

Source: CIE 15:2004; sRGB as in IEC 61966-2-1, white D65.
"""

from __future__ import annotations

import numpy as np

from desktop_app.domain.arrays import FloatArray, RgbArray

XYZ = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
"""From linear red, green and blue."""

WHITE = XYZ.sum(axis=1)

EDGE = 6 / 29
"""Of the cube root's linear foot."""


def lab_from_rgb(rgb: RgbArray) -> RgbArray:
    """uint8 ``(..., 3)`` sRGB to uint8 L (by 2.55), a and b (plus 128)."""
    levels = np.arange(256) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    root = _root(linear[rgb] @ (XYZ / WHITE[:, None]).T)
    light = 2.55 * (116 * root[..., 1] - 16)
    green_red = 500 * (root[..., 0] - root[..., 1]) + 128
    blue_yellow = 200 * (root[..., 1] - root[..., 2]) + 128
    return _bytes(np.stack([light, green_red, blue_yellow], axis=-1))


def rgb_from_lab(lab: RgbArray) -> RgbArray:
    """The inverse of :func:`lab_from_rgb`; colors that no screen shows are clipped."""
    middle = (lab[..., 0] / 2.55 + 16) / 116
    root = np.stack(
        [middle + (lab[..., 1] - 128.0) / 500, middle, middle - (lab[..., 2] - 128.0) / 200], axis=-1
    )
    cube = np.where(root > EDGE, root**3, 3 * EDGE**2 * (root - 4 / 29))
    linear = np.clip((cube * WHITE) @ np.linalg.inv(XYZ).T, 0, 1)
    shown = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return _bytes(255 * shown)


def _root(share: FloatArray) -> FloatArray:
    return np.where(share > EDGE**3, np.cbrt(share), share / (3 * EDGE**2) + 4 / 29)


def _bytes(values: FloatArray) -> RgbArray:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)
