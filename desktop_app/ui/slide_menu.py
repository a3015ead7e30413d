"""The menu on the slide: what can be done with the object or the place under the mouse.

It holds the actions of the table, in the order of the hand; what only makes sense at a place (center here) is
its own. It does not open while something is being drawn. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QMenu

from desktop_app.domain.transfer import box_around
from desktop_app.domain.viewport import Point
from desktop_app.ui.canvas import PausingTool
from desktop_app.ui.docks.annotations import shown_rect
from desktop_app.ui.tools.context import REACH
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

ON_OBJECT = (
    ("object.properties", "object.zoom_to"),
    ("object.lock", "object.unlock", "object.hide", "object.hide_others"),
    ("edit.cut", "edit.copy", "object.duplicate", "object.transfer", "edit.delete"),
)
ON_BACKGROUND = (
    ("edit.paste", "object.show_everything"),
    ("navigate.copy_position", "navigate.add_bookmark", "picture.snapshot", "picture.copy"),
    ("view.fit", "view.mode"),
)
"""Actions of the table, by group."""

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SlideMenu(QObject):
    """Opens the menu on each view, and the properties by Enter.

    Parameters
    ----------
    window : MainWindow
        Whose views and actions these are.
    ask_properties : Callable[[], None]
        Called for Enter with something selected.

    Attributes
    ----------
    shown : QMenu | None
        The menu that is open or was open last.
    """

    def __init__(self, window: MainWindow, ask_properties: Callable[[], None]) -> None:
        super().__init__(window)
        self._window = window
        self._ask_properties = ask_properties
        self._views: dict[QObject, SlideView] = {}
        self.shown: QMenu | None = None

    def watch(self, view: SlideView) -> None:
        """Answer to the right button and the keys of a view."""
        for watched in (view, view.canvas):
            self._views[watched] = view
            watched.installEventFilter(self)
            watched.destroyed.connect(partial(self._views.pop, watched, None))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take context menus of the canvas, and Enter where the canvas had no use for it."""
        view = self._views.get(watched)
        if view is None:
            return False
        if event.type() == QEvent.Type.ContextMenu and watched is view.canvas:
            self._asked(view, cast("QContextMenuEvent", event))
            return True
        if event.type() == QEvent.Type.KeyPress and watched is view:
            return self._key(view, cast("QKeyEvent", event))
        return False

    def menu_at(self, view: SlideView, place: Point) -> QMenu:
        """The menu of a level-0 place; in Annotate mode the object there becomes the selection."""
        menu = QMenu(self._window)
        menu.setToolTipsVisible(True)
        reach = REACH * view.canvas.dpr * view.canvas.viewport.downsample
        found = view.object_at(place, reach)
        if found is None:
            self._fill_for_place(menu, view, place)
            return menu
        if self._window.mode == "annotate":
            if found not in view.selection:
                view.selection.set([found])
            self._window.refresh_actions()
            view.annotations_panel.add_class_menu(menu, view.selection.chosen.ids)
            self._add(menu, ON_OBJECT)
        else:
            annotation = view.document.snapshot.get(found)
            if annotation is not None:
                rect = shown_rect(box_around([annotation]))
                menu.addAction(tr("Zoom to this object")).triggered.connect(
                    lambda: view.canvas.show_rect(rect)
                )
            self._add(menu, ON_BACKGROUND)
        return menu

    def _fill_for_place(self, menu: QMenu, view: SlideView, place: Point) -> None:
        if self._window.mode == "annotate" and not view.document.read_only:
            paste = menu.addAction(tr("Paste here"))
            paste.triggered.connect(lambda: self._window.objects.clipboard.paste(place))
            roi = menu.addAction(tr("New ROI here"))
            roi.setToolTip(tr("Of the size set in Annotate, ROI options"))
            roi.triggered.connect(lambda: view.set_roi_at(place))
        center = menu.addAction(tr("Center here"))
        center.triggered.connect(lambda: view.canvas.jump_to(view.canvas.viewport.centered_on(place)))
        self._add(menu, ON_BACKGROUND)

    def _add(self, menu: QMenu, groups: tuple[tuple[str, ...], ...]) -> None:
        """Add actions that are of use now; those of another mode are left out."""
        for group in groups:
            specs = [spec for spec in self._window.actions_by_key.specs if spec.key in group]
            keys = [spec.key for spec in specs if self._window.mode in spec.modes]
            if keys and not menu.isEmpty():
                menu.addSeparator()
            for key in sorted(keys, key=group.index):
                menu.addAction(self._window.actions_by_key[key])

    def _asked(self, view: SlideView, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self._open(view, _place_of_selection(view))
        else:
            here = view.canvas.device_point(QPointF(event.pos()))
            self._open(view, view.canvas.viewport.slide_point(here))

    def _open(self, view: SlideView, place: Point) -> None:
        # Some systems send the menu key both as a key and as a wish for a menu.
        is_open = self.shown is not None and self.shown.isVisible()
        if is_open or not self._is_free(view) or view.canvas.slide is None:
            return
        self._window.area.activate(view)
        if self.shown is not None:
            self.shown.deleteLater()
        self.shown = self.menu_at(view, place)
        x, y = view.canvas.viewport.view_point(place)
        position = QPointF(x / view.canvas.dpr, y / view.canvas.dpr).toPoint()
        self.shown.popup(view.canvas.mapToGlobal(position))

    def _key(self, view: SlideView, event: QKeyEvent) -> bool:
        shift = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
        if event.key() == Qt.Key.Key_Menu or (event.key() == Qt.Key.Key_F10 and shift):
            self._open(view, _place_of_selection(view))
            return True
        if event.key() not in ENTER or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if self._window.mode != "annotate" or not len(view.selection) or view is not self._window.front:
            return False
        self._ask_properties()
        return True

    def _is_free(self, view: SlideView) -> bool:
        """Whether nothing is being drawn or dragged."""
        held = QGuiApplication.mouseButtons() & ~Qt.MouseButton.RightButton
        tool = view.canvas.tool
        unfinished = isinstance(tool, PausingTool) and tool.unfinished
        return not held and not unfinished and view.canvas.lent_tool is None


def _place_of_selection(view: SlideView) -> Point:
    """The middle of the view, or a place on the object that was selected last, if it is seen."""
    latest = view.selection.latest
    annotation = None if latest is None else view.document.snapshot.get(latest)
    center = view.canvas.viewport.center
    if annotation is None:
        return center
    x, y = annotation.parts[0][0][0].tolist()
    across, down = view.canvas.viewport.view_point((x, y))
    width, height = view.canvas.viewport.size
    return (x, y) if 0 <= across < width and 0 <= down < height else center
