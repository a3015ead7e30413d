"""How the slides a user compared lie on each other, kept with each of them.

Each slide's memory lists the others by id, so that either one finds the pair again. Any thread; the window
reads and writes on its background pool.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from desktop_app.domain.alignment import Alignment
from desktop_app.storage.slide_memory import SlideMemory

NAME = "alignments"
"""The file's name in a slide's memory."""


def read_alignments(memory: SlideMemory) -> dict[str, Alignment]:
    """The alignments of one slide to others, by the others' ids; damaged entries are left out."""
    found = {other: _alignment(value) for other, value in memory.read(NAME).items()}
    return {other: alignment for other, alignment in found.items() if alignment is not None}


def write_alignments(memory: SlideMemory, alignments: Mapping[str, Alignment]) -> None:
    """Replace the alignments of one slide.

    Raises
    ------
    StorageError
        If the system refuses.
    """
    memory.write(NAME, {other: asdict(alignment) for other, alignment in alignments.items()})


def _alignment(value: Any) -> Alignment | None:
    try:
        x, y = value["shift"]
        numbers = [float(value["rotation_deg"]), float(value["scale"]), float(x), float(y)]
        mirrored = bool(value["mirrored"])
    except (KeyError, TypeError, ValueError):
        return None
    if not all(map(math.isfinite, numbers)) or numbers[1] <= 0:
        return None
    return Alignment(numbers[0], numbers[1], mirrored, (numbers[2], numbers[3]))
