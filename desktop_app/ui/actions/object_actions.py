"""Annotations as objects: clipboard, duplicates, other slides, lock, hide, properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.ui.actions.action_spec import ANNOTATE, ActionSpec, Handler, needs
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


def _copy(window: MainWindow) -> None:
    window.objects.clipboard.copy()


def _cut(window: MainWindow) -> None:
    window.objects.clipboard.copy(cut=True)


def _paste(window: MainWindow) -> None:
    window.objects.clipboard.paste()


def _paste_at_mouse(window: MainWindow) -> None:
    window.objects.clipboard.paste(window.navigation.mouse_or_middle())


def _duplicate(window: MainWindow) -> None:
    window.objects.clipboard.duplicate()


def _transfer(window: MainWindow) -> None:
    window.objects.transfer()


def _lock(locked: bool | None) -> Handler:
    return lambda window: window.objects.lock(locked)


def _hide(window: MainWindow) -> None:
    window.objects.hide_selected()


def _hide_others(window: MainWindow) -> None:
    window.objects.hide_others()


def _show_hidden(window: MainWindow) -> None:
    window.objects.show_hidden()


def _show_everything(window: MainWindow) -> None:
    window.objects.show_everything()


def _properties(window: MainWindow) -> None:
    window.objects.ask_properties()


def _zoom(window: MainWindow) -> None:
    window.objects.zoom_to_selected()


CLIPBOARD_ACTIONS = (
    ActionSpec(
        "edit.cut",
        marked("Cu&t"),
        "edit",
        _cut,
        shortcut="Ctrl+X",
        modes=ANNOTATE,
        needs=needs("slide", "writable", "selection"),
        canvas_only=True,
        starts_group=True,
    ),
    ActionSpec(
        "edit.copy",
        marked("&Copy"),
        "edit",
        _copy,
        shortcut="Ctrl+C",
        modes=ANNOTATE,
        needs=needs("slide", "selection"),
        canvas_only=True,
        tip=marked(
            "As GeoJSON text, for this slide, another one, or a text editor; without the slide's name."
        ),
    ),
    ActionSpec(
        "edit.paste",
        marked("&Paste"),
        "edit",
        _paste,
        shortcut="Ctrl+V",
        modes=ANNOTATE,
        needs=needs("slide", "writable"),
        canvas_only=True,
        tip=marked(
            "In the same place and as large in µm; in the middle of the view if the slide ends before."
        ),
    ),
    ActionSpec(
        "edit.paste_at_mouse",
        marked("Paste at the &mouse"),
        "edit",
        _paste_at_mouse,
        shortcut="Ctrl+Shift+V",
        modes=ANNOTATE,
        needs=needs("slide", "writable"),
        canvas_only=True,
    ),
    ActionSpec(
        "object.duplicate",
        marked("D&uplicate"),
        "edit",
        _duplicate,
        shortcut="Shift+D",
        modes=ANNOTATE,
        needs=needs("slide", "writable", "selection"),
        canvas_only=True,
    ),
    ActionSpec(
        "object.transfer",
        marked("Transfer to the &other slide"),
        "edit",
        _transfer,
        shortcut="Shift+E",
        modes=ANNOTATE,
        needs=needs("slide", "several_slides_shown", "transferable"),
        canvas_only=True,
        tip=marked("Through the alignment of the two slides; with nothing selected here, from there."),
    ),
)
OBJECT_ACTIONS = (
    ActionSpec(
        "object.properties",
        marked("P&roperties…"),
        "edit",
        _properties,
        modes=ANNOTATE,
        needs=needs("slide", "writable", "selection"),
        tip=marked("Name, class, text, color, metadata and measurements; Enter does it, too."),
        starts_group=True,
    ),
    ActionSpec(
        "object.zoom_to",
        marked("&Zoom to what is selected"),
        "edit",
        _zoom,
        modes=ANNOTATE,
        needs=needs("slide", "selection"),
    ),
    ActionSpec(
        "object.toggle_lock",
        marked("Lock or &unlock"),
        "edit/objects",
        _lock(None),
        shortcut="Ctrl+K",
        modes=ANNOTATE,
        needs=needs("slide", "writable", "selection"),
        tip=marked("What is locked cannot be moved, reshaped or deleted."),
    ),
    ActionSpec(
        "object.lock",
        marked("&Lock"),
        "edit/objects",
        _lock(True),
        shortcut="Ctrl+Shift+K",
        modes=ANNOTATE,
        needs=needs("slide", "writable", "selection"),
    ),
    ActionSpec(
        "object.unlock",
        marked("U&nlock"),
        "edit/objects",
        _lock(False),
        shortcut="Ctrl+Alt+K",
        modes=ANNOTATE,
        needs=needs("slide", "writable", "selection"),
    ),
    ActionSpec(
        "object.hide",
        marked("&Hide"),
        "edit/objects",
        _hide,
        shortcut="Ctrl+H",
        modes=ANNOTATE,
        needs=needs("slide", "writable", "selection"),
        starts_group=True,
    ),
    ActionSpec(
        "object.hide_others",
        marked("Hide &others"),
        "edit/objects",
        _hide_others,
        shortcut="Ctrl+Alt+O",
        modes=ANNOTATE,
        needs=needs("slide", "writable", "selection"),
    ),
    ActionSpec(
        "object.show_hidden",
        marked("&Show hidden objects"),
        "edit/objects",
        _show_hidden,
        modes=ANNOTATE,
        needs=needs("slide", "writable", "hidden_objects"),
    ),
    ActionSpec(
        "object.show_everything",
        marked("Show &everything"),
        "edit/objects",
        _show_everything,
        shortcut="Ctrl+Alt+E",
        needs=needs("slide", "something_hidden"),
        tip=marked("Hidden classes, annotations that were switched off, and in Annotate hidden objects."),
    ),
)
