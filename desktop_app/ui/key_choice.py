"""The user's key map: read at the start, applied at once, written in the background.

GUI thread; the file is written on a pool thread.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from desktop_app.errors import CoverslipError
from desktop_app.storage.key_map import KeyMap, read_key_map, read_presets, write_key_map
from desktop_app.ui.error_text import sentence

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow

OWN_KEYS = KeyMap("Coverslip")
"""The preset that changes nothing."""


class KeyChoice:
    """The keys of a window's actions.

    Parameters
    ----------
    window : MainWindow
        With its actions and messages.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._file = window.locations.user_config / "keys.toml"
        self._lock = threading.Lock()
        self._key_map = KeyMap()
        if self._file.exists():
            self._read()

    @property
    def key_map(self) -> KeyMap:
        """What differs from the action table."""
        return self._key_map

    def presets(self) -> tuple[KeyMap, ...]:
        """What can be chosen, the application's own keys first.

        Raises
        ------
        KeyMapError
            If a shipped file is damaged.
        """
        return (OWN_KEYS, *read_presets(self._window.locations.resources / "key_maps"))

    def use(self, key_map: KeyMap) -> None:
        """Take other keys, for now and the next starts."""
        self._apply(key_map)
        self._window.background.run(self._write, lambda _none: None, self._tell)

    def _apply(self, key_map: KeyMap) -> None:
        self._window.actions_by_key.set_key_map(key_map)
        self._key_map = self._window.actions_by_key.keys.key_map
        self._window.refresh_actions()

    def _read(self) -> None:
        try:
            key_map = read_key_map(self._file)
        except CoverslipError as error:
            self._tell(error)
        else:
            self._apply(key_map)

    def _write(self) -> None:
        # Two writes may wait at a time; whichever comes last writes the latest.
        with self._lock:
            write_key_map(self._file, self._key_map)

    def _tell(self, error: CoverslipError) -> None:
        self._window.messages.tell(sentence(error), "warning")
