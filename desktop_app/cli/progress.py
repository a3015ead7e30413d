"""Progress of a run on the terminal: bars where there is one, plain lines where output goes to a file.

Progress and errors go to standard error, the names of finished files to standard output. Main thread.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

import typer

if TYPE_CHECKING:
    from desktop_app.engine.job import Message, Progress, RunResult

_STAGES = {
    "tissue": "finding tissue",
    "tiles": "choosing tiles",
    "stain": "fitting the stain",
    "features": "reading tiles",
    "aggregate": "predicting",
    "write": "writing files",
}


class Reporter(Protocol):
    """Shows how a run goes; a context manager."""

    def __enter__(self) -> Reporter:
        """Start showing."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""

    def begin(self, slide: Path) -> None:
        """A slide starts."""

    def take(self, message: Message) -> None:
        """A message of the running job (``engine.job.MessageSink``)."""

    def finish(self, slide: Path, result: RunResult) -> None:
        """A slide is complete."""

    def fail(self, sentence: str) -> None:
        """A slide failed."""

    def say(self, sentence: str) -> None:
        """A line for the user."""


def make_reporter(slides: int) -> Reporter:
    """Bars on a terminal, plain lines otherwise.

    Parameters
    ----------
    slides : int
        How many will be run.
    """
    return BarReporter(slides) if sys.stderr.isatty() else LineReporter(slides)


class LineReporter:
    """Plain lines: one per stage, and one per tenth of a long stage."""

    def __init__(self, slides: int) -> None:
        self._slides = slides
        self._begun = 0
        self._said: tuple[str, int] = ("", 0)
        self._logged: set[str] = set()

    def __enter__(self) -> LineReporter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to restore."""

    def begin(self, slide: Path) -> None:
        """A slide starts."""
        self._begun += 1
        self._said = ("", 0)
        self._logged.clear()
        self.say(f"[{self._begun}/{self._slides}] {slide.name}")

    def take(self, message: Message) -> None:
        """Print progress and log lines; partial heat maps are for the window."""
        from desktop_app.engine.job import LogLine, Progress

        if isinstance(message, Progress):
            tenth = 10 * message.done // max(1, message.total)
            if (message.stage, tenth) != self._said:
                self._said = (message.stage, tenth)
                self.say(f"  {_describe(message)}")
        elif isinstance(message, LogLine):
            self._logged.add(message.text)
            self.say(f"  {message.text}")

    def finish(self, slide: Path, result: RunResult) -> None:
        """A slide is complete."""
        _print_result(slide, result, _news(result, self._logged), say=self.say)

    def fail(self, sentence: str) -> None:
        """A slide failed."""
        self.say(sentence)

    def say(self, sentence: str) -> None:
        """A line for the user."""
        typer.echo(sentence, err=True)


class BarReporter:
    """Two bars: the slides, and the running slide's stage with the time left."""

    def __init__(self, slides: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bars

        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self._all = self._bars.add_task("slides", total=slides, left="")
        self._stage = self._bars.add_task("", total=1, left="")
        self._slide = ""
        self._logged: set[str] = set()

    def __enter__(self) -> BarReporter:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def begin(self, slide: Path) -> None:
        """A slide starts."""
        self._slide = slide.name
        self._logged.clear()
        self._bars.update(self._all, description=slide.name)
        self._bars.update(self._stage, description="", completed=0, total=1, left="")

    def take(self, message: Message) -> None:
        """Move the bars; log lines stand above them."""
        from desktop_app.engine.job import LogLine, Progress

        if isinstance(message, Progress):
            self._bars.update(
                self._stage,
                description=_STAGES[message.stage],
                completed=message.done,
                total=message.total or None,
                left=_time_left(message.seconds_left),
            )
        elif isinstance(message, LogLine):
            self._logged.add(message.text)
            self.say(f"{self._slide}: {message.text}")

    def finish(self, slide: Path, result: RunResult) -> None:
        """A slide is complete."""
        self._bars.advance(self._all)
        _print_result(slide, result, _news(result, self._logged), say=self.say)

    def fail(self, sentence: str) -> None:
        """A slide failed."""
        self._bars.advance(self._all)
        self.say(sentence)

    def say(self, sentence: str) -> None:
        """A line for the user, above the bars."""
        self._bars.console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def _news(result: RunResult, logged: set[str]) -> list[str]:
    """The notes of a result that were not said while it was made."""
    return [note for note in result.notes if note not in logged]


def _print_result(
    slide: Path, result: RunResult, notes: Sequence[str], *, say: Callable[[str], None]
) -> None:
    for note in notes:
        say(f"{slide.name}: {note}")
    typer.echo(f"{slide.name}: {result.geojson}")


def _describe(progress: Progress) -> str:
    """``reading tiles: 42 of 55, about 3 s left``; the stage alone while its size is unknown."""
    if progress.total == 0:
        return _STAGES[progress.stage]
    counted = f"{_STAGES[progress.stage]}: {progress.done} of {progress.total}"
    left = _time_left(progress.seconds_left) if progress.done < progress.total else ""
    return f"{counted}, {left}" if left else counted


def _time_left(seconds: float | None) -> str:
    """``about 3 min left``; empty while unknown."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / 60)} min left"
