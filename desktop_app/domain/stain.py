"""A fitted stain normalizer as data, so that the host can apply it on tiles and on the canvas alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from desktop_app.domain.arrays import FloatArray, RgbArray


@dataclass(frozen=True, slots=True)
class FittedStain:
    """A linear map in optical density, fitted on one slide.

    ``od = -ln((rgb + 1) / intensity)``, ``od' = matrix @ od``, ``rgb' = clip(intensity * exp(-od'), 0, 255)``
    rounded to the nearest gray level.

    Attributes
    ----------
    method : str
        The normalizer's provided id.
    matrix : FloatArray
        float64 ``(3, 3)``, acting on the column vector of R, G, B optical densities.
    intensity : float
        Transmitted light of an empty pixel, in gray levels.
    identity : bool
        True where the slide had too little stained tissue for a fit; ``note`` says why.
    note : str
        One sentence for the run report; empty if there is nothing to say.
    diagnostics : Mapping[str, Any]
        JSON-able details of the fit (stain vectors, percentiles, pixel count).
    """

    method: str
    matrix: FloatArray
    intensity: float = 240.0
    identity: bool = False
    note: str = ""
    diagnostics: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def unchanged(cls, method: str, note: str) -> FittedStain:
        """The map that leaves pixels as they are, with the reason."""
        return cls(method, np.eye(3), identity=True, note=note)

    def apply(self, rgb: RgbArray) -> RgbArray:
        """Normalized pixels by the definition above, in float64; what faster appliers are tested against.

        Parameters
        ----------
        rgb : RgbArray
            uint8 ``(..., 3)``.

        Returns
        -------
        RgbArray
            uint8 of the same shape; ``rgb`` itself where the fit is the identity.
        """
        if self.identity:
            return rgb
        density = -np.log((rgb.astype(np.float64) + 1) / self.intensity)
        light = self.intensity * np.exp(-density @ np.asarray(self.matrix, dtype=np.float64).T)
        return np.rint(np.clip(light, 0, 255)).astype(np.uint8)

    def to_json(self) -> dict[str, Any]:
        """Plain containers, for result files and process borders."""
        return {
            "method": self.method,
            "matrix": np.asarray(self.matrix, dtype=np.float64).tolist(),
            "intensity": self.intensity,
            "identity": self.identity,
            "note": self.note,
            "diagnostics": dict(self.diagnostics),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FittedStain:
        """The inverse of :meth:`to_json`."""
        return cls(
            method=str(data["method"]),
            matrix=np.asarray(data["matrix"], dtype=np.float64).reshape(3, 3),
            intensity=float(data["intensity"]),
            identity=bool(data["identity"]),
            note=str(data["note"]),
            diagnostics=dict(data["diagnostics"]),
        )
