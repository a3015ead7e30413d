"""Opening and closing slides; reading and writing GeoJSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.ui.actions.action_spec import ActionSpec, needs
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


def _open(window: MainWindow) -> None:
    window.open_paths(window.files.slides(window, window.settings.folder))


def _forget_recent(window: MainWindow) -> None:
    window.recent.forget_all()


def _import(window: MainWindow) -> None:
    path = window.files.annotations_to_read(window, window.settings.folder)
    if path is not None:
        window.annotation_files.read(path)


def _save(window: MainWindow) -> None:
    window.annotation_files.save()


def _save_as(window: MainWindow) -> None:
    window.annotation_files.save_as()


def _folder_copy(window: MainWindow) -> None:
    window.folder_copies.toggle()


def _close(window: MainWindow) -> None:
    window.close_slide()


def _quit(window: MainWindow) -> None:
    window.close()


FILE_ACTIONS = (
    ActionSpec(
        "file.open",
        marked("&Open slide…"),
        "file",
        _open,
        shortcut="Ctrl+O",
        icon="open",
        tip=marked("Slides can also be dropped onto the window."),
    ),
    ActionSpec(
        "file.forget_recent",
        marked("&Forget recent slides"),
        "file",
        _forget_recent,
        needs=needs("recent"),
    ),
    ActionSpec(
        "file.import",
        marked("&Import annotations…"),
        "file",
        _import,
        shortcut="Ctrl+I",
        needs=needs("slide", "writable"),
        starts_group=True,
        tip=marked("GeoJSON, as QuPath writes it."),
    ),
    ActionSpec(
        "file.save",
        marked("&Save annotations"),
        "file",
        _save,
        shortcut="Ctrl+S",
        needs=needs("slide"),
        icon="export",
        tip=marked("Edits are kept by themselves; this writes GeoJSON for QuPath and others."),
    ),
    ActionSpec(
        "file.save_as",
        marked("Save annotations &as…"),
        "file",
        _save_as,
        shortcut="Ctrl+Shift+S",
        needs=needs("slide"),
    ),
    ActionSpec(
        "file.folder_copy",
        marked("&Keep a copy beside the slide"),
        "file",
        _folder_copy,
        checked_when="folder_copies",
        tip=marked("GeoJSON in the slide's folder, written by itself whenever your hand rests."),
    ),
    ActionSpec(
        "file.close",
        marked("&Close slide"),
        "file",
        _close,
        shortcut="Ctrl+W",
        needs=needs("slide"),
        starts_group=True,
    ),
    ActionSpec("file.quit", marked("&Quit"), "file", _quit, shortcut="Ctrl+Q"),
)
