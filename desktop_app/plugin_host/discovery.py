"""The three places where plugins are looked for.

A place only yields folders; whether they hold a usable plugin is found out later. No plugin code and no
package code runs here. Safe on any thread.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

PluginOrigin: TypeAlias = Literal["bundled", "user", "entry_point"]
"""Shipped with the application, in the user's plugin folder, or in an installed Python package."""

ENTRY_POINT_GROUP = "coverslip.plugins"
"""Each entry point's value names a package that holds ``plugin.toml``."""


@dataclass(frozen=True, slots=True)
class FoundPlugin:
    """A place where a plugin should be.

    Attributes
    ----------
    name : str
        The folder's name, or the entry point's.
    origin : PluginOrigin
        Where it was found.
    folder : Path | None
        None where an entry point names a package that is not there.
    """

    name: str
    origin: PluginOrigin
    folder: Path | None


def find_plugins(bundled: Path, user: Path) -> Iterator[FoundPlugin]:
    """All candidate folders: bundled first, then the user's, then installed packages, each by name.

    Parameters
    ----------
    bundled, user : Path
        Folders whose subfolders are plugins; a folder that does not exist holds none.
    """
    yield from _find_in_folder(bundled, "bundled")
    yield from _find_in_folder(user, "user")
    yield from _find_entry_points()


def _find_in_folder(parent: Path, origin: PluginOrigin) -> Iterator[FoundPlugin]:
    if not parent.is_dir():
        return
    for folder in sorted(parent.iterdir()):
        if folder.is_dir() and folder.name[0] not in "._":
            yield FoundPlugin(folder.name, origin, folder)


def _find_entry_points() -> Iterator[FoundPlugin]:
    points = importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)
    # A distribution that is on the path twice announces its plugins twice.
    for name, package in sorted({(point.name, point.module) for point in points}):
        yield FoundPlugin(name, "entry_point", _package_folder(package))


def _package_folder(package: str) -> Path | None:
    """The folder of an installed package, found without importing it or its parents."""
    top, *below = package.split(".")
    try:
        # For a name without a dot this asks the finders only; a dotted one would import its parents.
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    locations = spec.submodule_search_locations if spec is not None else None
    folders = (Path(location, *below) for location in locations or ())
    return next((folder for folder in folders if folder.is_dir()), None)
