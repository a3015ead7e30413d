"""The display lookup: what happens to a slide's colors between file and screen.

Color management, contrast and stain views are one table, applied by the loader threads tile by tile, so
that the GUI thread never touches a pixel and a later GPU canvas can use the same table. Any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.arrays import RgbArray


@dataclass(frozen=True, slots=True, eq=False)
class DisplayLookup:
    """A map from RGB to RGB.

    Attributes
    ----------
    generation : int
        Grows with every change; part of each tile's key.
    table : RgbArray | None
        uint8 ``(n, n, n, 3)`` indexed by red, green, blue, ``n`` a power of two up to 128; None leaves
        colors as they are.
    """

    generation: int = 0
    table: RgbArray | None = None

    def apply(self, argb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Map opaque pixels.

        Parameters
        ----------
        argb : NDArray[np.uint8]
            uint8 ``(H, W, 4)``, bytes in the order blue, green, red, alpha.

        Returns
        -------
        NDArray[np.uint8]
            The same array if there is no table, else a new one. A table of ``n`` steps keeps
            ``log2(n)`` bits of each color.
        """
        if self.table is None:
            return argb
        shift = 8 - int(self.table.shape[0]).bit_length() + 1
        blue, green, red = (argb[..., channel] >> shift for channel in range(3))
        mapped = argb.copy()
        mapped[..., 2::-1] = self.table[red, green, blue]
        return mapped
