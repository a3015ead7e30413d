"""What belongs to the slide's file: pixel sizes of its folder, and what of it cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.ui.actions.action_spec import ActionSpec, needs
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


def _folder_sizes(window: MainWindow) -> None:
    window.pixel_sizes.edit()


def _unreadable(window: MainWindow) -> None:
    window.unreadable.show_list(window.current)


SLIDE_ACTIONS = (
    ActionSpec(
        "slide.pixel_sizes",
        marked("Pixel sizes of this &folder…"),
        "slide",
        _folder_sizes,
        needs=needs("slide"),
        tip=marked("A table for slides that do not say how large a pixel is."),
    ),
    ActionSpec(
        "slide.unreadable",
        marked("&Unreadable places…"),
        "slide",
        _unreadable,
        needs=needs("slide"),
        tip=marked("What could not be read of what was looked at."),
    ),
)
