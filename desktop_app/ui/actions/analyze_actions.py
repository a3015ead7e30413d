"""The slide's pixel size and information, running recipes, plugins and models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.ui.actions.action_spec import ActionSpec, needs
from desktop_app.ui.translation import marked

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow


def _pixel_size(window: MainWindow) -> None:
    window.dialogs.ask_pixel_size()


def _information(window: MainWindow) -> None:
    window.panels.show("slide")


def _run(window: MainWindow) -> None:
    window.dialogs.ask_recipe()


def _pause(window: MainWindow) -> None:
    running = window.engine.running
    window.engine.set_paused(running is not None and running.state == "running")


def _cancel(window: MainWindow) -> None:
    running = window.engine.running
    if running is not None:
        window.engine.cancel(running.job.job_id)


def _add_result(window: MainWindow) -> None:
    window.results.add_unmerged()


def _plugins(window: MainWindow) -> None:
    window.dialogs.show_plugins()


def _models(window: MainWindow) -> None:
    window.dialogs.show_models()


ANALYZE_ACTIONS = (
    ActionSpec(
        "slide.pixel_size",
        marked("Set &pixel size…"),
        "slide",
        _pixel_size,
        needs=needs("slide"),
        tip=marked("For slides that do not say how large a pixel is."),
    ),
    ActionSpec(
        "slide.information",
        marked("Slide &information"),
        "slide",
        _information,
        shortcut="Ctrl+D",
        needs=needs("slide"),
        icon="information",
    ),
    ActionSpec(
        "analyze.run",
        marked("&Run recipe…"),
        "analyze",
        _run,
        shortcut="Ctrl+R",
        needs=needs("slide"),
        icon="run",
        tip=marked("Tissue, tiles, features and predictions, in the background."),
    ),
    ActionSpec(
        "analyze.pause",
        marked("&Pause"),
        "analyze",
        _pause,
        shortcut="Ctrl+Shift+P",
        needs=needs("running"),
        checked_when="paused",
        icon="pause",
    ),
    ActionSpec(
        "analyze.cancel",
        marked("&Cancel the running job"),
        "analyze",
        _cancel,
        shortcut="Ctrl+.",
        needs=needs("running"),
        icon="cancel",
    ),
    ActionSpec(
        "analyze.add_result",
        marked("&Add the finished result"),
        "analyze",
        _add_result,
        needs=needs("slide", "writable", "unmerged"),
        tip=marked("Regions of a finished run that are not on the slide yet."),
    ),
    ActionSpec(
        "analyze.plugins",
        marked("P&lugins…"),
        "analyze",
        _plugins,
        icon="plugin",
        starts_group=True,
    ),
    ActionSpec(
        "analyze.models",
        marked("&Models…"),
        "analyze",
        _models,
        tip=marked("Bring a model in, check or remove it."),
    ),
)
