"""Real slides and files from other programs, kept outside the project; tests skip where they are missing."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def shared_file(name: str) -> Path:
    """The path of one file below the folder of shared data; skips the calling test if it is not there."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"real data is not here: {path}")
    return path
