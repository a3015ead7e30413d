"""What to paint, given which tiles are there.

Each visible tile's place is painted exactly once: with the tile itself, else with the finer tiles that
were shown before a step of zooming out, else with the piece of a coarser tile. Nothing is painted twice,
so that the same list serves transparent overlays. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from desktop_app.domain.tile_requests import TileKey, TilePyramid
from desktop_app.domain.viewport import Viewport

Edges = tuple[float, float, float, float]
"""``(x0, y0, x1, y1)``."""


@dataclass(frozen=True, slots=True)
class DrawTile:
    """One piece of the picture.

    Attributes
    ----------
    key : TileKey
        The tile whose pixels are used.
    edges : Edges
        What it covers, level-0 pixels.
    source : Edges
        Which of its pixels are used.
    """

    key: TileKey
    edges: Edges
    source: Edges


def draw_list(
    pyramid: TilePyramid, viewport: Viewport, is_there: Callable[[TileKey], bool]
) -> list[DrawTile]:
    """The pieces that make up the view as well as it can be made now.

    Parameters
    ----------
    pyramid : TilePyramid
        Levels and tile size.
    viewport : Viewport
        What is seen.
    is_there : Callable[[TileKey], bool]
        Whether a tile's pixels are in memory.

    Returns
    -------
    list[DrawTile]
        Places for which nothing is there are left out.
    """
    level = pyramid.level_for(viewport.downsample)
    pieces: list[DrawTile] = []
    for key in pyramid.tiles_in_view(level, viewport):
        pieces.extend(_pieces_for(pyramid, key, is_there))
    return pieces


def _pieces_for(pyramid: TilePyramid, key: TileKey, is_there: Callable[[TileKey], bool]) -> list[DrawTile]:
    edges = pyramid.slide_edges(key)
    if is_there(key):
        return [_piece(pyramid, key, edges)]
    for stand_ins in _stand_ins(pyramid, key):
        there = [other for other in stand_ins if is_there(other)]
        if there and (len(there) == len(stand_ins) or there[0].level == pyramid.coarsest):
            return [_piece(pyramid, other, edges) for other in there]
    return []


def _stand_ins(pyramid: TilePyramid, key: TileKey) -> Iterator[list[TileKey]]:
    rect = pyramid.slide_rect(key)
    if key.level > 0:
        yield pyramid.tiles_in_rect(key.level - 1, rect)
    for coarser in range(key.level + 1, len(pyramid.levels)):
        yield pyramid.tiles_in_rect(coarser, rect)


def _piece(pyramid: TilePyramid, key: TileKey, edges: Edges) -> DrawTile:
    tile = pyramid.slide_edges(key)
    x0, y0 = max(edges[0], tile[0]), max(edges[1], tile[1])
    x1, y1 = min(edges[2], tile[2]), min(edges[3], tile[3])
    if (x0, y0, x1, y1) == tile:
        _, _, width, height = pyramid.pixel_rect(key)
        return DrawTile(key, tile, (0.0, 0.0, float(width), float(height)))
    scale = pyramid.levels[key.level].downsample
    source = ((x0 - tile[0]) / scale, (y0 - tile[1]) / scale, (x1 - tile[0]) / scale, (y1 - tile[1]) / scale)
    return DrawTile(key, (x0, y0, x1, y1), source)
