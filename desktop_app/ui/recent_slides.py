"""The slides that were open last, as the File menu, the start page and the command palette offer them.

While names are hidden none is listed, and what is opened then is not remembered. GUI thread.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from desktop_app.ui.dialogs.files import forget_visited_folders
from desktop_app.ui.translation import as_data, tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


class RecentSlides:
    """The latest slides of a window.

    Parameters
    ----------
    window : MainWindow
        Its settings hold the list.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        window.actions_by_key.menu("file/recent").aboutToShow.connect(self._fill_menu)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The latest first, also those that are no longer there; none while names are hidden."""
        hidden = self._window.privacy.is_on
        return () if hidden else tuple(Path(name) for name in self._window.settings.recent)

    def remember(self, path: Path) -> None:
        """A slide was opened."""
        window = self._window
        if window.privacy.may_remember(path):
            window.change_settings(replace(window.settings.with_recent(path), folder=str(path.parent)))
        else:
            forget_visited_folders()

    def forget_all(self) -> None:
        """Empty the list, and forget the folder that slides were chosen from."""
        self._window.change_settings(replace(self._window.settings, recent=(), folder=""))
        forget_visited_folders()
        self._window.messages.tell(tr("The list of recent slides is empty now."))

    def show_on_start_page(self) -> None:
        """List them before a slide is open."""
        privacy = self._window.privacy
        privacy.know(Path(name) for name in self._window.settings.recent)
        there = [path for path in self.paths if path.exists()]
        self._window.start_page.show_recent(there, hidden=privacy.is_on)

    def _fill_menu(self) -> None:
        menu = self._window.actions_by_key.menu("file/recent")
        menu.clear()
        for path in self.paths:
            self._add(menu, path)
        if menu.isEmpty():
            hidden = self._window.privacy.is_on
            text = tr("Hidden in privacy mode") if hidden else tr("No slides yet")
            menu.addAction(text).setEnabled(False)

    def _add(self, menu: QMenu, path: Path) -> None:
        action = as_data(menu.addAction(path.name.replace("&", "&&")))
        action.setToolTip(str(path))
        action.setEnabled(path.exists())
        action.triggered.connect(partial(self._window.open_paths, [path]))
