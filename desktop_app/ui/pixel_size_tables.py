"""Pixel size tables in the window: found when a slide is opened, edited for a folder, applied at once.

Files are read and written on the background pool; :meth:`PixelSizeTables.mpp_for` runs there, the rest on the
GUI thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.domain.slide_info import Mpp
from desktop_app.errors import CoverslipError, StorageError
from desktop_app.storage.mpp_table import (
    MppTable,
    folder_mpp,
    read_folder_table,
    read_mpp_table,
    write_folder_table,
)
from desktop_app.ui.dialogs.files import SLIDE_SUFFIXES
from desktop_app.ui.dialogs.mpp_table import FolderSizes, MppTableDialog, size_text
from desktop_app.ui.error_text import sentence
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


class PixelSizeTables:
    """The tables of the folders whose slides are open.

    Parameters
    ----------
    window : MainWindow
        Whose slides they are for.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._user_folder = window.locations.mpp_tables
        self._problems: dict[Path, StorageError] = {}

    def mpp_for(self, slide: Path) -> Mpp | None:
        """What the table of its folder says of a slide; pool thread.

        A table that cannot be used must not keep a slide from being opened: :meth:`tell_problem` says so.
        """
        try:
            return folder_mpp(slide, self._user_folder)
        except StorageError as error:
            self._problems[slide] = error
            return None

    def tell_problem(self, slide: Path) -> None:
        """Say what was wrong with the table when the slide was opened, if anything."""
        problem = self._problems.pop(slide, None)
        if problem is not None:
            self._window.messages.tell(sentence(problem), "warning")

    def edit(self) -> None:
        """Show the table of the folder of the slide in front."""
        if self._window.privacy.is_on:
            self._window.messages.tell(
                tr("The table lists file names. Switch privacy mode off to see it."), "warning"
            )
            return
        folder = self._window.current.info.path.parent
        stated = {
            view.info.path.name: view.info.mpp
            for view in self._window.views
            if view.info.path.parent == folder
            and view.info.mpp is not None
            and view.info.mpp_source in {"metadata", "tiff_tag"}
        }
        self._window.background.run(
            lambda: _look_at(folder, self._user_folder, stated), self._show, self._tell_error
        )

    def apply(self, folder: Path, table: MppTable) -> None:
        """Use a table for the open slides of a folder: scale bar, areas and magnification follow."""
        for view in self._window.views:
            if view.info.path.parent == folder:
                view.document.set_table_mpp(table.mpp_of(view.info.path))
        self._window.show_slide_info()
        self._window.refresh_actions()

    def _show(self, known: FolderSizes) -> None:
        dialog = MppTableDialog(known, self._import, self._window)
        dialog.chosen.connect(lambda table: self._save(known.folder, table))
        self._window.dialogs.show(dialog)
        self._ask_next(dialog, known)

    def _ask_next(self, dialog: MppTableDialog, known: FolderSizes) -> None:
        """Look into the next file, one at a time, as long as somebody looks at the table."""
        if self._window.dialogs.shown is not dialog or not dialog.unasked:
            return
        name = dialog.unasked[0]

        def answer(text: str) -> None:
            if self._window.dialogs.shown is dialog:
                dialog.show_stated(name, text)
                self._ask_next(dialog, known)

        self._window.background.run(
            lambda: self._stated(known.folder / name),
            lambda size: answer(size_text(size)),
            lambda error: answer(tr("cannot be opened")),
        )

    def _stated(self, slide: Path) -> Mpp | None:
        """What a file says of its pixel size; pool thread."""
        with self._window.parts.opener.open(slide) as opened:
            return opened.info.mpp

    def _import(self, dialog: MppTableDialog) -> MppTable | None:
        path = self._window.files.pixel_sizes_to_read(dialog, self._window.settings.folder)
        if path is None:
            return None
        try:
            # A few kilobytes, read while the user waits for nothing else.
            return read_mpp_table(path)
        except StorageError as error:
            dialog.tell(sentence(error))
            return None

    def _save(self, folder: Path, table: MppTable) -> None:
        self._window.background.run(
            lambda: write_folder_table(folder, self._user_folder, table),
            lambda path: self._saved(folder, table, path),
            self._tell_error,
        )

    def _saved(self, folder: Path, table: MppTable, path: Path) -> None:
        self.apply(folder, table)
        if path.parent == folder:
            self._window.messages.tell(tr("Pixel sizes are kept in {file}.", file=path))
        else:
            text = tr("The folder cannot be written: the pixel sizes are kept in {file}.", file=path)
            self._window.messages.tell(text)

    def _tell_error(self, error: CoverslipError) -> None:
        self._window.messages.tell(sentence(error), "error")


def _look_at(folder: Path, user_folder: Path, stated: Mapping[str, Mpp]) -> FolderSizes:
    """The folder's slides and its table, from the disk."""
    try:
        names = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in SLIDE_SUFFIXES)
    except OSError as error:
        raise StorageError(folder, error.strerror or str(error)) from error
    try:
        table, problem = read_folder_table(folder, user_folder), ""
    except StorageError as error:
        table, problem = MppTable(), str(error)
    return FolderSizes(folder, tuple(names), table, stated, problem)
