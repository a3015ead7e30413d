"""What the application remembers between two starts, as one small JSON file.

A damaged file or member never stops the start: what cannot be used falls back to its default. Written
from the GUI thread, which a file of this size does not hold up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from desktop_app.storage.atomic import write_atomically

Theme: TypeAlias = Literal["system", "light", "dark"]
RECENT_SLIDES = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """The user's choices.

    Attributes
    ----------
    recent : tuple[str, ...]
        Slide files, the latest first.
    theme : Theme
        ``"system"`` follows the desktop.
    author : str
        Who edits, as the journal records it; empty for the name of the system's user.
    minimap : bool
        Whether the overview is shown.
    heat_map_opacity : float
        0 to 1.
    folder : str
        Where the last file was chosen.
    out_folder : str
        Where results went last; empty for a folder beside each slide.
    pixel_sizes : Mapping[str, float]
        µm per pixel that the user gave, by ``slide_id``.
    geometry, docks : str
        The window's layout as Qt saved it, in base64.
    """

    recent: tuple[str, ...] = ()
    theme: Theme = "system"
    author: str = ""
    minimap: bool = True
    heat_map_opacity: float = 0.6
    folder: str = ""
    out_folder: str = ""
    pixel_sizes: Mapping[str, float] = field(default_factory=dict)
    geometry: str = ""
    docks: str = ""

    def with_recent(self, path: Path) -> Settings:
        """A copy in which that slide is the latest."""
        others = [entry for entry in self.recent if entry != str(path)]
        return replace(self, recent=tuple([str(path), *others][:RECENT_SLIDES]))


def read_settings(path: Path) -> Settings:
    """Read the settings, each member on its own.

    Parameters
    ----------
    path : Path
        The JSON file; it need not exist.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    if not isinstance(content, dict):
        return Settings()
    usable = {name: _usable(name, value) for name, value in content.items()}
    return replace(Settings(), **{name: value for name, value in usable.items() if value is not None})


def write_settings(path: Path, settings: Settings) -> None:
    """Write the settings whole.

    Raises
    ------
    StorageError
        If the system refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(asdict(settings), ensure_ascii=False, indent=2).encode())


def _usable(name: str, value: Any) -> Any:
    """The value as its member has it, or None where it is of the wrong kind or not known."""
    defaults = asdict(Settings())
    if name not in defaults:
        return None
    if name == "recent":
        is_list = isinstance(value, list) and all(isinstance(entry, str) for entry in value)
        return tuple(value[:RECENT_SLIDES]) if is_list else None
    if name == "pixel_sizes":
        is_map = isinstance(value, dict) and all(_is_size(size) for size in value.values())
        return value if is_map else None
    if name == "theme":
        return value if value in get_args(Theme) else None
    if name == "heat_map_opacity":
        return float(value) if _is_number(value) and 0 <= value <= 1 else None
    return value if isinstance(value, type(defaults[name])) else None


def _is_number(value: Any) -> bool:
    # Booleans are integers in Python.
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_size(value: Any) -> bool:
    return _is_number(value) and value > 0
