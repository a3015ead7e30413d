"""How the memory for tiles is shared out, so that nine views take no more than one does.

Each view has caches of its own; what is seen gets the larger part, what waits behind a tab keeps enough to
be there at once when it is called. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop_app.ui.canvas.tile_cache import DEFAULT_CAPACITY
from desktop_app.ui.canvas_layers.annotation_layer import CACHE_BYTES
from desktop_app.ui.slide_view import SlideView

HIDDEN_PART = 4
"""All views that are not seen share one part in this many."""


def shares(total: int, shown: int, hidden: int) -> tuple[int, int]:
    """Bytes for each view that is seen, and for each that is not; together at most ``total``."""
    for_hidden = total // HIDDEN_PART if hidden and shown else total if hidden else 0
    return (total - for_hidden) // max(1, shown), for_hidden // max(1, hidden)


def share_memory(views: Sequence[SlideView], shown: Sequence[SlideView]) -> None:
    """Give every view its share of the tile memory.

    Parameters
    ----------
    views : Sequence[SlideView]
        All open views.
    shown : Sequence[SlideView]
        Those that are seen.
    """
    hidden = len(views) - len(shown)
    slide_tiles = shares(DEFAULT_CAPACITY, len(shown), hidden)
    overlay_tiles = shares(CACHE_BYTES, len(shown), hidden)
    for view in views:
        number = 0 if view in shown else 1
        view.limit_memory(slide_tiles[number], overlay_tiles[number])
