"""Pixel size tables as the commands use them: found beside a slide, or named by the user. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from desktop_app.domain.slide_info import Mpp
    from desktop_app.engine.job import MppOverride
    from desktop_app.storage.locations import Locations
    from desktop_app.storage.mpp_table import MppTable


def found_table_mpp(slide: Path, locations: Locations, *, warn: Callable[[str], None]) -> Mpp | None:
    """What the table beside a slide says of it.

    Parameters
    ----------
    slide : Path
        The slide file.
    locations : Locations
        Where tables of folders lie that cannot be written.
    warn : Callable[[str], None]
        Told of a table that cannot be used; the slide may well say its pixel size itself.
    """
    from desktop_app.errors import StorageError
    from desktop_app.storage.mpp_table import folder_mpp

    try:
        return folder_mpp(slide, locations.mpp_tables)
    except StorageError as error:
        warn(str(error))
        return None


def mpp_override(mpp: float | None, force_mpp: float | None) -> MppOverride | None:
    """What ``--mpp`` and ``--force-mpp`` say; both at once, or no plausible size, is a wrong use."""
    from desktop_app.domain.mpp import TAG_RANGE, is_plausible
    from desktop_app.engine.job import MppOverride

    if mpp is not None and force_mpp is not None:
        raise typer.BadParameter("--mpp and --force-mpp exclude each other")
    given = mpp if force_mpp is None else force_mpp
    if given is None:
        return None
    if not is_plausible(given):
        raise typer.BadParameter(f"µm per pixel must be a number from {TAG_RANGE[0]:g} to {TAG_RANGE[1]:g}")
    return MppOverride(given, force=force_mpp is not None)


def named_table(path: Path) -> MppTable:
    """The table that the user named; one that cannot be used is a wrong use of the command."""
    from desktop_app.errors import StorageError
    from desktop_app.storage.mpp_table import read_mpp_table

    try:
        return read_mpp_table(path)
    except StorageError as error:
        raise typer.BadParameter(str(error), param_hint="--mpp-table") from error
