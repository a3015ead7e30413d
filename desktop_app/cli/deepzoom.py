"""``coverslip deepzoom``: the options as an export, and its progress on the terminal. Main thread."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from desktop_app.slides.deepzoom_export import DeepZoomExport

_TENTHS = 10


def base_of(out: Path) -> Path:
    """The picture's name without ``.dzi``, however the user wrote it."""
    return out.with_suffix("") if out.suffix.lower() == ".dzi" else out


def levels_of(text: str, count: int) -> list[int] | None:
    """The levels that an option names: ``"9-13"``, ``"0,5,9-"`` or empty for all.

    Parameters
    ----------
    text : str
        As the user wrote it.
    count : int
        Deep Zoom levels of the slide.

    Raises
    ------
    typer.BadParameter
        If it names no levels, or one that the slide does not have.
    """
    if not text:
        return None
    chosen: set[int] = set()
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d+)\s*(?:(-)\s*(\d+)?)?\s*", part)
        if found is None:
            raise typer.BadParameter(
                f"{text!r} names no levels; write 9-13, or 0,5,9-", param_hint="--levels"
            )
        first = int(found[1])
        last = first if found[2] is None else int(found[3] or count - 1)
        if last < first or last >= count:
            raise typer.BadParameter(f"this slide has the levels 0-{count - 1}", param_hint="--levels")
        chosen.update(range(first, last + 1))
    return sorted(chosen)


@contextmanager
def export_progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, a line per tenth otherwise; takes the number of tiles done so far."""
    if not sys.stderr.isatty():
        yield _Lines(total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("tiles"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=total)
        yield lambda done: bars.update(task, completed=done)


class _Lines:
    """Says how far the export is, once per tenth."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._said = 0

    def __call__(self, done: int) -> None:
        tenth = _TENTHS * done // self._total
        if tenth > self._said:
            self._said = tenth
            typer.echo(f"  {done} of {self._total} tiles", err=True)


def said_of(export: DeepZoomExport) -> str:
    """What the command prints in the end."""
    return f"{export.tile_count} tiles written to {export.descriptor}"
