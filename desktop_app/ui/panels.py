"""The panels around the slides: annotations and classes of the view in front, jobs, slide facts, log.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QLabel, QMainWindow, QStackedWidget, QTabWidget, QWidget

from desktop_app.ui.actions.action_spec import Fact
from desktop_app.ui.actions.view_actions import PANELS
from desktop_app.ui.docks.jobs import JobsPanel
from desktop_app.ui.docks.log import LogPanel
from desktop_app.ui.docks.slide_info import SlideInfoPanel
from desktop_app.ui.engine.job_engine import JobEngine
from desktop_app.ui.slide_view import SlideView
from desktop_app.ui.translation import tr

WIDTH, LEAST_WIDTH = 360, 260
HEIGHTS = {"annotations": 220, "classes": 300, "jobs": 260}
"""Logical pixels at first; the user's own sizes are remembered."""


class Panels:
    """The docks of a window and what is in them.

    Parameters
    ----------
    window : QMainWindow
        Gets the docks.
    engine : JobEngine
        Whose jobs are shown.

    Attributes
    ----------
    docks : dict[str, QDockWidget]
        By the names of ``PANELS``.
    """

    def __init__(self, window: QMainWindow, engine: JobEngine) -> None:
        self._window = window
        self.jobs = JobsPanel(engine)
        self.slide = SlideInfoPanel()
        self.log = LogPanel()
        self.annotations = _stack()
        self.classes = _stack()
        contents: dict[str, QWidget] = {
            "annotations": self.annotations,
            "classes": self.classes,
            "jobs": self.jobs,
            "slide": self.slide,
            "log": self.log,
        }
        self.docks = {name: self._dock(name, content) for name, content in contents.items()}
        self._arrange()

    def facts(self) -> Iterator[Fact]:
        """Which panels are shown."""
        return (f"panel_{name}" for name, dock in self.docks.items() if not dock.isHidden())

    def show(self, name: str) -> None:
        """Show a panel, in front of those it shares its place with."""
        self.docks[name].show()
        self.docks[name].raise_()

    def toggle(self, name: str) -> None:
        """Show a panel or hide it."""
        if self.docks[name].isHidden():
            self.show(name)
        else:
            self.docks[name].hide()

    def add_view(self, view: SlideView) -> None:
        """Take in the panels of a slide that was opened."""
        self.annotations.addWidget(view.annotations_panel)
        self.classes.addWidget(view.classes_panel)

    def remove_view(self, view: SlideView) -> None:
        """Let go of the panels of a slide that is closed."""
        for stack, panel in ((self.annotations, view.annotations_panel), (self.classes, view.classes_panel)):
            stack.removeWidget(panel)
            panel.deleteLater()

    def show_view(self, view: SlideView | None) -> None:
        """Show the panels of the view in front, or that there is none."""
        if view is None:
            self.annotations.setCurrentIndex(0)
            self.classes.setCurrentIndex(0)
        else:
            self.annotations.setCurrentWidget(view.annotations_panel)
            self.classes.setCurrentWidget(view.classes_panel)

    def _dock(self, name: str, content: QWidget) -> QDockWidget:
        dock = QDockWidget(tr(PANELS[name]).replace("&", ""), self._window)
        dock.setObjectName(f"dock_{name}")
        content.setMinimumWidth(LEAST_WIDTH)
        dock.setWidget(content)
        self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        return dock

    def _arrange(self) -> None:
        window, docks = self._window, self.docks
        window.tabifyDockWidget(docks["jobs"], docks["slide"])
        window.tabifyDockWidget(docks["slide"], docks["log"])
        docks["jobs"].raise_()
        stacked = [docks[name] for name in HEIGHTS]
        window.resizeDocks(stacked, list(HEIGHTS.values()), Qt.Orientation.Vertical)
        window.resizeDocks(stacked[:1], [WIDTH], Qt.Orientation.Horizontal)
        window.setTabPosition(Qt.DockWidgetArea.RightDockWidgetArea, QTabWidget.TabPosition.North)


def _stack() -> QStackedWidget:
    """One page per slide, and a first one that says that there is none."""
    stack = QStackedWidget()
    label = QLabel(tr("No slide is open."))
    label.setObjectName("faint")
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    label.setContentsMargins(10, 10, 10, 10)
    stack.addWidget(label)
    return stack
