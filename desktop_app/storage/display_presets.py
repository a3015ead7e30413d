"""The user's own display presets, as one JSON file; a damaged one is begun anew.

A preset keeps tone and stain view. What belongs to one slide (channels, the color of its glass) stays with
the slide. Any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import orjson

from desktop_app.domain.display_settings import DisplaySettings
from desktop_app.storage.atomic import write_atomically
from desktop_app.storage.display_file import display_from_mapping, display_to_mapping


def read_presets(path: Path) -> dict[str, DisplaySettings]:
    """Presets by name, in the order they were saved; none where there is no file."""
    try:
        content = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {name: display_from_mapping(value) for name, value in content.items() if isinstance(value, dict)}


def write_presets(path: Path, presets: Mapping[str, DisplaySettings]) -> None:
    """Replace the file.

    Raises
    ------
    StorageError
        If the system refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {name: display_to_mapping(_without_slide(settings)) for name, settings in presets.items()}
    write_atomically(path, orjson.dumps(content, option=orjson.OPT_INDENT_2))


def with_preset(settings: DisplaySettings, preset: DisplaySettings) -> DisplaySettings:
    """A slide's settings changed to a preset's, its own glass and channels kept."""
    return replace(preset, white_point=settings.white_point, channels=settings.channels)


def _without_slide(settings: DisplaySettings) -> DisplaySettings:
    return replace(settings, white_point=None, channels=())
