"""How far a journal was known to be on disk, so that an opening can say what is gone.

A write-ahead log that was cut off at the end of an edit looks like one that was never longer. The storage
thread therefore writes down, beside the journal and after each sync, how far it had come. The mark itself is
not synced: after a power cut it may be older than the journal, but never newer. Any thread.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

NAME = "journal.mark"
_LENGTH = 160
"""Bytes; always the same, so that writing it again needs no room on a full disk."""


@dataclass(frozen=True, slots=True)
class JournalMark:
    """What had been synced.

    Attributes
    ----------
    seq : int
        The last number given in the journal, to an edit or a move of the cursor.
    edits : int
        How many edits there were.
    utc : str
        When the last of them was made.
    """

    seq: int
    edits: int
    utc: str

    def loss(self, seq: int, edits: int) -> str:
        """What a journal lacks that has ``edits`` edits and ``seq`` as last number; empty for nothing."""
        gone = self.edits - edits
        if gone == 1:
            return f"The last edit of the journal is gone; it was made at {self.utc}."
        if gone > 1:
            return f"The last {gone} edits of the journal are gone; the very last was made at {self.utc}."
        if seq < self.seq:
            return "The last steps of undo and redo are gone from the journal."
        return ""


def write_mark(folder: Path, mark: JournalMark) -> None:
    """Write the mark of a journal's folder.

    A system that refuses is not told of: the mark only serves to tell of damage.
    """
    path = folder / NAME
    with suppress(OSError), path.open("r+b" if path.exists() else "w+b", buffering=0) as file:
        file.write(orjson.dumps(asdict(mark)).ljust(_LENGTH))


def read_mark(folder: Path) -> JournalMark | None:
    """The mark of a journal's folder; None if there is none or it is damaged."""
    try:
        content = orjson.loads((folder / NAME).read_bytes())
        return JournalMark(int(content["seq"]), int(content["edits"]), str(content["utc"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
