"""What every command shares: exit codes, the example on a help page, a line to standard error."""

from __future__ import annotations

import typer

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130


def example(command: str, meaning: str = "") -> str:
    """The last lines of a help page; the mark keeps the line as it is."""
    return f"\b\nExample:\n  {command}" + (f"\n  ({meaning})" if meaning else "")


def complain(sentence: str) -> None:
    """Write one line to standard error."""
    typer.echo(sentence, err=True)
