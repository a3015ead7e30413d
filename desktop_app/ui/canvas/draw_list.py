"""What to paint, given which tiles are there.

Each visible tile's place is painted exactly once: with the tile itself, else with the finer tiles that
were shown before a step of zooming out, else with the piece of a coarser tile. Nothing is painted twice,
so that the same list serves transparent overlays. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from desktop_app.domain.tile_requests import TileKey, TilePyramid
from desktop_app.domain.viewport import Viewport

Edges = tuple[float, float, float, float]
"""``(x0, y0, x1, y1)``."""

FEW = 16
"""Up to so many missing tiles each gets the best there is; finer tiles are four for each."""


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


def within(rect: Sequence[float], edges: Edges) -> Edges:
    """The part of a rectangle that lies inside another; may be empty, the far edge before the near one."""
    return max(rect[0], edges[0]), max(rect[1], edges[1]), min(rect[2], edges[2]), min(rect[3], edges[3])


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
        pieces.extend(pieces_for(pyramid, key, is_there))
    return pieces


def pieces_for(pyramid: TilePyramid, key: TileKey, is_there: Callable[[TileKey], bool]) -> list[DrawTile]:
    """The same for the place of one tile."""
    if is_there(key):
        return [cut(pyramid, key, pyramid.slide_edges(key))]
    return _substitutes(pyramid, key, is_there)


def _substitutes(pyramid: TilePyramid, key: TileKey, is_there: Callable[[TileKey], bool]) -> list[DrawTile]:
    edges = pyramid.slide_edges(key)
    for others in _others(pyramid, key):
        there = [other for other in others if is_there(other)]
        if there and (len(there) == len(others) or there[0].level == pyramid.coarsest):
            return [cut(pyramid, other, edges) for other in there]
    return []


def _others(pyramid: TilePyramid, key: TileKey) -> Iterator[list[TileKey]]:
    rect = pyramid.slide_rect(key)
    if key.level > 0:
        yield pyramid.tiles_in_rect(key.level - 1, rect)
    for coarser in range(key.level + 1, len(pyramid.levels)):
        yield pyramid.tiles_in_rect(coarser, rect)


def stand_ins(
    pyramid: TilePyramid, missing: Sequence[TileKey], is_there: Callable[[TileKey], bool]
) -> list[DrawTile]:
    """What to paint beneath the places of missing opaque tiles; neighbors from one tile are one piece.

    The pieces reach a pixel beyond the places, and so into each other: no gap is left between them, nor to
    what is painted above them. Where many tiles are missing one coarser level stands in for all of them,
    which is a few large pieces.

    Parameters
    ----------
    pyramid : TilePyramid
        Levels and tile size.
    missing : Sequence[TileKey]
        Of one level.
    is_there : Callable[[TileKey], bool]
        Whether a tile's pixels are in memory.
    """
    if len(missing) > FEW and (whole := _beneath_all(pyramid, missing, is_there)):
        return [_overlapping(pyramid, piece, missing[0].level) for piece in whole]
    pieces: list[DrawTile] = []
    for key in missing:
        pieces.extend(_substitutes(pyramid, key, is_there))
    return [_overlapping(pyramid, piece, missing[0].level) for piece in joined(pyramid, pieces)]


def _beneath_all(
    pyramid: TilePyramid, missing: Sequence[TileKey], is_there: Callable[[TileKey], bool]
) -> list[DrawTile]:
    """The tiles of the finest coarser level that is there all around the missing ones."""
    edges = [pyramid.slide_edges(key) for key in missing]
    lowest, highest = ([pick(side) for side in zip(*edges, strict=True)] for pick in (min, max))
    around = (lowest[0], lowest[1], highest[2], highest[3])
    rect = (around[0], around[1], around[2] - around[0], around[3] - around[1])
    for coarser in range(missing[0].level + 1, len(pyramid.levels)):
        others = pyramid.tiles_in_rect(coarser, rect)
        if all(is_there(other) for other in others):
            return [cut(pyramid, other, around) for other in others]
    return []


def joined(pyramid: TilePyramid, pieces: Sequence[DrawTile]) -> list[DrawTile]:
    """The same with neighbors from one tile put together."""
    return [cut(pyramid, piece.key, piece.edges) for piece in _joined(_joined(pieces, axis=0), axis=1)]


def _joined(pieces: Sequence[DrawTile], *, axis: int) -> list[DrawTile]:
    """Pieces of one tile that lie beside each other along an axis; their sources are not joined."""
    across = 1 - axis
    ordered = sorted(pieces, key=lambda piece: (piece.key, piece.edges[across], piece.edges[axis]))
    found: list[DrawTile] = []
    for piece in ordered:
        last = found[-1] if found else None
        if last is not None and last.key == piece.key and _meet(last.edges, piece.edges, axis):
            found[-1] = replace(last, edges=(*last.edges[:2], *piece.edges[2:]))
        else:
            found.append(piece)
    return found


def _meet(one: Edges, other: Edges, axis: int) -> bool:
    across = 1 - axis
    same = one[across] == other[across] and one[across + 2] == other[across + 2]
    return same and one[axis + 2] == other[axis]


def _overlapping(pyramid: TilePyramid, piece: DrawTile, level: int) -> DrawTile:
    """The piece a pixel of ``level`` wider at each side, but not beyond the slide."""
    by = pyramid.levels[level].downsample
    slide = pyramid.levels[0].size
    x0, y0, x1, y1 = piece.edges
    edges = max(0.0, x0 - by), max(0.0, y0 - by), min(float(slide[0]), x1 + by), min(float(slide[1]), y1 + by)
    # Where its tile ends there is no more to show: it is stretched by that pixel.
    return replace(cut(pyramid, piece.key, edges), edges=edges)


def cut(pyramid: TilePyramid, key: TileKey, edges: Edges) -> DrawTile:
    """The part of a tile that lies within edges (level-0 pixels), which must meet it."""
    tile = pyramid.slide_edges(key)
    x0, y0 = max(edges[0], tile[0]), max(edges[1], tile[1])
    x1, y1 = min(edges[2], tile[2]), min(edges[3], tile[3])
    if (x0, y0, x1, y1) == tile:
        _, _, width, height = pyramid.pixel_rect(key)
        return DrawTile(key, tile, (0.0, 0.0, float(width), float(height)))
    scale = pyramid.levels[key.level].downsample
    source = ((x0 - tile[0]) / scale, (y0 - tile[1]) / scale, (x1 - tile[0]) / scale, (y1 - tile[1]) / scale)
    return DrawTile(key, (x0, y0, x1, y1), source)
