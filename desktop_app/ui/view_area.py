"""The middle of the window: a tab for each open view, and a grid of cells that shows up to nine of them.

A view is in a cell, in a window of its own, or on the shelf, where only its tab is seen. One of them is in
front: the one that keys and menus act on. Clicking a slide, its tab or its window puts it there. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from desktop_app.ui.detached_window import DetachedWindow
from desktop_app.ui.icons import IconSet
from desktop_app.ui.slide_view import SlideView
from desktop_app.ui.translation import tr
from desktop_app.ui.view_cell import CellState, ViewCell
from desktop_app.ui.view_grid import ViewGrid
from desktop_app.ui.view_tabs import ViewTabs

Title = tuple[str, str]
"""What a view is called, and its tooltip."""

LEAST_WIDTH = 320
"""Logical pixels; on a small screen the panels beside it get narrower first, as far as they can."""


class ViewArea(QWidget):
    """Tabs, cells and the windows that views were moved to.

    Parameters
    ----------
    title_of : Callable[[SlideView], Title]
        Names a view; asked again by :meth:`rename`.
    actions_of : Callable[[], Sequence[QAction]]
        What a window of its own must be able to do.
    """

    front_changed = Signal()
    """Another view is in front, or none is left."""

    arranged = Signal()
    """Cells, or what is in them, changed."""

    close_wanted = Signal(object)
    """The user closes a view."""

    dropped = Signal(object, object)
    """Files were let go above a cell, or above a window of its own (None)."""

    def __init__(
        self, title_of: Callable[[SlideView], Title], actions_of: Callable[[], Sequence[QAction]]
    ) -> None:
        super().__init__()
        self._title_of, self._actions_of = title_of, actions_of
        self._views: list[SlideView] = []
        self._front: SlideView | None = None
        self._windows: dict[SlideView, DetachedWindow] = {}
        self._arranging = False
        self._icons: IconSet | None = None
        self._linked = False
        self.window_geometry = ""
        self._numbers = count()
        self.tabs = ViewTabs()
        self.guide_place = QVBoxLayout()
        self._shelf = QWidget(self)
        self._shelf.hide()
        self.grid = ViewGrid(self._make_cell)
        self._next_cell = self.grid.cells[0]
        self._build()

    def _build(self) -> None:
        tabs = self.tabs
        tabs.hide()
        self.setMinimumWidth(LEAST_WIDTH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(tabs)
        layout.addLayout(self.guide_place)
        layout.addWidget(self.grid, 1)
        tabs.currentChanged.connect(self._follow_tab)
        tabs.tabBarClicked.connect(self._click_tab)
        tabs.tabMoved.connect(self._follow_move)
        tabs.tabCloseRequested.connect(lambda index: self.close_wanted.emit(self._views[index]))
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._follow_focus)

    # ---- what is there ------------------------------------------------------------------------------

    @property
    def views(self) -> tuple[SlideView, ...]:
        """Every open view, in the order of the tabs."""
        return tuple(self._views)

    @property
    def front(self) -> SlideView | None:
        """The active view; None where no view is open."""
        return self._front

    @property
    def shown(self) -> tuple[SlideView, ...]:
        """The views that are seen, in cells and then in windows of their own."""
        in_cells = (cell.view for cell in self.grid.cells)
        return (*(view for view in in_cells if view is not None), *self._windows)

    @property
    def layout_size(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.grid.rows, self.grid.columns

    def cell_of(self, view: SlideView) -> ViewCell | None:
        """The cell that holds a view."""
        return next((cell for cell in self.grid.cells if cell.view is view), None)

    def window_of(self, view: SlideView | None) -> DetachedWindow | None:
        """The window of its own that a view is in."""
        return self._windows.get(view) if view is not None else None

    # ---- views come and go --------------------------------------------------------------------------

    def add(self, view: SlideView, cell: ViewCell | None = None) -> None:
        """Take in a view and put it in front: in the cell given, else a free one, else the active one."""
        with self._arrange():
            self._views.append(view)
            self._shelve(view)
            self.tabs.add()
            self._put(view, cell if cell in self.grid.cells else self._free_cell() or self._next_cell)
            self._front = view

    def remove(self, view: SlideView) -> None:
        """Let go of a view, which is hidden then; another one comes to the front."""
        with self._arrange():
            index = self._views.index(view)
            cell, window = self.cell_of(view), self._windows.pop(view, None)
            if window is not None:
                self._end(window)
            elif cell is not None:
                cell.take()
            self._views.remove(view)
            self.tabs.removeTab(index)
            if self._front is view:
                self._front = self._successor(index)
        view.setParent(self._shelf)

    def activate(self, view: SlideView, *, focus: bool = True) -> None:
        """Put a view in front: where it is, else in the active cell."""
        window = self._windows.get(view)
        with self._arrange(focus=focus):
            if window is None and self.cell_of(view) is None:
                self._put(view, self._next_cell)
            self._front = view
        if focus and (window is not None or any(one.isActiveWindow() for one in self._windows.values())):
            top = window or self.window()
            top.raise_()
            top.activateWindow()

    def step_view(self, step: int) -> None:
        """Put the next (1) or the previous (-1) of all open views in front."""
        self._step(self._views, step)

    def step_shown(self, step: int) -> None:
        """The same for those that are seen."""
        self._step(self.shown, step)

    def rename(self) -> None:
        """Ask for every view's name again."""
        for index, view in enumerate(self._views):
            name, tip = self._title_of(view)
            window, cell = self._windows.get(view), self.cell_of(view)
            if window is not None:
                window.show_title(f"{name} – {tr('Coverslip')}")
            if cell is not None:
                cell.show_title(name, tip)
            shown = tr("{name} (own window)", name=name) if window is not None else name
            self.tabs.setTabText(index, shown.replace("&", "&&"))
            self.tabs.setTabToolTip(index, tip)

    def show_linked(self, linked: bool) -> None:
        """Show in every cell whether the views move together."""
        self._linked = linked
        for cell in self.grid.cells:
            cell.show_linked(linked)

    def set_icons(self, icons: IconSet) -> None:
        """Dress the cells in a theme's icons."""
        self._icons = icons
        self.tabs.set_icons(icons)
        for cell in self.grid.cells:
            cell.set_icons(icons)

    # ---- layout -------------------------------------------------------------------------------------

    def set_layout_size(self, rows: int, columns: int, *, fill: bool = True) -> None:
        """Have so many rows and columns; what is seen stays as far as there is room.

        With ``fill`` cells that are empty then get views that wait behind their tabs.
        """
        if (rows, columns) == self.layout_size:
            return
        with self._arrange():
            displaced = [cell.take() for cell in self.grid.surplus(rows, columns)]
            for view in displaced:
                self._shelve(view)
            self.grid.resize_to(rows, columns)
            if self._next_cell not in self.grid.cells:
                self._next_cell = self.grid.cells[-1]
            waiting = [view for view in displaced if view is not None]
            waiting += [view for view in self._views if fill and view not in (*self.shown, *waiting)]
            self._fill(sorted(waiting, key=lambda view: view is not self._front))
            if self._front is not None and self._front not in self.shown:
                self._put(self._front, self.grid.cells[-1])

    def detach(self, view: SlideView, icon: QIcon) -> None:
        """Move a view to a window of its own."""
        if view in self._windows:
            return
        with self._arrange():
            cell = self.cell_of(view)
            if cell is not None:
                cell.take()
            window = DetachedWindow(view, self._actions_of(), icon)
            if not self._windows:
                window.restore(self.window_geometry)
            self._windows[view] = window
            window.closed.connect(self._give_back)
            window.entered.connect(self._enter)
            window.dropped.connect(lambda paths: self.dropped.emit(None, paths))
            if cell is not None:
                self._fill_gap(cell)
            self._front = view
        window.show()
        window.activateWindow()

    def attach(self, view: SlideView) -> None:
        """Bring a view back from its window into a free cell, else into the active one."""
        window = self._windows.get(view)
        if window is None:
            return
        with self._arrange():
            del self._windows[view]
            self._end(window)
            self._put(view, self._free_cell() or self._next_cell)
            self._front = view
        self.window().activateWindow()

    def close_windows(self) -> str:
        """End the windows of their own, for the main window closes; returns where the latest stood."""
        with self._arrange():
            while self._windows:
                view, window = self._windows.popitem()
                self._end(window)
                self._shelve(view)
        return self.window_geometry

    def _give_back(self, window: DetachedWindow) -> None:
        if window.view is not None:
            self.attach(window.view)

    # ---- putting things where they belong -----------------------------------------------------------

    @contextmanager
    def _arrange(self, *, focus: bool = True) -> Iterator[None]:
        """Change who is where; what follows from it is done once, at the end."""
        before, outer = self._front, self._arranging
        self._arranging = True
        try:
            yield
        finally:
            self._arranging = outer
        if outer:
            return
        self._settle(focus)
        self.arranged.emit()
        if self._front is not before:
            self.front_changed.emit()

    def _settle(self, focus: bool) -> None:
        self._arranging = True
        front = self._front
        cell = self.cell_of(front) if front is not None else None
        if cell is not None:
            self._next_cell = cell
        if front is not None:
            self.tabs.setCurrentIndex(self._views.index(front))
        self.tabs.setVisible(len(self._views) > 1 or bool(self._windows))
        self._frame()
        self.rename()
        if front is not None and front in self._windows:
            # Coming back to this window must not put another view in front by itself.
            self.setFocus()
        elif front is not None and focus:
            front.canvas.setFocus()
        self._arranging = False

    def _frame(self) -> None:
        several = len(self.grid.cells) > 1
        for cell in self.grid.cells:
            state: CellState = "idle" if several else "plain"
            if several and cell.view is not None and cell.view is self._front:
                state = "active"
            elif several and cell.view is None and cell is self._next_cell:
                state = "next"
            if cell.state != state:
                cell.set_state(state)

    def _put(self, view: SlideView, cell: ViewCell) -> None:
        if cell.view is view:
            return
        self._shelve(cell.take())
        cell.put(view)
        self._next_cell = cell

    def _shelve(self, view: SlideView | None) -> None:
        if view is not None:
            view.hide()
            view.setParent(self._shelf)

    def _fill(self, waiting: Sequence[SlideView]) -> None:
        empty = [cell for cell in self.grid.cells if cell.view is None]
        for cell, view in zip(empty, waiting, strict=False):
            cell.put(view)

    def _fill_gap(self, cell: ViewCell) -> None:
        """An only cell is never empty while a view waits."""
        if len(self.grid.cells) == 1:
            self._fill([view for view in self._views if view not in self.shown])
        self._next_cell = cell

    def _free_cell(self) -> ViewCell | None:
        if self._next_cell.view is None:
            return self._next_cell
        return next((cell for cell in self.grid.cells if cell.view is None), None)

    def _successor(self, index: int) -> SlideView | None:
        """Who comes to the front after the view of a tab: one that is seen, else its neighbor."""
        in_cells = [view for view in self.shown if view not in self._windows]
        if not in_cells:
            later_first = [*self._views[index:], *reversed(self._views[:index])]
            waiting = [view for view in later_first if view not in self._windows]
            if waiting:
                self._put(waiting[0], self._next_cell)
                return waiting[0]
        return next(iter([*in_cells, *self._windows]), None)

    def _step(self, views: Sequence[SlideView], step: int) -> None:
        if self._front in views:
            self.activate(views[(views.index(self._front) + step) % len(views)])

    def _end(self, window: DetachedWindow) -> None:
        self.window_geometry = window.geometry_text()
        self._shelve(window.take())
        window.hide()
        window.deleteLater()

    def _make_cell(self) -> ViewCell:
        cell = ViewCell(next(self._numbers))
        cell.chosen.connect(self._choose_cell)
        cell.detach_wanted.connect(lambda view: self.detach(view, self.window().windowIcon()))
        cell.close_wanted.connect(self.close_wanted)
        cell.dropped.connect(self._drop)
        cell.view_dropped.connect(self._exchange)
        cell.show_linked(self._linked)
        if self._icons is not None:
            cell.set_icons(self._icons)
        return cell

    # ---- what the user does -------------------------------------------------------------------------

    def _choose_cell(self, cell: ViewCell) -> None:
        if cell.view is not None:
            self.activate(cell.view)
        else:
            self._next_cell = cell
            self._frame()

    def _drop(self, cell: ViewCell, paths: object) -> None:
        self._choose_cell(cell)
        self.dropped.emit(cell, paths)

    def _exchange(self, cell: ViewCell, number: int) -> None:
        """A view was dragged from one cell to another: they change places."""
        source = next((one for one in self.grid.cells if one.number == number), None)
        if source is None or source is cell or source.view is None:
            return
        with self._arrange():
            moved, other = source.take(), cell.take()
            if moved is not None:
                cell.put(moved)
                self._front = moved
            if other is not None:
                source.put(other)

    def _follow_tab(self, index: int) -> None:
        if not self._arranging and 0 <= index < len(self._views):
            self.activate(self._views[index], focus=not self.tabs.hasFocus())

    def _click_tab(self, index: int) -> None:
        # The tab that is current already: its slide gets the keyboard, its window comes to the front.
        if 0 <= index == self.tabs.currentIndex():
            self.activate(self._views[index])

    def _follow_move(self, start: int, end: int) -> None:
        self._views.insert(end, self._views.pop(start))

    def _follow_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        view = self._view_around(new)
        if view is not None and not self._arranging and view is not self._front:
            self.activate(view, focus=False)

    def _enter(self, view: SlideView) -> None:
        if not self._arranging and view is not self._front:
            self.activate(view, focus=False)

    def _view_around(self, widget: QWidget | None) -> SlideView | None:
        while widget is not None:
            if isinstance(widget, SlideView):
                return widget if widget in self._views else None
            widget = widget.parentWidget()
        return None
