"""Moving the view, showing and hiding its layers, and the look of the window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from desktop_app.storage.settings import Theme
from desktop_app.ui.actions.action_spec import ActionSpec, Handler, needs
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow

MAGNIFICATIONS = (1.25, 2.5, 5.0, 10.0, 20.0, 40.0)
ZOOM_STEP = 1.25
OPACITY_STEP = 0.1
PANELS = {
    "annotations": marked("&Annotations"),
    "bookmarks": marked("&Bookmarks"),
    "classes": marked("&Classes"),
    "color": marked("C&olor"),
    "history": marked("&History"),
    "jobs": marked("&Jobs"),
    "slide": marked("&Slide information"),
    "log": marked("&Log"),
}


PANEL_KEYS = {"color": "Shift+C"}


def _switch_mode(window: MainWindow) -> None:
    window.set_mode("annotate" if window.mode == "view" else "view")


def _fit(window: MainWindow) -> None:
    window.current.canvas.fit()


def _one_to_one(window: MainWindow) -> None:
    window.current.canvas.one_to_one()


def _zoom_in(window: MainWindow) -> None:
    window.current.canvas.zoom_by(ZOOM_STEP)


def _zoom_out(window: MainWindow) -> None:
    window.current.canvas.zoom_by(1 / ZOOM_STEP)


def _magnify(magnification: float) -> Handler:
    def magnify(window: MainWindow) -> None:
        if not window.current.canvas.set_magnification(magnification):
            window.dialogs.offer_pixel_size()

    return magnify


def _minimap(window: MainWindow) -> None:
    window.change_settings(replace(window.settings, minimap=not window.settings.minimap))


def _annotations(window: MainWindow) -> None:
    window.current.show_annotations(not window.current.annotations_shown)


def _heat_map(window: MainWindow) -> None:
    window.current.show_heat_map(not window.current.heat_map_shown)


def _opacity(step: float) -> Handler:
    def change(window: MainWindow) -> None:
        opacity = min(1.0, max(0.1, round(window.settings.heat_map_opacity + step, 2)))
        window.change_settings(replace(window.settings, heat_map_opacity=opacity))

    return change


def _theme(theme: Theme) -> Handler:
    return lambda window: window.change_settings(replace(window.settings, theme=theme))


def _panel(name: str) -> Handler:
    return lambda window: window.panels.toggle(name)


def _full_screen(window: MainWindow) -> None:
    window.toggle_full_screen()


def _magnification_action(number: int, magnification: float) -> ActionSpec:
    return ActionSpec(
        f"view.magnify_{number}",
        f"{magnification:g}×",
        "view/magnification",
        _magnify(magnification),
        mode_shortcuts={"view": str(number), "annotate": f"Alt+{number}"},
        needs=needs("slide"),
    )


VIEW_ACTIONS = (
    ActionSpec(
        "view.mode",
        marked("Switch between &View and Annotate"),
        "view",
        _switch_mode,
        shortcut="Tab",
        needs=needs("slide"),
        canvas_only=True,
        tip=marked("In View nothing can be changed."),
    ),
    ActionSpec(
        "view.fit",
        marked("&Fit slide in window"),
        "view",
        _fit,
        shortcut="Ctrl+0",
        needs=needs("slide"),
        icon="fit",
        starts_group=True,
    ),
    ActionSpec(
        "view.one_to_one",
        marked("&1:1 pixels"),
        "view",
        _one_to_one,
        shortcut="Ctrl+1",
        needs=needs("slide"),
        icon="actual_size",
    ),
    ActionSpec(
        "view.zoom_in",
        marked("Zoom &in"),
        "view",
        _zoom_in,
        shortcut="Ctrl++",
        needs=needs("slide"),
        icon="zoom_in",
    ),
    ActionSpec(
        "view.zoom_out",
        marked("Zoom &out"),
        "view",
        _zoom_out,
        shortcut="Ctrl+-",
        needs=needs("slide"),
        icon="zoom_out",
    ),
    *(_magnification_action(number, x) for number, x in enumerate(MAGNIFICATIONS, start=1)),
    ActionSpec(
        "view.minimap",
        marked("Mi&nimap"),
        "view",
        _minimap,
        shortcut="Ctrl+M",
        checked_when="minimap",
        needs=needs("slide"),
        icon="minimap",
        starts_group=True,
    ),
    ActionSpec(
        "view.annotations",
        marked("&Annotations"),
        "view",
        _annotations,
        shortcut="A",
        checked_when="annotations_shown",
        needs=needs("slide"),
        icon="annotations",
    ),
    ActionSpec(
        "view.heat_map",
        marked("&Heat map"),
        "view",
        _heat_map,
        shortcut="H",
        checked_when="heat_map_shown",
        needs=needs("slide", "heat_map"),
        icon="heat_map",
    ),
    ActionSpec(
        "view.more_opaque",
        marked("Heat map &stronger"),
        "view",
        _opacity(OPACITY_STEP),
        shortcut="Ctrl+]",
        needs=needs("slide", "heat_map_shown", "can_strengthen"),
    ),
    ActionSpec(
        "view.less_opaque",
        marked("Heat map &weaker"),
        "view",
        _opacity(-OPACITY_STEP),
        shortcut="Ctrl+[",
        needs=needs("slide", "heat_map_shown", "can_weaken"),
    ),
    *(
        ActionSpec(
            f"view.panel_{name}",
            title,
            "view/panels",
            _panel(name),
            shortcut=PANEL_KEYS.get(name, ""),
            checked_when=f"panel_{name}",
        )
        for name, title in PANELS.items()
    ),
    ActionSpec(
        "view.theme_system",
        marked("As the &system"),
        "view/theme",
        _theme("system"),
        checked_when="theme_system",
    ),
    ActionSpec(
        "view.theme_light", marked("&Light"), "view/theme", _theme("light"), checked_when="theme_light"
    ),
    ActionSpec("view.theme_dark", marked("&Dark"), "view/theme", _theme("dark"), checked_when="theme_dark"),
    ActionSpec(
        "view.full_screen",
        marked("F&ull screen"),
        "view",
        _full_screen,
        shortcut="F11",
        checked_when="full_screen",
        starts_group=True,
    ),
)
