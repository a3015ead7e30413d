"""A workstation in a process of its own that holds the lease of a slide until it is killed or told to end.

Run with the lease's file, the station's name and the seconds of a beat; each new state is a line on standard
output, a line on standard input ends it in order.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from desktop_app.storage.journal_lock import Holder
from desktop_app.storage.lease import LeaseRecord, LeaseThread, SlideLease

ROOT = Path(__file__).resolve().parents[2]


class Workstation:
    """The process as a test has it."""

    def __init__(self, path: Path, station: str, *, beat_s: float) -> None:
        command = [sys.executable, str(Path(__file__)), str(path), station, str(beat_s)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            text=True,
        )

    def state(self) -> str:
        """The next state it comes to."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def kill(self) -> None:
        self._process.kill()
        self._end()

    def leave(self) -> None:
        """Close the slide."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self._end()

    def _end(self) -> None:
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()


def main(path: Path, station: str, beat_s: float) -> None:
    record = LeaseRecord.of(Holder("mina", station, 7, "2026-01-02T03:04:05.000+00:00"), station)
    lease = SlideLease(path, record, beat_s=beat_s)
    thread = LeaseThread(lease, lambda state, _other: _say(state), beat_s=beat_s)
    sys.stdin.readline()
    thread.close()


def _say(state: str) -> None:
    sys.stdout.write(f"{state}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
