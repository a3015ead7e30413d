"""The Deep Zoom pyramid of a slide: which level of the file each Deep Zoom level is read from.

Web viewers address a slide by halvings down to one pixel, files by the few levels they hold; this table
maps one to the other, as ``coverslip info`` prints it. Pure; any thread.

Source: the Deep Zoom file format (each level half the finer one, rounded up, down to 1 × 1) and the choice
of levels in openslide-python's ``DeepZoomGenerator``, to which the table is equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop_app.domain.slide_info import Level

TILE_SIZE = 254
"""Pixels; with an overlap of one on each side a tile of 256."""


@dataclass(frozen=True, slots=True)
class DeepZoomLevel:
    """One level of the Deep Zoom pyramid.

    Attributes
    ----------
    index : int
        0 is the 1 × 1 level; the last is full resolution.
    size : tuple[int, int]
        Pixels, ``(width, height)``.
    tiles : tuple[int, int]
        ``(columns, rows)``.
    level : int
        The slide's level that is read: the coarsest that is at least as fine.
    scale : float
        Pixels of that slide level per pixel of this level; at least 1.
    """

    index: int
    size: tuple[int, int]
    tiles: tuple[int, int]
    level: int
    scale: float


def deep_zoom_levels(
    size: tuple[int, int], levels: Sequence[Level], *, tile_size: int = TILE_SIZE
) -> tuple[DeepZoomLevel, ...]:
    """Build the table.

    Parameters
    ----------
    size : tuple[int, int]
        Level-0 pixels, ``(width, height)``.
    levels : Sequence[Level]
        The slide's levels, finest first.
    tile_size : int
        Pixels without overlap (the overlap changes no tile count).

    Returns
    -------
    tuple[DeepZoomLevel, ...]
        Coarsest first.
    """
    sizes = [size]
    while max(sizes[-1]) > 1:
        sizes.append((_half(sizes[-1][0]), _half(sizes[-1][1])))
    return tuple(
        _deep_zoom_level(
            len(sizes) - 1 - halvings, sizes[halvings], levels=levels, tile_size=tile_size, halvings=halvings
        )
        for halvings in reversed(range(len(sizes)))
    )


def _deep_zoom_level(
    index: int, size: tuple[int, int], *, levels: Sequence[Level], tile_size: int, halvings: int
) -> DeepZoomLevel:
    downsample = 2**halvings
    source = _level_for(downsample, levels)
    tiles = (-(-size[0] // tile_size), -(-size[1] // tile_size))
    return DeepZoomLevel(index, size, tiles, source.index, downsample / source.downsample)


def _level_for(downsample: float, levels: Sequence[Level]) -> Level:
    """The coarsest level not coarser than asked for, without tolerance, as OpenSlide chooses."""
    finer = [level for level in levels if level.downsample <= downsample]
    return max(finer, key=lambda level: level.downsample, default=levels[0])


def _half(side: int) -> int:
    return max(1, (side + 1) // 2)
