"""A disk of two megabytes that a test can fill, make read-only and empty again; needs root on Linux."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class SmallDisk:
    """A mounted tmpfs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Leave no room."""
        with self._filler.open("ab", buffering=0) as file:
            for size in (65_536, 4096):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def make_room(self) -> None:
        self._filler.unlink()

    def set_writable(self, writable: bool) -> None:
        _run("mount", "-o", f"remount,{'rw' if writable else 'ro'}", str(self.folder))


@contextmanager
def small_disk(folder: Path, *, megabytes: int = 2) -> Iterator[SmallDisk]:
    """The disk, mounted at a new folder; skips the test where that is not allowed."""
    folder.mkdir()
    if sys.platform != "linux" or not _run(
        "mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)
    ):
        pytest.skip("no file system can be mounted here")
    try:
        yield SmallDisk(folder)
    finally:
        _run("umount", "-l", str(folder))


def _run(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
