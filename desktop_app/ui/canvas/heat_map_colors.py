"""Heat map values as premultiplied pixels for a QImage; the colors are the domain's. Pure; any thread."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import FloatArray
from desktop_app.domain.heat_colors import HeatScale, heat_colors


def premultiplied_colors(quantity: str, opacity: float = 1.0) -> NDArray[np.uint32]:
    """Colors of a scale: uint32 ``(256,)``, premultiplied ARGB with the opacity baked in."""
    straight = heat_colors(quantity, opacity).astype(np.uint32)
    alpha = straight[:, 3]
    red, green, blue = ((straight[:, channel] * alpha + 127) // 255 for channel in range(3))
    table = alpha << np.uint32(24) | red << np.uint32(16) | green << np.uint32(8) | blue
    return np.asarray(table, dtype=np.uint32)


def colored(
    values: FloatArray, scale: HeatScale, *, quantity: str, opacity: float = 1.0
) -> NDArray[np.uint32]:
    """Values as premultiplied ARGB pixels of the same shape; NaN is transparent."""
    known = np.isfinite(values)
    indices = scale.color_indices(np.where(known, values, scale.low))
    pixels: NDArray[np.uint32] = premultiplied_colors(quantity, opacity)[indices]
    pixels[~known] = 0
    return pixels
