"""One step of the undo stack: the name of an edit in the journal, and nothing else.

The annotations stay in the journal, so that a stack of a hundred thousand steps costs little more than
their labels. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias
from uuid import UUID

from PySide6.QtGui import QUndoCommand

Travel: TypeAlias = Callable[[UUID | None], None]
"""Goes to the state after an edit; None for the empty start."""


class EditCommand(QUndoCommand):
    """An edit that has been stored already when this is pushed.

    Parameters
    ----------
    label : str
        What the undo menu says.
    edit_id : UUID
        The edit.
    parent_id : UUID | None
        The edit it was made on.
    travel : Travel
        Moves the journal's cursor.
    """

    def __init__(self, label: str, edit_id: UUID, parent_id: UUID | None, travel: Travel) -> None:
        super().__init__(label)
        self.edit_id = edit_id
        self._parent_id = parent_id
        self._travel = travel

    def undo(self) -> None:
        """Go to the state before the edit."""
        self._travel(self._parent_id)

    def redo(self) -> None:
        """Go to the state after the edit."""
        self._travel(self.edit_id)
