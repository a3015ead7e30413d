"""What became of every tile of a run: the table beside its other files.

Every tile of the grid has exactly one fate: kept, background, outside the ROI, unreadable, or the class of
the artifact that the recipe left it out for. Pure functions; any thread.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from desktop_app.engine.features import TilePass
from desktop_app.engine.tiles import TilePlan

KEPT, BACKGROUND, OUTSIDE, UNREADABLE = "kept", "background", "outside ROI", "unreadable"

HEADER = ("column", "row", "x", "y", "width", "height", "fate", "tissue_share")


def tile_fates(plan: TilePlan, tiles: TilePass) -> NDArray[np.str_]:
    """The fate of each tile of the grid, text ``(len(grid),)``."""
    longest = max(map(len, (OUTSIDE, BACKGROUND, *plan.artifacts)))
    fates = np.full(len(plan.grid), BACKGROUND, dtype=f"<U{longest}")
    fates[~plan.inside] = OUTSIDE
    for name, indices in plan.artifacts.items():
        fates[indices] = name
    fates[tiles.kept] = KEPT
    if tiles.unreadable:
        numbers = {tuple(at): number for number, at in enumerate(plan.grid.locations().tolist())}
        fates[[numbers[tile.location] for tile in tiles.unreadable]] = UNREADABLE
    return fates


def fate_counts(plan: TilePlan, tiles: TilePass) -> Mapping[str, int]:
    """Tiles by fate; the sum is the grid's size. Excluded classes are there with 0 too."""
    names = (KEPT, BACKGROUND, OUTSIDE, *plan.artifacts, UNREADABLE)
    found, counts = np.unique(tile_fates(plan, tiles), return_counts=True)
    by_name = dict(zip(found.tolist(), counts.tolist(), strict=True))
    return {name: by_name.get(name, 0) for name in names}


def fates_csv(plan: TilePlan, tiles: TilePass) -> bytes:
    """The table as CSV, a row for each tile of the grid, row by row.

    ``x``, ``y``, ``width`` and ``height`` are level-0 pixels of the whole canvas; ``tissue_share`` is that of
    the tissue mask, and of the tile's own pixels for kept tiles where those decide.
    """
    shares = plan.shares.copy()
    shares[tiles.kept] = tiles.shares
    boxes = plan.grid.boxes()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for number, fate in enumerate(tile_fates(plan, tiles).tolist()):
        row, column = divmod(number, plan.grid.columns)
        x0, y0, x1, y1 = boxes[number].tolist()
        writer.writerow((column, row, x0, y0, x1 - x0, y1 - y0, fate, f"{shares[number]:.4f}"))
    return text.getvalue().encode()
