"""What the values of a brightfield picture mean: gray, palette or RGB, of any depth, made to screen pixels.

Deeper samples are scaled to 8 bits by what the file says their largest value is. Any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.plugin_api import RgbArray

_OPAQUE = 255


@dataclass(frozen=True, slots=True, eq=False)
class ColorFormat:
    """How samples become colors.

    Attributes
    ----------
    shades : NDArray[np.uint8] | None
        The 8-bit value of each sample value; None where samples are 8-bit values.
    palette : NDArray[np.uint8] | None
        uint8 ``(N, 3)``, the RGB of each value of the only sample.
    alpha : int | None
        Which sample says how opaque a pixel is.
    premultiplied : bool
        Whether the colors are multiplied with it already.
    """

    shades: NDArray[np.uint8] | None = None
    palette: NDArray[np.uint8] | None = None
    alpha: int | None = None
    premultiplied: bool = False

    def argb(self, pixels: NDArray[Any]) -> RgbArray:
        """Screen pixels.

        Parameters
        ----------
        pixels : NDArray[Any]
            ``(H, W, S)`` as the file has them; gray or palette index first, or red, green and blue.

        Returns
        -------
        RgbArray
            uint8 ``(H, W, 4)``: blue, green, red, alpha, premultiplied.
        """
        if self.shades is not None:
            pixels = self.shades[pixels]
        if self.palette is not None:
            pixels = self.palette[np.minimum(pixels[..., 0], len(self.palette) - 1)]
        argb = _opaque(pixels)
        if self.alpha is not None:
            _let_through(argb, pixels[..., self.alpha], premultiplied=self.premultiplied)
        return argb


def shades_up_to(largest: int, dtype: np.dtype[Any], *, inverted: bool = False) -> NDArray[np.uint8] | None:
    """The table from sample values to 8 bits; None where it would change nothing.

    Parameters
    ----------
    largest : int
        The value of white, at least 1.
    dtype : np.dtype[Any]
        uint8 or uint16, of the samples.
    inverted : bool
        Whether 0 is white.
    """
    count = int(np.iinfo(dtype).max) + 1
    if largest == _OPAQUE and count == 256 and not inverted:
        return None
    rising = np.minimum(np.rint(np.arange(count) * (_OPAQUE / largest)), _OPAQUE)
    shades: NDArray[np.uint8] = (_OPAQUE - rising if inverted else rising).astype(np.uint8)
    return shades


def _opaque(pixels: NDArray[np.uint8]) -> RgbArray:
    """Blue, green, red and full alpha of gray or RGB."""
    import cv2

    height, width, samples = pixels.shape
    if not pixels.size:
        return np.empty((height, width, 4), np.uint8)
    if samples < 3:
        return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels[..., 0]), cv2.COLOR_GRAY2BGRA), np.uint8)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels[..., :3]), cv2.COLOR_RGB2BGRA), np.uint8)


def _let_through(argb: RgbArray, alpha: NDArray[np.uint8], *, premultiplied: bool) -> None:
    if int(alpha.min(initial=_OPAQUE)) == _OPAQUE:
        return
    argb[..., 3] = alpha
    if premultiplied:
        np.minimum(argb[..., :3], alpha[..., None], out=argb[..., :3])
    else:
        scaled = argb[..., :3].astype(np.uint16) * alpha[..., None] + _OPAQUE // 2
        argb[..., :3] = scaled // _OPAQUE
