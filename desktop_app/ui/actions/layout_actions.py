"""The grid of views, views in windows of their own, and views that move together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.ui.actions.action_spec import ActionSpec, Handler, needs
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow

GRID_KEYS = {
    (1, 1): "Ctrl+Alt+1",
    (1, 2): "Ctrl+Alt+2",
    (1, 3): "Ctrl+Alt+3",
    (2, 2): "Ctrl+Alt+4",
    (2, 3): "Ctrl+Alt+6",
    (3, 3): "Ctrl+Alt+9",
}
"""The number of cells is the digit."""


def _grid(rows: int, columns: int) -> Handler:
    return lambda window: window.comparison.set_layout(rows, columns)


def _equal(window: MainWindow) -> None:
    window.area.grid.share_equally()


def _new_view(window: MainWindow) -> None:
    window.comparison.new_view()


def _own_window(window: MainWindow) -> None:
    window.comparison.toggle_own_window()


def _step_shown(step: int) -> Handler:
    return lambda window: window.area.step_shown(step)


def _step_view(step: int) -> Handler:
    return lambda window: window.area.step_view(step)


def _synchronize(window: MainWindow) -> None:
    window.comparison.toggle_synchronized()


def _match(window: MainWindow) -> None:
    window.comparison.match_magnification()


def _align(window: MainWindow) -> None:
    window.comparison.begin_alignment()


def _align_as_shown(window: MainWindow) -> None:
    window.comparison.align_as_shown()


def _forget_alignment(window: MainWindow) -> None:
    window.comparison.forget_alignment()


def _grid_action(rows: int, columns: int) -> ActionSpec:
    return ActionSpec(
        f"layout.grid_{rows}x{columns}",
        f"{rows} × {columns}",
        "window/layout",
        _grid(rows, columns),
        shortcut=GRID_KEYS.get((rows, columns), ""),
        checked_when=f"layout_{rows}x{columns}",
        needs=needs("slide"),
    )


LAYOUT_ACTIONS = (
    *(_grid_action(rows, columns) for rows in (1, 2, 3) for columns in (1, 2, 3)),
    ActionSpec(
        "layout.equal",
        marked("&Equal sizes"),
        "window/layout",
        _equal,
        needs=needs("slide", "grid"),
        starts_group=True,
        tip=marked("A double click on the line between two views does the same."),
    ),
    ActionSpec(
        "layout.new_view",
        marked("&New view of this slide"),
        "window",
        _new_view,
        shortcut="Ctrl+Shift+N",
        needs=needs("slide"),
        tip=marked("The same slide and annotations a second time, to look at two places at once."),
    ),
    ActionSpec(
        "layout.own_window",
        marked("&Move view to a window of its own"),
        "window",
        _own_window,
        shortcut="Ctrl+Alt+W",
        needs=needs("slide"),
        checked_when="own_window",
        tip=marked("For a second screen; closing that window brings the view back."),
    ),
    ActionSpec(
        "layout.next_shown",
        marked("Ne&xt view on the screen"),
        "window",
        _step_shown(1),
        shortcut="F6",
        needs=needs("slide", "several_shown"),
        starts_group=True,
    ),
    ActionSpec(
        "layout.previous_shown",
        marked("&Previous view on the screen"),
        "window",
        _step_shown(-1),
        shortcut="Shift+F6",
        needs=needs("slide", "several_shown"),
    ),
    ActionSpec(
        "layout.next_tab",
        marked("Next &tab"),
        "window",
        _step_view(1),
        shortcut="Ctrl+Tab",
        needs=needs("slide", "several_views"),
    ),
    ActionSpec(
        "layout.previous_tab",
        marked("Previous ta&b"),
        "window",
        _step_view(-1),
        shortcut="Ctrl+Shift+Tab",
        needs=needs("slide", "several_views"),
    ),
    ActionSpec(
        "layout.synchronize",
        marked("&Synchronize views"),
        "window",
        _synchronize,
        shortcut="Ctrl+Alt+S",
        needs=needs("slide", "several_views"),
        checked_when="synchronized",
        icon="synchronize",
        starts_group=True,
        tip=marked("Panning, zooming, turning and flipping one view does the same to the others."),
    ),
    ActionSpec(
        "layout.match",
        marked("Same ma&gnification everywhere"),
        "window",
        _match,
        shortcut="Ctrl+Alt+M",
        needs=needs("slide", "mpp", "several_views"),
    ),
    ActionSpec(
        "layout.align",
        marked("&Align by two points…"),
        "window",
        _align,
        shortcut="Ctrl+Alt+P",
        needs=needs("slide", "several_slides_shown"),
        checked_when="aligning",
        tip=marked("For serial sections: click two landmarks in both slides."),
    ),
    ActionSpec(
        "layout.align_as_shown",
        marked("Align as the views are n&ow"),
        "window",
        _align_as_shown,
        needs=needs("slide", "several_slides_shown"),
        tip=marked("After the views were brought to the same place and angle by hand."),
    ),
    ActionSpec(
        "layout.forget_alignment",
        marked("&Forget the alignment"),
        "window",
        _forget_alignment,
        needs=needs("slide", "aligned"),
    ),
)
