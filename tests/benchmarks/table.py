"""Tables of measured figures: rows with aims, scripts that measure them, Markdown.

Used by each folder's ``run.py``. A script runs in a process of its own, on a display (one is started with
Xvfb where there is none), and prints what it measured; that is kept in the cache folder, so that a run that
was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LIMIT_S = 600
"""For one script; the slowest takes about four minutes."""

Figures = dict[str, float]


@dataclass(frozen=True)
class Aim:
    """A figure that a row must meet.

    Attributes
    ----------
    name : str
        Of the figure.
    limit : float
        What it must reach, or stay within.
    at_least : bool
        Which of the two.
    text : str
        How it is written: ``{}`` stands for the figure.
    """

    name: str
    limit: float
    at_least: bool = False
    text: str = "{:.2f}"

    def written(self, figures: Figures) -> str:
        """The figure, or a dash where it was not measured."""
        return self.text.format(figures[self.name]) if self.name in figures else "–"

    def share(self, figures: Figures) -> float | None:
        """1 for a figure that just meets the aim, below 1 for a better one; None where there is none."""
        if self.name not in figures:
            return None
        found = figures[self.name]
        if self.limit == 0:
            return 1.0 if found == 0 else float("inf")
        return self.limit / found if self.at_least else found / self.limit


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes
    ----------
    number : int
        As the table counts.
    figure, known, aim : str
        What is measured, what others reach, and what we want, in words.
    scripts : tuple[str, ...]
        What measures it.
    aims : tuple[Aim, ...]
        What it must meet.
    beside : str
        What is said besides: a format of the figures.
    """

    number: int
    figure: str
    known: str
    aim: str
    scripts: tuple[str, ...]
    aims: tuple[Aim, ...]
    beside: str = ""

    def line(self, figures: Figures) -> str:
        """The row in Markdown."""
        measured = "; ".join(aim.written(figures) for aim in self.aims)
        if self.beside:
            try:
                measured += f" ({self.beside.format(**figures)})"
            except KeyError:
                measured += " (…)"
        cells = (str(self.number), self.figure, self.known, self.aim, measured, self._verdict(figures))
        return "| " + " | ".join(cells) + " |"

    def _verdict(self, figures: Figures) -> str:
        shares = [share for aim in self.aims if (share := aim.share(figures)) is not None]
        if len(shares) < len(self.aims):
            return "not measured"
        worst = max(shares)
        return "met" if worst <= 1 else f"missed by {100 * (worst - 1):.0f} %"


@dataclass(frozen=True)
class Table:
    """The rows of a folder and how they are measured.

    Attributes
    ----------
    rows : tuple[Row, ...]
        In the order they are shown.
    folder : Path
        Where the scripts are.
    kept : Path
        The file that keeps the figures.
    figures_of : Callable[[str, str], Figures]
        What a script printed, from its name and its output.
    """

    rows: tuple[Row, ...]
    folder: Path
    kept: Path
    figures_of: Callable[[str, str], Figures]

    def run(self, description: str | None, prepare: Callable[[], object]) -> None:
        """Measure what the command line wants and is not there, and print the table.

        Parameters
        ----------
        description : str | None
            For ``--help``.
        prepare : Callable[[], object]
            Called before anything is measured.
        """
        parser = argparse.ArgumentParser(
            description=description, formatter_class=argparse.RawTextHelpFormatter
        )
        parser.add_argument("--rows", default=",".join(str(row.number) for row in self.rows))
        parser.add_argument("--again", action="store_true")
        parser.add_argument("--table", action="store_true")
        options = parser.parse_args()
        wanted = {int(number) for number in options.rows.split(",")}
        figures: Figures = json.loads(self.kept.read_text(encoding="utf-8")) if self.kept.is_file() else {}
        rows = [row for row in self.rows if row.number in wanted and not options.table]
        due = [row for row in rows if options.again or not all(aim.name in figures for aim in row.aims)]
        if due:
            prepare()
            with display() as environment:
                for script in dict.fromkeys(script for row in due for script in row.scripts):
                    figures |= self._measured(script, environment)
                    self.kept.write_text(json.dumps(figures, indent=1), encoding="utf-8")
        print(self.markdown(figures))

    def markdown(self, figures: Figures) -> str:
        """All rows."""
        head = ["| | figure, measured in one run | known | aim | measured | |", "|---|---|---|---|---|---|"]
        return "\n".join([*head, *(row.line(figures) for row in self.rows)])

    def _measured(self, script: str, environment: dict[str, str]) -> Figures:
        began = time.perf_counter()
        command = [sys.executable, str(self.folder / f"{script}.py")]
        done = subprocess.run(
            command, env=environment, timeout=LIMIT_S, check=False, capture_output=True, text=True
        )
        print(f"{script}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
        if done.returncode:
            print(done.stderr[-2000:], file=sys.stderr)
            return {}
        return self.figures_of(script, done.stdout)


def printed_json(script: str, output: str) -> Figures:
    """The figures of a script whose last line is a JSON object."""
    return {name: float(value) for name, value in json.loads(output.splitlines()[-1]).items()}


@contextmanager
def display() -> Iterator[dict[str, str]]:
    """An environment with a display: the one that is there, else Xvfb's."""
    environment = {"OMP_NUM_THREADS": "1", **os.environ, "PYTHONWARNINGS": "ignore"}
    if not sys.platform.startswith("linux"):
        yield environment
        return
    environment.setdefault("QT_QPA_PLATFORM", "xcb")
    if "DISPLAY" in environment:
        yield environment
        return
    if shutil.which("Xvfb") is None:
        raise SystemExit("no display, and no Xvfb to start one (Debian: apt-get install xvfb xauth)")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1200x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            yield {**environment, "DISPLAY": f":{answer.readline().strip()}"}
    finally:
        server.terminate()
        server.wait()
