"""Pixels of a synthetic slide, painted rectangle by rectangle.

Two planes of stain concentration are composed from textures, outlines and stamps, and become color by the
law of Lambert and Beer. A rectangle's pixels are the same however the slide is cut into rectangles. Any
thread; a painter holds no state that changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from desktop_app.demonstration.layout import CELL_UM
from desktop_app.demonstration.noise import enlarge, texture_bank, window
from desktop_app.demonstration.pen import pen_density, pen_ink
from desktop_app.demonstration.scene import Layer, Scene
from desktop_app.demonstration.staining import Staining
from desktop_app.domain.arrays import FloatArray, RgbArray

_OPTICS_BLUR_UM = 0.16
_CAMERA_NOISE = 1.6
_FRACTION_BITS = 3
_LONGEST_NUCLEUS_UM = 16.0


@dataclass(frozen=True, slots=True)
class _Fill:
    """What a layer is filled with: eosin, hematoxylin, how much grain, and whether fibers show through."""

    eosin: float
    hematoxylin: float
    grain: float
    fibers: float = 0.0


_FILLS: dict[Layer, _Fill] = {
    "follicle": _Fill(0.30, 0.16, 0.05),
    "nest": _Fill(0.40, 0.15, 0.07),
    "muscle": _Fill(0.62, 0.05, 0.03, 0.25),
    "epithelium": _Fill(0.47, 0.13, 0.07),
    "lumen": _Fill(0.012, 0.004, 0.004),
    "adipocyte": _Fill(0.006, 0.002, 0.002),
    "erythrocyte": _Fill(0.95, 0.0, 0.02),
}


class Painter:
    """Paints rectangles of one scene.

    Parameters
    ----------
    scene : Scene
        What to paint.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._spec = scene.spec
        self._bank = texture_bank(scene.spec.mpp)
        self._staining = Staining.draw(scene.spec)
        self._pen = pen_density(scene.spec, scene.layout)
        self._sigma = float(np.hypot(_OPTICS_BLUR_UM, scene.spec.blur_um) / scene.spec.mpp)
        self._halo = int(np.ceil(3.5 * self._sigma)) + 1

    def paint(self, location: tuple[int, int], size: tuple[int, int]) -> RgbArray:
        """Paint a rectangle.

        Parameters
        ----------
        location : tuple[int, int]
            Top left ``(x, y)``, level-0 pixels.
        size : tuple[int, int]
            ``(width, height)``, level-0 pixels.

        Returns
        -------
        RgbArray
            uint8 ``(height, width, 3)``.
        """
        halo = self._halo
        origin = (location[0] - halo, location[1] - halo)
        wide = (size[0] + 2 * halo, size[1] + 2 * halo)
        light = self._light(origin, wide)
        sharp = cv2.GaussianBlur(light, (2 * halo + 1, 2 * halo + 1), self._sigma)[halo:-halo, halo:-halo]
        noise = _CAMERA_NOISE * self._texture("speckle", location, size=size)
        return np.asarray(cv2.add(sharp, cv2.merge([noise] * 3), dtype=cv2.CV_8U), dtype=np.uint8)

    def _light(self, origin: tuple[int, int], size: tuple[int, int]) -> FloatArray:
        """Transmitted light before the optics, float32 ``(h, w, 3)``, gray levels."""
        tissue = self._cells(self._scene.layout.tissue, origin, size=size)
        if tissue.max() < -0.1:
            light = self._staining.glass(size)
        else:
            light = self._staining.light(*self._concentrations(tissue, origin, size=size))
        if self._pen is not None:
            density = pen_ink(self._cells(self._pen, origin, size=size))
            light *= self._staining.pen_light(density)
        return light

    def _concentrations(
        self, tissue: FloatArray, origin: tuple[int, int], *, size: tuple[int, int]
    ) -> tuple[FloatArray, FloatArray]:
        """Hematoxylin and eosin, each float32 ``(h, w)``."""
        fibers, bundles = (
            self._texture("fibers", origin, size=size),
            self._texture("bundles", origin, size=size),
        )
        grain = self._texture("grain", origin, size=size)
        cover = _soft(tissue + 0.018 * (bundles - 0.5), 0.008)
        eosin = self._stroma(fibers, bundles, origin=origin, size=size)
        hematoxylin = np.full_like(eosin, 0.035)
        self._thin_fat(eosin, bundles, origin=origin, size=size)
        for layer, outlines in self._scene.outlines.items():
            rings = outlines.within(*self._extent(origin, size))
            if rings:
                _fill(
                    (eosin, hematoxylin),
                    self._mask(rings, origin, size=size),
                    fill=_FILLS[layer],
                    textures=(grain, fibers),
                )
        self._stamp((eosin, hematoxylin), origin)
        return hematoxylin * cover, eosin * cover

    def _stroma(
        self, fibers: FloatArray, bundles: FloatArray, *, origin: tuple[int, int], size: tuple[int, int]
    ) -> FloatArray:
        """Eosin of collagen: fibers within bundles, pale clefts between them, uneven over the slide."""
        tone = np.clip(1 + 0.16 * self._cells(self._scene.layout.tone, origin, size=size), 0.6, 1.5)
        collagen = 0.27 + 0.30 * fibers + 0.20 * bundles
        solid = _soft(bundles + 0.25 * fibers + 0.08 * tone - 0.30, 0.09)
        return np.asarray(collagen * tone * (0.15 + 0.85 * solid), dtype=np.float32)

    def _thin_fat(
        self, eosin: FloatArray, bundles: FloatArray, *, origin: tuple[int, int], size: tuple[int, int]
    ) -> None:
        """Only thin walls stand between adipocytes."""
        fat = _soft(self._cells(self._scene.layout.fat, origin, size=size) + 0.03 * (bundles - 0.5), 0.015)
        eosin += fat * (0.42 - eosin)

    def _stamp(self, planes: tuple[FloatArray, FloatArray], origin: tuple[int, int]) -> None:
        """Lay every nucleus over the planes: the darker wins, so their order does not matter."""
        eosin, hematoxylin = planes
        mpp, nuclei = self._spec.mpp, self._scene.nuclei
        low, high = self._extent(origin, (eosin.shape[1], eosin.shape[0]), margin_um=_LONGEST_NUCLEUS_UM)
        chosen = nuclei.within(low, high)
        pixels = np.round(nuclei.points[chosen] / mpp).astype(np.int64) - np.array(origin)
        under = eosin.copy()
        for (x, y), number in zip(pixels.tolist(), nuclei.stamps[chosen].tolist(), strict=True):
            stamp = self._scene.book.stamps[number]
            there, here = _overlap(eosin.shape, stamp.hematoxylin.shape, center=(x, y))
            np.maximum(hematoxylin[there], stamp.hematoxylin[here], out=hematoxylin[there])
            np.minimum(eosin[there], under[there] * stamp.eosin_left[here], out=eosin[there])

    def _mask(self, rings: list[FloatArray], origin: tuple[int, int], *, size: tuple[int, int]) -> FloatArray:
        """Cover of a layer, float32 ``(h, w)``, 0 to 1, with smooth borders."""
        mask = np.zeros((size[1], size[0]), np.uint8)
        for ring in rings:
            pixels = ring / self._spec.mpp - np.array(origin) - 0.5
            fixed = np.round(pixels * (1 << _FRACTION_BITS)).astype(np.int32)
            cv2.fillPoly(mask, [fixed], 255, lineType=cv2.LINE_AA, shift=_FRACTION_BITS)
        return mask.astype(np.float32) / 255

    def _texture(self, name: str, origin: tuple[int, int], *, size: tuple[int, int]) -> FloatArray:
        shift = self._scene.texture_shift
        return window(getattr(self._bank, name), (origin[0] + shift[0], origin[1] + shift[1]), size=size)

    def _cells(self, field: FloatArray, origin: tuple[int, int], *, size: tuple[int, int]) -> FloatArray:
        """A layout field at each pixel."""
        step = self._spec.mpp / CELL_UM
        first = ((origin[0] + 0.5) * step - 0.5, (origin[1] + 0.5) * step - 0.5)
        return enlarge(field, first, size=size, step=step)

    def _extent(
        self, origin: tuple[int, int], size: tuple[int, int], *, margin_um: float = 1.0
    ) -> tuple[tuple[float, float], tuple[float, float]]:
        mpp = self._spec.mpp
        low = (origin[0] * mpp - margin_um, origin[1] * mpp - margin_um)
        return low, (low[0] + size[0] * mpp + 2 * margin_um, low[1] + size[1] * mpp + 2 * margin_um)


def _fill(
    planes: tuple[FloatArray, FloatArray],
    mask: FloatArray,
    *,
    fill: _Fill,
    textures: tuple[FloatArray, FloatArray],
) -> None:
    """Blend a fill over the planes where the mask covers them."""
    grain, fibers = textures
    rows, columns = _box(mask)
    cover, grain, fibers = mask[rows, columns], grain[rows, columns], fibers[rows, columns]
    for plane, amount in zip(planes, (fill.eosin, fill.hematoxylin), strict=True):
        target = amount * (1 + fill.fibers * (fibers - 0.5)) + fill.grain * amount * 2 * grain
        plane[rows, columns] += cover * (np.maximum(target, 0) - plane[rows, columns])


def _box(mask: FloatArray) -> tuple[slice, slice]:
    """The rows and columns in which the mask is above 0."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return slice(0, 0), slice(0, 0)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _overlap(
    plane: tuple[int, ...], stamp: tuple[int, ...], *, center: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The part of the plane that a centered stamp covers, and that part of the stamp."""
    top, left = center[1] - stamp[0] // 2, center[0] - stamp[1] // 2
    y0, y1 = max(top, 0), max(min(top + stamp[0], plane[0]), 0)
    x0, x1 = max(left, 0), max(min(left + stamp[1], plane[1]), 0)
    there = slice(y0, max(y0, y1)), slice(x0, max(x0, x1))
    here = slice(y0 - top, max(y0, y1) - top), slice(x0 - left, max(x0, x1) - left)
    return there, here


def _soft(value: FloatArray, width: float) -> FloatArray:
    """0 below, 1 above ``width`` about zero, smooth between."""
    t = np.clip(value / (2 * width) + 0.5, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)
