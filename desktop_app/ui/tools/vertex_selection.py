"""The outline of the one selected annotation, and which of its vertices are selected.

Vertices are remembered by where they are, so that an edit of somebody else, or an undo, takes those away that
are there no more and leaves the others selected. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from desktop_app.domain.annotation_chunk import snapped
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.arrays import FloatArray, IntArray
from desktop_app.domain.id_set import IdSet
from desktop_app.domain.outline_editing import Outline
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.tools.context import ToolContext
from desktop_app.ui.tools.handles import has_box_handles

NONE: IntArray = np.zeros(0, dtype=np.int64)


class VertexSelection:
    """What can be edited of the selection vertex by vertex.

    Parameters
    ----------
    context : ToolContext
        Whose selection it is.
    """

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._known: tuple[AnnotationSnapshot, IdSet, Outline | None] | None = None
        self._of: UUID | None = None
        self._places: NDArray[np.complex128] = np.zeros(0, dtype=np.complex128)
        self._numbers: tuple[Outline, IntArray] | None = None

    @property
    def outline(self) -> Outline | None:
        """The outline of the one selected annotation; made once for each state."""
        snapshot, chosen = self._context.document.snapshot, self._context.selection.chosen
        if self._known is None or self._known[0] is not snapshot or self._known[1] is not chosen:
            only = self._context.selection.only
            self._known = (snapshot, chosen, None if only is None else Outline.of(only))
        return self._known[2]

    @property
    def editable(self) -> Outline | None:
        """The same where its vertices may be changed one by one: neither locked nor stretched by a box."""
        outline = self.outline
        fixed = outline is None or outline.annotation.locked or has_box_handles(outline.annotation)
        return None if fixed else outline

    @property
    def numbers(self) -> IntArray:
        """Which vertices of the outline are selected, int64, ascending."""
        outline = self.editable
        if outline is None or outline.annotation.id != self._of or not len(self._places):
            return NONE
        if self._numbers is None or self._numbers[0] is not outline:
            chosen = np.flatnonzero(np.isin(_as_places(outline.vertices), self._places))
            self._numbers = (outline, chosen)
        return self._numbers[1]

    def set(self, numbers: IntArray | Iterable[int]) -> None:
        """Select these vertices of the outline and no others."""
        outline = self.editable
        self._numbers = None
        if outline is not None:
            self._of = outline.annotation.id
            self._places = _as_places(outline.vertices[np.unique(np.fromiter(numbers, dtype=np.int64))])

    def set_at(self, positions: FloatArray) -> None:
        """Select the vertices at these places, level-0 pixels, once they are stored."""
        self._places = _as_places(snapped(positions))
        self._numbers = None

    def toggle(self, number: int) -> None:
        """Select a vertex as well, or no more."""
        chosen = set(self.numbers.tolist())
        self.set(chosen ^ {number})

    def clear(self) -> bool:
        """Select none; whether any was."""
        any_selected = bool(len(self.numbers))
        self._of, self._numbers = None, None
        return any_selected

    def within(self, corners: tuple[FloatArray, FloatArray], viewport: Viewport) -> IntArray:
        """The vertices in a box of the screen, between two corners in device pixels."""
        outline = self.editable
        if outline is None:
            return NONE
        low, high = np.minimum(*corners), np.maximum(*corners)
        across, down = viewport.to_view(outline.vertices).T
        inside = (across >= low[0]) & (across <= high[0]) & (down >= low[1]) & (down <= high[1])
        return np.flatnonzero(inside)


def _as_places(points: FloatArray) -> NDArray[np.complex128]:
    return points[:, 0] + 1j * points[:, 1]
