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
from desktop_app.storage.drawing_settings import DrawingSettings
from desktop_app.storage.overlay_settings import OverlaySettings

Theme: TypeAlias = Literal["system", "light", "dark"]
RECENT_SLIDES = 10
USED_ACTIONS = 20


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
    overlays : OverlaySettings
        What is shown over slides and on the minimap.
    drawing : DrawingSettings
        How annotations are drawn.
    shape_amounts : Mapping[str, float]
        How much was chosen last, by operation on shapes.
    screen_profile : str
        The monitor's ICC file; empty for sRGB.
    animate_movement : bool
        Whether slides glide and coast.
    touchpad_pans : bool
        Whether two fingers on a touchpad move the slide; else they zoom.
    wheel_reversed : bool
        Whether turning the wheel away from oneself zooms out.
    geometry, docks : str
        The window's layout as Qt saved it, in base64.
    rows, columns : int
        Of the grid of views, 1 to 3.
    own_window : str
        Where a view in a window of its own stood last, as Qt saved it, in base64.
    privacy : bool
        Whether file names are hidden.
    folder_copies : bool
        Whether a copy of the annotations is kept beside each slide.
    used_actions : tuple[str, ...]
        Keys of the actions that the command palette ran, the latest first.
    """

    recent: tuple[str, ...] = ()
    theme: Theme = "system"
    author: str = ""
    minimap: bool = True
    heat_map_opacity: float = 0.6
    folder: str = ""
    out_folder: str = ""
    pixel_sizes: Mapping[str, float] = field(default_factory=dict)
    overlays: OverlaySettings = field(default_factory=OverlaySettings)
    drawing: DrawingSettings = field(default_factory=DrawingSettings)
    shape_amounts: Mapping[str, float] = field(default_factory=dict)
    screen_profile: str = ""
    animate_movement: bool = True
    touchpad_pans: bool = True
    wheel_reversed: bool = False
    geometry: str = ""
    docks: str = ""
    rows: int = 1
    columns: int = 1
    own_window: str = ""
    privacy: bool = False
    folder_copies: bool = True
    used_actions: tuple[str, ...] = ()

    def with_recent(self, path: Path) -> Settings:
        """A copy in which that slide is the latest."""
        others = [entry for entry in self.recent if entry != str(path)]
        return replace(self, recent=tuple([str(path), *others][:RECENT_SLIDES]))

    def with_used_action(self, key: str) -> Settings:
        """A copy in which that action was the last to be used."""
        others = [entry for entry in self.used_actions if entry != key]
        return replace(self, used_actions=tuple([key, *others][:USED_ACTIONS]))


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
    if name in _LISTS:
        is_list = isinstance(value, list) and all(isinstance(entry, str) for entry in value)
        return tuple(value[: _LISTS[name]]) if is_list else None
    if name in {"pixel_sizes", "shape_amounts"}:
        is_map = isinstance(value, dict) and all(_is_size(size) for size in value.values())
        return value if is_map else None
    if name == "theme":
        return value if value in get_args(Theme) else None
    if name == "heat_map_opacity":
        return float(value) if _is_number(value) and 0 <= value <= 1 else None
    if name in {"rows", "columns"}:
        return value if value in range(1, 4) and not isinstance(value, bool) else None
    if name == "overlays":
        return OverlaySettings.read(value) if isinstance(value, dict) else None
    if name == "drawing":
        return DrawingSettings.read(value) if isinstance(value, dict) else None
    return value if isinstance(value, type(defaults[name])) else None


_LISTS = {"recent": RECENT_SLIDES, "used_actions": USED_ACTIONS}
"""Members that are lists of texts, and how long each may be."""


def _is_number(value: Any) -> bool:
    # Booleans are integers in Python.
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_size(value: Any) -> bool:
    return _is_number(value) and value > 0
