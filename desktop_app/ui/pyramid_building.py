"""Making the coarse levels of open slides that have none, without holding anything up.

One thread per slide works with the lowest priority; here it is started, told what is looked at, and shown in
the status bar. It ends by itself when the slide is closed, goes on where it ended when the slide is opened
again, and waits for a drive that went away. GUI thread, but for the thread's own work.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QThread, QTimer
from PySide6.QtWidgets import QLabel

from desktop_app.domain.viewport import Rect
from desktop_app.slides import Slide
from desktop_app.slides.pyramid_builder import PyramidBuilder
from desktop_app.slides.pyramid_cache import MadeLevels
from desktop_app.ui.canvas import SlideCanvas
from desktop_app.ui.canvas.tile_loader import yield_to_the_window
from desktop_app.ui.translation import tr

if TYPE_CHECKING:
    from desktop_app.ui.main_window import MainWindow
    from desktop_app.ui.slide_view import SlideView

LOOK_INTERVAL_MS = 250
PLATE_MARGIN = 14
"""Logical pixels."""

RETRY_S = 5.0
"""A build that ended because nothing could be read is begun again so much later."""

NICENESS = 8
"""Linux only: tiles that somebody waits for go first (``tile_loader.LOADER_NICENESS``)."""


class _BuilderThread(QThread):
    """One run of a builder."""

    def __init__(self, builder: PyramidBuilder, parent: QObject) -> None:
        super().__init__(parent)
        self._builder = builder
        self.reason = ""

    def run(self) -> None:
        """Work; somebody waits for the first picture, but for nothing after it."""
        yield_to_the_window()
        self.reason = self._builder.run(_yield_to_the_loaders)


def _yield_to_the_loaders() -> None:
    # On Linux a thread has a niceness of its own; elsewhere the thread's priority says it.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class SlideBuild(QObject):
    """The build of one slide.

    Parameters
    ----------
    slide : Slide
        Open; the thread ends when it is closed.
    made : MadeLevels
        The slide's.

    Attributes
    ----------
    problem : str
        Why it waits; empty while it works or is finished.
    """

    def __init__(self, slide: Slide, made: MadeLevels, parent: QObject) -> None:
        super().__init__(parent)
        self.slide = slide
        self.made = made
        self.builder = PyramidBuilder(slide, made)
        self.problem = ""
        self._ended_at = 0.0
        self._thread: _BuilderThread | None = None

    @property
    def is_running(self) -> bool:
        """Whether the thread works."""
        return self._thread is not None

    def keep_going(self) -> None:
        """Begin, or begin again after a while, unless everything is made."""
        if self.is_running or self.made.is_closing:
            return
        waited = time.monotonic() - self._ended_at >= RETRY_S
        if not self.made.is_complete and (waited or not self.problem):
            self.start()

    def start(self) -> None:
        """Begin now; parts that could not be read are tried once more."""
        if self.is_running or self.made.is_closing:
            return
        self.made.forget_unreadable()
        if self.made.is_complete:
            return
        self._thread = _BuilderThread(self.builder, self)
        self._thread.finished.connect(self._ended)
        self._thread.start(QThread.Priority.LowestPriority)

    def wait(self) -> None:
        """Wait for the thread, whose slide has been closed."""
        if self._thread is not None:
            self._thread.wait()

    def _ended(self) -> None:
        assert self._thread is not None
        self.problem = self._thread.reason
        self._ended_at = time.monotonic()
        self._thread.deleteLater()
        self._thread = None


class PreparingPlate(QLabel):
    """Says over a slide that what is seen is a guess so far; the mouse goes through it."""

    def __init__(self, canvas: SlideCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setObjectName("plate")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_text(self, text: str) -> None:
        """Stand at the top in the middle with a text; away without one."""
        if text:
            self.setText(text)
            self.adjustSize()
            self.move((self._canvas.width() - self.width()) // 2, PLATE_MARGIN)
            self.raise_()
        self.setVisible(bool(text))


class PyramidBuilding(QObject):
    """All builds of a window.

    Parameters
    ----------
    window : MainWindow
        Whose slides are looked after, and whose status bar tells of it.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._builds: list[SlideBuild] = []
        self._plates: dict[SlideView, PreparingPlate] = {}
        self._timer = QTimer(self, interval=LOOK_INTERVAL_MS)
        self._timer.timeout.connect(self._look)

    def add_view(self, view: SlideView) -> None:
        """Make what a view's slide lacks; nothing for a slide with all levels."""
        slide = view.document.slide
        made = slide.made_levels
        if made is None or made.is_complete or self.build_of(slide) is not None:
            return
        build = SlideBuild(slide, made, self)
        self._builds.append(build)
        build.builder.look_at(_seen(view.canvas))
        build.start()
        self._timer.start()
        self.show_front()

    def build_of(self, slide: Slide) -> SlideBuild | None:
        """The build of a slide, finished or not; None where none was needed."""
        return next((build for build in self._builds if build.slide is slide), None)

    def try_again(self, slide: Slide) -> None:
        """Make the parts that could not be read once more, at once."""
        build = self.build_of(slide)
        if build is None and slide.made_levels is not None and slide.made_levels.has_unreadable:
            build = SlideBuild(slide, slide.made_levels, self)
            self._builds.append(build)
            self._timer.start()
        if build is not None:
            build.start()

    def show_front(self) -> None:
        """Show how far the slide in front is."""
        front = self._window.front
        build = self.build_of(front.document.slide) if front is not None else None
        self._window.status.show_preparing(_text(build) if build is not None else "")

    def shutdown(self) -> None:
        """Wait until all threads have ended; their slides have been closed."""
        self._timer.stop()
        for build in self._builds:
            build.wait()
        self._builds.clear()

    def _look(self) -> None:
        for build in list(self._builds):
            self._look_after(build)
        self._show_plates()
        self.show_front()
        if not self._builds:
            self._timer.stop()

    def _show_plates(self) -> None:
        """A guess must not be taken for the slide: while one is seen, it says so."""
        views = self._window.views
        self._plates = {view: plate for view, plate in self._plates.items() if view in views}
        for view in views:
            build = self.build_of(view.document.slide)
            guessed = build is not None and _shows_guess(view.canvas)
            if guessed and view not in self._plates:
                self._plates[view] = PreparingPlate(view.canvas)
            if view in self._plates:
                self._plates[view].show_text(_text(build) if build is not None and guessed else "")

    def _look_after(self, build: SlideBuild) -> None:
        if not build.is_running and (build.made.is_closing or build.made.is_complete):
            self._builds.remove(build)
            build.deleteLater()
            return
        front = self._window.front
        if front is not None and front.document.slide is build.slide:
            build.builder.look_at(_seen(front.canvas))
        build.keep_going()


def _shows_guess(canvas: SlideCanvas) -> bool:
    return canvas.slide_layer is not None and canvas.slide_layer.shows_guess


def _seen(canvas: SlideCanvas) -> Rect:
    """The view out to the edges of its tiles: one is as it should be when all below it is made."""
    viewport = canvas.viewport
    if canvas.slide_layer is None:
        return viewport.slide_rect()
    pyramid = canvas.slide_layer.source.pyramid
    tiles = pyramid.tiles_in_rect(pyramid.level_for(viewport.downsample), viewport.slide_rect())
    if not tiles:
        return viewport.slide_rect()
    x0, y0, _, _ = pyramid.slide_edges(tiles[0])
    _, _, x1, y1 = pyramid.slide_edges(tiles[-1])
    return x0, y0, x1 - x0, y1 - y0


def _text(build: SlideBuild) -> str:
    """What the status bar says of a build; empty once everything is made."""
    if build.made.is_complete:
        return ""
    percent = int(100 * build.made.progress)
    if build.problem and not build.is_running:
        return tr("Overview waits at {percent} %: the slide cannot be read", percent=percent)
    return tr("Preparing overview {percent} %", percent=percent)
