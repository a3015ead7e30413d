"""What helps a user to find the way: manual, command palette, keyboard map.

All of it is imported and made when it is first asked for. GUI thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.errors import CoverslipError
from desktop_app.storage.key_map import KeyMap
from desktop_app.ui.actions.table import MENUS
from desktop_app.ui.error_text import sentence

if TYPE_CHECKING:
    from desktop_app.ui.dialogs.command_palette import CommandPalette
    from desktop_app.ui.dialogs.palette_entries import PaletteEntry
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.manual import ManualWindow
    from desktop_app.ui.manual_book import ManualBook


class Guidance:
    """Manual, palette and keyboard map of a window.

    Attributes
    ----------
    manual : ManualWindow | None
        While it is open.
    palette : CommandPalette | None
        While it is open.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.manual: ManualWindow | None = None
        self.palette: CommandPalette | None = None

    def show_manual(self, chapter: str = "") -> None:
        """Open the manual, or bring it to the front; at a chapter, if one is named."""
        from desktop_app.ui.manual import ManualWindow

        if self.manual is None:
            self.manual = ManualWindow(self._window.locations.manual, self._book, self._window)
            self.manual.finished.connect(self._forget_manual)
        if chapter:
            self.manual.go_to(chapter)
        self.manual.show()
        self.manual.raise_()
        self.manual.activateWindow()

    def show_keys(self) -> None:
        """Open the manual at the chapter made from the action table."""
        from desktop_app.ui.key_pages import KEYS

        self.show_manual(KEYS)

    def toggle_palette(self) -> None:
        """Open the command palette, or close it."""
        if self.palette is not None:
            self.palette.dismiss()
            return
        from desktop_app.ui.dialogs.command_palette import CommandPalette
        from desktop_app.ui.dialogs.palette_entries import entries_of

        window = self._window
        own = window.area.window_of(window.front)
        on = own if own is not None and own.isActiveWindow() else window
        self.palette = CommandPalette(entries_of(window), window.settings.used_actions, on)
        self.palette.chosen.connect(self._run)
        self.palette.closed.connect(self._forget_palette)
        self.palette.open()

    def show_key_map(self) -> None:
        """Open the keyboard map."""
        from desktop_app.ui.dialogs.key_map import KeyMapDialog, KeySources

        window = self._window
        try:
            presets = window.key_choice.presets()
        except CoverslipError as error:
            window.messages.tell(sentence(error), "error")
            return
        keys = window.actions_by_key.keys
        sources = KeySources(presets, window.files, window.background)
        dialog = KeyMapDialog(keys, MENUS, sources=sources, parent=window)
        dialog.changed.connect(self._use_keys)
        window.dialogs.show(dialog)

    def close_all(self) -> None:
        """Close the palette, which lists names; the manual may stay."""
        if self.palette is not None:
            self.palette.dismiss()

    def _use_keys(self, key_map: KeyMap) -> None:
        self._window.key_choice.use(key_map)
        if self.manual is not None:
            self.manual.renew()

    def _run(self, entry: PaletteEntry) -> None:
        if entry.key:
            self._window.change_settings(self._window.settings.with_used_action(entry.key))
        entry.run()

    def _book(self) -> ManualBook:
        from desktop_app.ui.key_pages import chapter_on_keys
        from desktop_app.ui.manual_book import ManualBook, read_chapters

        keys = chapter_on_keys(self._window.actions_by_key.keys, MENUS)
        return ManualBook([*read_chapters(self._window.locations.manual), keys])

    def _forget_manual(self, _result: int) -> None:
        self.manual = None

    def _forget_palette(self) -> None:
        self.palette = None
