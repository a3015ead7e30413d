"""The user's keys for the actions, as one TOML file that can be passed on.

Only what differs from the action table is kept, so that a new version's new keys reach everybody. Presets
are files of the same form in ``resources/key_maps``. Which actions exist, and what a key is called, is not
known here: the window drops what it cannot use. Any thread.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tomli_w

from desktop_app.errors import KeyMapError
from desktop_app.storage.atomic import write_atomically

SCHEMA = "coverslip-keys-1"
MODES = ("view", "annotate")

Keys = tuple[str, str]
"""The keys of an action in View and in Annotate mode, in Qt's portable text; empty for none."""


@dataclass(frozen=True, slots=True)
class KeyMap:
    """What differs from the table's keys.

    Attributes
    ----------
    name : str
        Of the preset, or of whoever made it; empty for the table's own keys.
    changes : Mapping[str, Keys]
        By the action's key in the table.
    """

    name: str = ""
    changes: Mapping[str, Keys] = field(default_factory=dict)

    def with_keys(self, action: str, keys: Keys | None) -> KeyMap:
        """A copy in which an action has other keys, or those of the table again (None)."""
        changes = {name: value for name, value in self.changes.items() if name != action}
        if keys is not None:
            changes[action] = keys
        return replace(self, changes=changes)


def read_key_map(path: Path) -> KeyMap:
    """Read a file of keys.

    Raises
    ------
    KeyMapError
        If it is no such file.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KeyMapError(path, error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KeyMapError(path, f"it is not TOML ({error})") from error
    if content.get("schema") != SCHEMA:
        raise KeyMapError(path, f"it does not say schema = {SCHEMA!r}")
    table = content.get("keys", {})
    if not isinstance(table, dict):
        raise KeyMapError(path, "its [keys] are no table")
    return KeyMap(str(content.get("name", "")), {name: _keys(path, name, table[name]) for name in table})


def write_key_map(path: Path, key_map: KeyMap) -> None:
    """Write a file of keys whole.

    Raises
    ------
    StorageError
        If the system refuses.
    """
    keys = {name: _as_toml(value) for name, value in sorted(key_map.changes.items())}
    content = {"schema": SCHEMA, "name": key_map.name, "keys": keys}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, tomli_w.dumps(content).encode())


def read_presets(folder: Path) -> tuple[KeyMap, ...]:
    """The presets of a folder, by name.

    Raises
    ------
    KeyMapError
        If one of them is damaged.
    """
    return tuple(sorted((read_key_map(path) for path in folder.glob("*.toml")), key=lambda one: one.name))


def _keys(path: Path, name: str, value: Any) -> Keys:
    if isinstance(value, str):
        return value, value
    if isinstance(value, dict) and value and set(value) <= set(MODES):
        view, annotate = (value.get(mode, "") for mode in MODES)
        if isinstance(view, str) and isinstance(annotate, str):
            return view, annotate
    raise KeyMapError(path, f"the keys of {name} are neither a text nor a text for each mode")


def _as_toml(keys: Keys) -> str | dict[str, str]:
    return keys[0] if keys[0] == keys[1] else dict(zip(MODES, keys, strict=True))
