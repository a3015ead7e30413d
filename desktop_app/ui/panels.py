"""The panels around the slides: annotations and classes of the view in front, jobs, slide facts, log.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QDockWidget,
    QLabel,
    QMainWindow,
    QStackedWidget,
    QTabWidget,
    QWidget,
)

from desktop_app.ui.actions.action_spec import Fact
from desktop_app.ui.actions.view_actions import PANELS
from desktop_app.ui.color.panel import ColorPanel
from desktop_app.ui.docks.bookmarks import BookmarksPanel
from desktop_app.ui.docks.history import HistoryPanel
from desktop_app.ui.docks.jobs import JobsPanel
from desktop_app.ui.docks.log import LogPanel
from desktop_app.ui.docks.slide_info import SlideInfoPanel
from desktop_app.ui.engine.job_engine import JobEngine
from desktop_app.ui.icons import IconSet
from desktop_app.ui.privacy import Privacy
from desktop_app.ui.slide_view import SlideView
from desktop_app.ui.translation import tr
from desktop_app.ui.wide_scroll import LEAST_WIDTH

WIDTH = 360
TITLE_ICONS = {"qt_dockwidget_closebutton": "dock_close", "qt_dockwidget_floatbutton": "dock_float"}
"""Icons of a title bar's buttons by the names that Qt gives them."""

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
    privacy : Privacy
        Says what slides are called.

    Attributes
    ----------
    docks : dict[str, QDockWidget]
        By the names of ``PANELS``.
    """

    def __init__(self, window: QMainWindow, engine: JobEngine, privacy: Privacy) -> None:
        self._window = window
        self._icons: IconSet | None = None
        self.jobs = JobsPanel(engine, privacy)
        self.slide = SlideInfoPanel(privacy)
        self.log = LogPanel(privacy.hide)
        privacy.changed.connect(self.log.refresh)
        self.color = ColorPanel()
        self.bookmarks = BookmarksPanel()
        self.history = HistoryPanel()
        self.annotations = _stack()
        self.classes = _stack()
        contents: dict[str, QWidget] = {
            "annotations": self.annotations,
            "classes": self.classes,
            "color": self.color,
            "bookmarks": self.bookmarks,
            "history": self.history,
            "jobs": self.jobs,
            "slide": self.slide,
            "log": self.log,
        }
        self.docks = {name: self._dock(name, content) for name, content in contents.items()}
        self._arrange()
        self.docks["slide"].visibilityChanged.connect(self.slide.set_in_front)

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

    def set_icons(self, icons: IconSet) -> None:
        """Dress the buttons of the title bars, which Qt draws in one color for every theme."""
        self._icons = icons
        self._dress_titles()

    def _dress_titles(self) -> None:
        if self._icons is not None:
            for dock in self.docks.values():
                _dress_title(dock, self._icons)

    def add_view(self, view: SlideView) -> None:
        """Take in the panels of a slide that was opened."""
        for stack, panel in ((self.annotations, view.annotations_panel), (self.classes, view.classes_panel)):
            stack.addWidget(panel)
            # In some languages the buttons need more than the least.
            stack.setMinimumWidth(max(LEAST_WIDTH, panel.minimumSizeHint().width()))

    def remove_view(self, view: SlideView) -> None:
        """Let go of the panels of a slide that is closed."""
        for stack, panel in ((self.annotations, view.annotations_panel), (self.classes, view.classes_panel)):
            stack.removeWidget(panel)
            panel.deleteLater()

    def show_view(self, view: SlideView | None) -> None:
        """Show the panels of the view in front, or that there is none."""
        self.history.show_document(None if view is None else view.document)
        if view is None:
            self.annotations.setCurrentIndex(0)
            self.classes.setCurrentIndex(0)
        else:
            self.annotations.setCurrentWidget(view.annotations_panel)
            self.classes.setCurrentWidget(view.classes_panel)

    def _dock(self, name: str, content: QWidget) -> QDockWidget:
        dock = QDockWidget(tr(PANELS[name]).replace("&", ""), self._window)
        dock.setObjectName(f"dock_{name}")
        content.setMinimumWidth(max(LEAST_WIDTH, content.minimumWidth()))
        dock.setWidget(content)
        # Qt makes the title bar's buttons anew when a panel leaves its place.
        dock.topLevelChanged.connect(self._dress_titles)
        self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        return dock

    def _arrange(self) -> None:
        window, docks = self._window, self.docks
        window.tabifyDockWidget(docks["jobs"], docks["slide"])
        window.tabifyDockWidget(docks["slide"], docks["log"])
        docks["jobs"].raise_()
        window.tabifyDockWidget(docks["annotations"], docks["bookmarks"])
        window.tabifyDockWidget(docks["bookmarks"], docks["history"])
        docks["annotations"].raise_()
        # Tall and not always needed: on the other side, once it is asked for.
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks["color"])
        docks["color"].hide()
        stacked = [docks[name] for name in HEIGHTS]
        window.resizeDocks(stacked, list(HEIGHTS.values()), Qt.Orientation.Vertical)
        window.resizeDocks(stacked[:1], [WIDTH], Qt.Orientation.Horizontal)
        window.setTabPosition(Qt.DockWidgetArea.RightDockWidgetArea, QTabWidget.TabPosition.North)


def _dress_title(dock: QDockWidget, icons: IconSet) -> None:
    for name, icon in TITLE_ICONS.items():
        button = dock.findChild(QAbstractButton, name)
        if button is not None:
            button.setIcon(icons.icon(icon))


def _stack() -> QStackedWidget:
    """One page per slide, and a first one that says that there is none."""
    stack = QStackedWidget()
    label = QLabel(tr("No slide is open."))
    label.setObjectName("faint")
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    label.setContentsMargins(10, 10, 10, 10)
    stack.addWidget(label)
    return stack
