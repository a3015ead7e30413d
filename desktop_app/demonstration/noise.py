"""Random fields: the smooth ones that lay a slide out, and the fibers and grain of its tissue.

Fields are small and are enlarged where they are painted, so memory does not grow with the slide's pixels.
Any thread; the texture bank is made once per process and then only read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator

from desktop_app.domain.arrays import FloatArray

BANK_MPP = 0.5
"""µm per pixel at which the texture bank is computed."""
_BANK_PX = 1024
_FIBER_STEPS = 14
_REACH_PX = 48  # no line goes further than its steps of at most 3 px


@dataclass(frozen=True, slots=True, eq=False)
class TextureBank:
    """Textures that continue across their own borders.

    Attributes
    ----------
    fibers : FloatArray
        float32 ``(P, P)``, 0 to 1, fine collagen fibers.
    bundles : FloatArray
        float32 ``(P, P)``, 0 to 1, the bundles that the fibers run in; low values are the clefts between.
    grain : FloatArray
        float32 ``(P, P)``, mean 0 and standard deviation 1, fine grain of cytoplasm.
    speckle : FloatArray
        float32 ``(P, P)``, mean 0 and standard deviation 1, noise of the camera.
    angle : FloatArray
        float32 ``(P, P)``, direction of the fibers, radians.
    """

    fibers: FloatArray
    bundles: FloatArray
    grain: FloatArray
    speckle: FloatArray
    angle: FloatArray

    @property
    def period(self) -> int:
        """P: the textures repeat after this many pixels."""
        return int(self.fibers.shape[0])


def smooth_noise(shape: tuple[int, int], sigma: float, *, rng: Generator) -> FloatArray:
    """Gaussian noise of one scale.

    Parameters
    ----------
    shape : tuple[int, int]
        ``(rows, columns)``.
    sigma : float
        Scale in cells.
    rng : numpy.random.Generator
        The stream to use.

    Returns
    -------
    FloatArray
        float32 ``shape``, mean 0 and standard deviation 1.
    """
    pad = int(3 * sigma) + 1
    white = rng.standard_normal((shape[0] + 2 * pad, shape[1] + 2 * pad), dtype=np.float32)
    field = np.asarray(cv2.GaussianBlur(white, (0, 0), sigma), dtype=np.float32)
    return _standardized(field[pad:-pad, pad:-pad])


@lru_cache(maxsize=2)
def texture_bank(mpp: float) -> TextureBank:
    """The textures at one resolution; the same on every slide, each slide shifts them by its own offset.

    Source
    ------
    Fibers are line integral convolution (Cabral and Leedom, SIGGRAPH 1993) of noise along a smooth random
    direction field, with a fixed step instead of exact cell crossings.
    """
    rng = np.random.default_rng(20_093)
    angle = _directions(rng)
    period = round(_BANK_PX * BANK_MPP / mpp)
    return TextureBank(
        fibers=_enlarged(_ranked(_line_integral(_periodic_noise(0.9, rng), angle)), period),
        bundles=_enlarged(_ranked(_line_integral(_periodic_noise(3.2, rng), angle, step=3.0)), period),
        grain=_standardized(_enlarged(_periodic_noise(1.1, rng) + 0.7 * _periodic_noise(4.0, rng), period)),
        speckle=rng.standard_normal((period, period), dtype=np.float32),
        angle=np.asarray(
            cv2.resize(angle, (period, period), interpolation=cv2.INTER_NEAREST), dtype=np.float32
        ),
    )


def window(texture: FloatArray, origin: tuple[int, int], *, size: tuple[int, int]) -> FloatArray:
    """A rectangle of an endlessly repeated texture.

    Parameters
    ----------
    texture : FloatArray
        ``(P, P)``.
    origin : tuple[int, int]
        ``(x, y)`` in texture pixels, any integer.
    size : tuple[int, int]
        ``(width, height)``.

    Returns
    -------
    FloatArray
        ``(height, width)``, a copy.
    """
    rows = [texture[part] for part in _runs(origin[1], size[1], period=texture.shape[0])]
    return np.vstack(
        [
            np.hstack([row[:, part] for part in _runs(origin[0], size[0], period=texture.shape[1])])
            for row in rows
        ]
    )


def enlarge(
    field: FloatArray, origin: tuple[float, float], *, size: tuple[int, int], step: float
) -> FloatArray:
    """A rectangle of a coarse field on a finer grid, by separable cubic B-splines.

    Whatever rectangle a pixel is asked for in, it has the same value, so blocks meet without a seam.

    Parameters
    ----------
    field : FloatArray
        float32 ``(rows, columns)``.
    origin : tuple[float, float]
        Position ``(x, y)`` of the first fine pixel's center in cells.
    size : tuple[int, int]
        ``(width, height)`` of the result in fine pixels.
    step : float
        Cells per fine pixel.

    Returns
    -------
    FloatArray
        float32 ``(height, width)``.
    """
    across, first_column = _spline_weights(origin[0], size[0], step=step)
    down, first_row = _spline_weights(origin[1], size[1], step=step)
    rows = np.clip(np.arange(first_row, first_row + down.shape[1]), 0, field.shape[0] - 1)
    columns = np.clip(np.arange(first_column, first_column + across.shape[1]), 0, field.shape[1] - 1)
    return np.asarray(down @ field[rows][:, columns] @ across.T, dtype=np.float32)


def _runs(start: int, count: int, *, period: int) -> list[slice]:
    """``count`` successive positions from ``start`` as slices of one period."""
    runs = []
    while count > 0:
        first = start % period
        taken = min(count, period - first)
        runs.append(slice(first, first + taken))
        start, count = start + taken, count - taken
    return runs


def _spline_weights(origin: float, count: int, *, step: float) -> tuple[FloatArray, int]:
    """Weights float32 ``(count, cells)`` of the cells from the returned index on."""
    position = origin + np.arange(count) * step
    cell = np.floor(position).astype(np.int64)
    part = (position - cell).astype(np.float32)
    first = int(cell[0]) - 1
    weights = np.zeros((count, int(cell[-1]) - int(cell[0]) + 4), np.float32)
    pieces = ((1 - part) ** 3, 4 - 6 * part**2 + 3 * part**3, 1 + 3 * part * (1 + part - part**2), part**3)
    for shift, piece in enumerate(pieces):
        weights[np.arange(count), cell - cell[0] + shift] = piece / 6
    return weights, first


def _periodic_noise(sigma: float, rng: Generator) -> FloatArray:
    """Smooth noise that continues across its borders, float32 ``(_BANK_PX, _BANK_PX)``."""
    frequency = np.fft.fftfreq(_BANK_PX)
    gain = np.exp(-2 * (np.pi * sigma * frequency) ** 2)
    white = np.fft.rfft2(rng.standard_normal((_BANK_PX, _BANK_PX)))
    smooth = np.fft.irfft2(white * gain[:, None] * gain[None, : _BANK_PX // 2 + 1], s=(_BANK_PX, _BANK_PX))
    return _standardized(smooth.astype(np.float32))


def _directions(rng: Generator) -> FloatArray:
    """Slowly turning directions with the crimp of collagen on them, radians."""
    slow = np.arctan2(_periodic_noise(70.0, rng), _periodic_noise(70.0, rng))
    return np.asarray(slow + 0.3 * _periodic_noise(9.0, rng), dtype=np.float32)


def _line_integral(noise: FloatArray, angle: FloatArray, *, step: float = 1.5) -> FloatArray:
    """The mean of the noise along the direction field, both ways from each pixel."""
    along_x, along_y, framed = map(_framed, (np.cos(angle) * step, np.sin(angle) * step, noise))
    start_y, start_x = np.mgrid[:_BANK_PX, :_BANK_PX].astype(np.float32) + _REACH_PX
    total = noise.copy()
    for sign in (1.0, -1.0):
        x, y = start_x.copy(), start_y.copy()
        for _ in range(_FIBER_STEPS):
            x += sign * _at(along_x, x, y)
            y += sign * _at(along_y, x, y)
            total += _at(framed, x, y)
    return total


def _framed(field: FloatArray) -> FloatArray:
    reach = _REACH_PX
    return np.asarray(cv2.copyMakeBorder(field, reach, reach, reach, reach, cv2.BORDER_WRAP))


def _at(field: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    return np.asarray(cv2.remap(field, x, y, cv2.INTER_LINEAR), dtype=np.float32)


def _enlarged(texture: FloatArray, period: int) -> FloatArray:
    """The texture at another resolution, still continuing across its borders."""
    margin = 16
    wrapped = cv2.copyMakeBorder(texture, margin, margin, margin, margin, cv2.BORDER_WRAP)
    scale = period / _BANK_PX
    shift = margin + 0.5 / scale - 0.5
    placement = np.array([[1 / scale, 0, shift], [0, 1 / scale, shift]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(wrapped, placement, (period, period), flags=flags), dtype=np.float32)


def _ranked(field: FloatArray) -> FloatArray:
    """The field with evenly spread values from 0 to 1."""
    standard = _standardized(field)
    return np.asarray(0.5 * (1 + np.tanh(0.8 * standard)), dtype=np.float32)


def _standardized(field: FloatArray) -> FloatArray:
    return np.asarray((field - field.mean()) / (field.std() + 1e-9), dtype=np.float32)
