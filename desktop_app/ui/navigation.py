"""Finding one's way on the slide in front: positions, bookmarks, a box to zoom to, an angle.

What the actions of the *Navigate* menu and the panel of bookmarks call. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QCursor, QGuiApplication

from desktop_app.domain.bookmark import Bookmark
from desktop_app.domain.viewport import Point
from desktop_app.ui.actions.action_spec import Fact
from desktop_app.ui.bookmark_keeper import BookmarkKeeper
from desktop_app.ui.canvas import SlideCanvas, scale_text
from desktop_app.ui.canvas.zoom_box import ZoomBox
from desktop_app.ui.dialogs.bookmark_name import BookmarkNameDialog
from desktop_app.ui.dialogs.go_to import GoToDialog, position_text
from desktop_app.ui.dialogs.turn_view import TurnViewDialog
from desktop_app.ui.docks.bookmarks import BookmarksPanel
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow

SETTINGS = ("animate_movement", "touchpad_pans", "wheel_reversed")
TOLD_MS = 4000


class Navigation(QObject):
    """The way-finding of one window.

    Parameters
    ----------
    window : MainWindow
        Whose views are moved.
    panel : BookmarksPanel
        Shows the bookmarks of the slide in front.

    Attributes
    ----------
    bookmarks : BookmarkKeeper
        The bookmarks of all slides.
    """

    def __init__(self, window: MainWindow, panel: BookmarksPanel) -> None:
        super().__init__(window)
        self._window = window
        self._panel = panel
        self.bookmarks = BookmarkKeeper(window)
        window.area.front_changed.connect(self.refresh)
        panel.chosen.connect(self.go_to_bookmark)
        panel.add_wanted.connect(self.ask_bookmark)

    def facts(self) -> Iterator[Fact]:
        """How the user wants the slide to move, for the action table."""
        return (name for name in SETTINGS if getattr(self._window.settings, name))

    def refresh(self) -> None:
        """Show the bookmarks of the slide in front, as its pixel size has them now."""
        view = self._window.front
        if view is None:
            self._panel.show_list(None, None)
        else:
            self._panel.show_list(self.bookmarks.of(view), view.info)

    def ask_position(self) -> None:
        """Where to go."""
        view = self._window.current
        dialog = GoToDialog(view.info, view.canvas.viewport.center, self._window)
        dialog.chosen.connect(lambda point: _center(view.canvas, point))
        self._window.dialogs.show(dialog)

    def copy_position(self) -> None:
        """Put the position of the mouse, else of the middle, on the clipboard, as the dialog reads it."""
        view = self._window.current
        under_mouse = _mouse_on(view.canvas)
        point = under_mouse or view.canvas.viewport.center
        text = tr("{position} px", position=position_text(point, "px", view.info))
        QGuiApplication.clipboard().setText(text)
        told = (
            tr("Copied the position of the mouse, {position}", position=text)
            if under_mouse
            else tr("Copied the middle of the view, {position}", position=text)
        )
        self._window.status.showMessage(told, TOLD_MS)

    def mouse_or_middle(self) -> Point:
        """Where the mouse is on the slide in front, else the middle of its view, level-0 pixels."""
        canvas = self._window.current.canvas
        return _mouse_on(canvas) or canvas.viewport.center

    def zoom_to_box(self) -> None:
        """Let the user draw a box; asked again, give it up."""
        canvas = self._window.current.canvas
        if isinstance(canvas.lent_tool, ZoomBox):
            canvas.take_back_tool()
        else:
            canvas.lend_tool(ZoomBox(canvas))
            canvas.setFocus()
            self._window.status.show_hint(tr("Draw a box to zoom to; Esc gives it up"), TOLD_MS)

    def ask_bookmark(self) -> None:
        """The name of the place that is seen now."""
        view = self._window.current
        place = view.canvas.mover.target
        bookmarks = self.bookmarks.of(view)
        dialog = BookmarkNameDialog(bookmarks.free_name(), scale_text(place, view.info), self._window)

        def add(name: str) -> None:
            bookmark = Bookmark.of(place, name)
            bookmarks.add([bookmark])
            self._panel.select(bookmark.key)
            self._window.status.showMessage(tr("Added the bookmark “{name}”", name=name), TOLD_MS)

        dialog.chosen.connect(add)
        self._window.dialogs.show(dialog)

    def focus_bookmarks(self) -> None:
        """Show their panel and give it the keyboard."""
        self._window.panels.show("bookmarks")
        self._panel.take_keyboard()

    def go_to_bookmark(self, bookmark: Bookmark) -> None:
        """Show the place as it was seen."""
        canvas = self._window.current.canvas
        canvas.jump_to(bookmark.applied_to(canvas.viewport))

    def ask_angle(self) -> None:
        """How far to turn the slide."""
        self._window.dialogs.show(TurnViewDialog(self._window.current.canvas, self._window))


def _center(canvas: SlideCanvas, point: Point) -> None:
    canvas.jump_to(canvas.viewport.centered_on(point))
    canvas.setFocus()


def _mouse_on(canvas: SlideCanvas) -> Point | None:
    """Level-0 pixels under the mouse; None where it is not over the slide."""
    position = canvas.mapFromGlobal(QCursor.pos())
    if not canvas.underMouse() or not canvas.rect().contains(position) or canvas.slide_info is None:
        return None
    point = canvas.viewport.slide_point(canvas.device_point(position.toPointF()))
    inside = all(0 <= at < side for at, side in zip(point, canvas.slide_info.size, strict=True))
    return point if inside else None
