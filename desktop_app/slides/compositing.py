"""Transparent pixels put on the slide's background.

Formats leave gaps between scanned areas and OpenSlide returns transparency beyond the slide; analysis must
see these as the background they are, never as black. Pure; any thread.
"""

from __future__ import annotations

import numpy as np

from desktop_app.domain.arrays import RgbArray

_OPAQUE = 255


def rgb_on_background(argb: RgbArray, background: tuple[int, int, int]) -> RgbArray:
    """Composite premultiplied pixels on a color.

    Parameters
    ----------
    argb : RgbArray
        uint8 ``(H, W, 4)``, premultiplied ARGB32 of a little-endian machine: blue, green, red, alpha.
    background : tuple[int, int, int]
        RGB.

    Returns
    -------
    RgbArray
        uint8 ``(H, W, 3)``; opaque pixels are unchanged, fully transparent ones are the background.
    """
    import cv2

    if not argb.size:
        return np.empty((*argb.shape[:2], 3), np.uint8)
    rgb = np.asarray(cv2.cvtColor(argb, cv2.COLOR_BGRA2RGB), np.uint8)
    alpha = argb[..., 3]
    if int(alpha.min()) == _OPAQUE:
        return rgb
    clear = (_OPAQUE - alpha.astype(np.uint16))[..., None]
    shade = (clear * np.array(background, np.uint16) + _OPAQUE // 2) // _OPAQUE
    return np.asarray(np.minimum(rgb + shade, _OPAQUE), np.uint8)
