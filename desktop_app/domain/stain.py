"""A fitted stain normalizer as data, so that the host can apply it on tiles and on the canvas alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from desktop_app.domain.arrays import FloatArray, RgbArray
from desktop_app.domain.color_maps import ColorMap, color_map_from_json


@dataclass(frozen=True, slots=True)
class FittedStain:
    """A linear map in optical density, fitted on one slide, or another map of colors in its place.

    ``od = -ln(max(rgb + dark, 1) / intensity)``, ``od' = matrix @ od``,
    ``rgb' = clip(intensity * exp(-od'), 0, 255)`` rounded to the nearest gray level.

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
    dark : float
        Gray levels added before the logarithm; with 0, level 0 counts as 1.
    color_map : ColorMap | None
        What is done to colors instead, by methods that are not linear in optical density.
    """

    method: str
    matrix: FloatArray
    intensity: float = 240.0
    identity: bool = False
    note: str = ""
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    dark: float = 1.0
    color_map: ColorMap | None = None

    @classmethod
    def unchanged(cls, method: str, note: str) -> FittedStain:
        """The map that leaves pixels as they are, with the reason."""
        return cls(method, np.eye(3), identity=True, note=note)

    @classmethod
    def by_color_map(
        cls, method: str, color_map: ColorMap, diagnostics: Mapping[str, Any] | None = None
    ) -> FittedStain:
        """A fit of a method that is not linear in optical density."""
        return cls(method, np.eye(3), color_map=color_map, diagnostics=diagnostics or {})

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
        if self.color_map is not None:
            return self.color_map.apply(rgb)
        density = -np.log(np.maximum(rgb + np.float64(self.dark), 1) / self.intensity)
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
            "dark": self.dark,
            "color_map": None if self.color_map is None else self.color_map.to_json(),
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
            dark=float(data.get("dark", 1.0)),
            color_map=color_map_from_json(data["color_map"]) if data.get("color_map") else None,
        )
