"""Lengths in micrometres as pixels of one batch of tiles.

Every distance of the encoder is physical, so that features mean the same at any tile size and mpp.
Pure values, safe on any thread.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TileScale:
    """Pixel size and extent of the tiles of a batch.

    Attributes
    ----------
    mpp : float
        µm per pixel.
    height, width : int
        Pixels.
    """

    mpp: float
    height: int
    width: int

    def pixels(self, length_um: float) -> int:
        """A length as whole pixels: at least 1, at most a quarter of the shorter tile edge.

        The lower bound makes short distances coincide on coarse tiles; the upper keeps enough pixel pairs.
        """
        most = max(1, min(self.height, self.width) // 4)
        return min(most, max(1, round(length_um / self.mpp)))

    @property
    def area_mm2(self) -> float:
        """Area of one tile."""
        return self.height * self.width * self.mpp**2 / 1e6

    @property
    def diagonal_um(self) -> float:
        """Length of the tile's diagonal."""
        return float((self.height**2 + self.width**2) ** 0.5) * self.mpp
