"""Pictures of the slide: to the clipboard and to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.ui.actions.action_spec import ActionSpec, needs
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


def _copy(window: MainWindow) -> None:
    window.snapshots.copy_view()


def _snapshot(window: MainWindow) -> None:
    window.snapshots.ask()


def _region(window: MainWindow) -> None:
    window.snapshots.ask_region()


PICTURE_ACTIONS = (
    ActionSpec(
        "picture.copy",
        marked("&Copy view as picture"),
        "slide",
        _copy,
        # In Annotate mode Ctrl+C belongs to what is selected.
        mode_shortcuts={"view": "Ctrl+C", "annotate": "Ctrl+Alt+C"},
        needs=needs("slide"),
        canvas_only=True,
        icon="copy_picture",
        tip=marked("As it is shown, with its scale bar; without the slide's name."),
        starts_group=True,
    ),
    ActionSpec(
        "picture.snapshot",
        marked("S&napshot…"),
        "slide",
        _snapshot,
        shortcut="Ctrl+E",
        needs=needs("slide"),
        icon="snapshot",
        tip=marked("The view or a region at any magnification, as PNG or TIFF."),
    ),
    ActionSpec(
        "picture.region",
        marked("Snapshot of a &region…"),
        "slide",
        _region,
        shortcut="Ctrl+Shift+E",
        needs=needs("slide"),
        tip=marked("Drag over the region first."),
    ),
)
