"""A window on drawn slides, with user folders of its own, and the camera before it.

What a picture shows is brought about as a user would: actions are triggered, the mouse is moved. GUI thread.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from example_slides import ExampleSlides, small_png
from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from desktop_app.ui.dialogs.files import FileChooser

if TYPE_CHECKING:
    from desktop_app.storage.settings import Theme
    from desktop_app.ui.main_window import MainWindow

SIZE = (1440, 900)
NARROW = (780, 600)
PATIENCE_S = 240
PAUSE_MS = 90
"""What follows a moment later (the minimap, plots) has come by then."""

THEMES: tuple[Theme, ...] = ("light", "dark")
LARGEST_IN_MANUAL = 118_000
"""Bytes."""

LINE = QColor(110, 110, 110)

Shares = tuple[float, float]
"""A position as shares of the slide."""


class Answers(FileChooser):
    """Chooses the same files each time, without a dialog."""

    def __init__(self, slide: Path) -> None:
        self._slide = slide

    def slides(self, parent: QWidget, folder: str) -> list[Path]:
        """The slide that is open already."""
        return [self._slide]

    def annotations_to_read(self, parent: QWidget, folder: str) -> Path | None:
        """What was saved before."""
        return self._slide.with_suffix(".geojson")

    def annotations_to_write(self, parent: QWidget, proposed: Path) -> Path | None:
        """Beside the slide."""
        return self._slide.with_suffix(".geojson")


class Studio:
    """A window, and the camera before it.

    Parameters
    ----------
    window : MainWindow
        Shown.
    out : Path
        Gets the pictures.
    slides : ExampleSlides
        What can be opened.

    Attributes
    ----------
    manual : Path | None
        Gets the manual's pictures, while they are made.
    """

    def __init__(self, window: MainWindow, out: Path, slides: ExampleSlides) -> None:
        self.window = window
        self.slides = slides
        self.manual: Path | None = None
        self._out = out

    def shoot(self, name: str, *, manual: Sequence[QWidget] | None = None) -> QPixmap:
        """Wait until the picture stands, and write it as ``<name>-<theme>.png``.

        Parameters
        ----------
        name : str
            Of the file.
        manual : Sequence[QWidget] | None
            What the manual's picture of this name shows: all of them, or the whole window if there are none;
            None for a picture that is not in the manual.
        """
        self.rest()
        picture = self._compose()
        picture.save(str(self._out / f"{name}-{self.window.settings.theme}.png"))
        if manual is not None and self.manual is not None:
            self._write_for_manual(name.rpartition("/")[2], picture, manual)
        return picture

    def rest(self) -> None:
        """Wait until nothing is read or loaded any more."""
        window = self.window
        wait(lambda: window.background.is_idle and not window.opening.under_way)
        for _ in range(2):
            wait(lambda: all(view.display.is_settled for view in window.views))
            wait(lambda: all(view.canvas.is_sharp for view in window.area.shown))
            QTest.qWait(PAUSE_MS)
            wait(lambda: window.background.is_idle)

    def _compose(self) -> QPixmap:
        """The window with its dialogs and menus above it, as a person sees them."""
        picture = self.window.grab()
        painter = QPainter(picture)
        for widget in QApplication.topLevelWidgets():
            if widget.isVisible() and widget is not self.window:
                place = self._place_of(widget)
                painter.drawPixmap(place, widget.grab())
                painter.setPen(QPen(LINE, 1))
                painter.drawRect(QRect(place.topLeft(), widget.size()))
        painter.end()
        return picture

    def _place_of(self, widget: QWidget) -> QRect:
        corner = widget.mapToGlobal(QPoint(0, 0)) - self.window.mapToGlobal(QPoint(0, 0))
        return QRect(corner, widget.size())

    def _write_for_manual(self, name: str, picture: QPixmap, shown: Sequence[QWidget]) -> None:
        assert self.manual is not None
        if len(shown) == 1 and shown[0].isWindow():
            picture = shown[0].grab()
        elif shown:
            whole = QRect()
            for widget in shown:
                whole = whole.united(self._place_of(widget))
            picture = picture.copy(whole.intersected(self.window.rect()))
        painter = QPainter(picture)
        painter.setPen(QPen(LINE, 1))
        painter.drawRect(picture.rect().adjusted(0, 0, -1, -1))
        painter.end()
        (self.manual / f"{name}.png").write_bytes(small_png(png_of(picture), LARGEST_IN_MANUAL))

    # ---- scenes -------------------------------------------------------------------------------------

    def theme(self, theme: Theme) -> None:
        """Dress the window."""
        self.window.change_settings(replace(self.window.settings, theme=theme))

    def open_slide(self, path: Path | None = None) -> None:
        """Bring a slide (the first one) to the front, fitted, opening it where it is not open."""
        wanted = path or self.slides.main
        if not any(view.info.path == wanted for view in self.window.views):
            self.window.open_paths([wanted])
            wait(lambda: any(view.info.path == wanted for view in self.window.views))
        self.window.area.activate(next(view for view in self.window.views if view.info.path == wanted))
        self.window.current.canvas.fit()
        self.rest()

    def close_slides(self) -> None:
        """Close every view, and give the window one cell."""
        self.press("layout.grid_1x1")
        while self.window.views:
            self.window.close_slide(self.window.views[-1])
        self.window.messages.clear()

    def tidy(self) -> None:
        """Bring the panels of the right side to the front that are there at first, and put away the other."""
        for name in ("annotations", "jobs"):
            self.window.panels.show(name)
        self.window.panels.docks["color"].hide()

    def look(self, magnification: float, place: Shares = (0.5, 0.5), *, turned: float = 0.0) -> None:
        """Look at a place at a magnification."""
        canvas = self.window.current.canvas
        width, height = self.window.current.info.size
        canvas.set_magnification(magnification)
        self.settle()
        canvas.center_on((place[0] * width, place[1] * height))
        canvas.turn_to(turned)
        self.settle()

    @contextmanager
    def narrow(self) -> Iterator[None]:
        """For the manual: without the panels at the right, to show more of the slide."""
        docks = [dock for name, dock in self.window.panels.docks.items() if name != "color"]
        before, hidden = self.window.size(), [dock for dock in docks if not dock.isHidden()]
        if self.manual is not None:
            for dock in hidden:
                dock.hide()
            self.window.resize(*NARROW)
            QTest.qWait(PAUSE_MS)
        yield
        for dock in hidden:
            dock.show()
        self.window.resize(before)

    def settle(self) -> None:
        """Wait until nothing moves."""
        mover = self.window.current.canvas.mover
        wait(lambda: self.window.current.canvas.viewport == mover.target)
        self.rest()

    def draw(self) -> None:
        """Draw one of each shape with the mouse."""
        self.window.set_mode("annotate")
        self.press("annotate.rectangle", "annotate.class_5")
        self.drag((0.30, 0.30), (0.42, 0.42))
        self.press("annotate.ellipse", "annotate.class_3")
        self.drag((0.55, 0.58), (0.72, 0.82))
        self.press("annotate.polygon", "annotate.class_1")
        self.drag((0.43, 0.50), (0.49, 0.47), (0.54, 0.53), (0.53, 0.63), (0.46, 0.62), (0.43, 0.56))
        self.press("annotate.point", "annotate.class_2")
        self.drag((0.60, 0.54), (0.60, 0.54))
        self.press("annotate.move")

    def press(self, *keys: str) -> None:
        """Trigger actions."""
        for key in keys:
            self.window.actions_by_key[key].trigger()

    def at(self, place: Shares) -> QPoint:
        """Where a place of the slide is on the canvas in front."""
        canvas, (width, height) = self.window.current.canvas, self.window.current.info.size
        x, y = canvas.viewport.view_point((place[0] * width, place[1] * height))
        return QPoint(round(x / canvas.dpr), round(y / canvas.dpr))

    def drag(self, *shares: Shares) -> None:
        """Drag over positions given as shares of the slide."""
        self.drag_points(*(self.at(place) for place in shares))

    def drag_points(self, *points: QPoint, let_go: bool = True) -> None:
        """Drag over positions of the canvas in front."""
        canvas = self.window.current.canvas
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=points[0])
        for start, end in pairwise(points):
            for step in range(1, 9):
                QTest.mouseMove(canvas, start + (end - start) * step / 8)
                QTest.qWait(1)
        if let_go:
            QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=points[-1])

    def click(self, *points: QPoint) -> None:
        """Click on positions of the canvas in front, slowly enough for single clicks."""
        for point in points:
            QTest.mouseMove(self.window.current.canvas, point)
            QTest.mouseClick(self.window.current.canvas, Qt.MouseButton.LeftButton, pos=point)
            QTest.qWait(QApplication.doubleClickInterval() + 20)

    def run(self, recipe: str, out: Path) -> None:
        """Start a recipe through its dialog."""
        self.press("analyze.run")
        dialog = self.window.dialogs.shown
        dialog.recipe_combo.setCurrentIndex(dialog.recipe_combo.findText(recipe))
        dialog.out_line.setText(str(out))
        dialog.run_button.click()

    def close_dialog(self) -> None:
        """Close what is open, and put down what the canvas was lent for."""
        self.window.guidance.close_all()
        for dialog in (self.window.dialogs.shown, self.window.guidance.manual):
            if isinstance(dialog, QDialog):
                dialog.close()
        self.window.comparison.guide.end()
        if self.window.front is not None:
            self.window.current.canvas.take_back_tool()
            QTest.keyClick(self.window.current.canvas, Qt.Key.Key_Escape)


def png_of(picture: QPixmap) -> bytes:
    """A picture as a PNG file's bytes."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    return bytes(buffer.data().data())


def wait(condition: Callable[[], bool]) -> None:
    """Let the window live until the condition holds."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the window did not get there")
        QTest.qWait(20)


@contextmanager
def studio_in(out: Path, home: Path, slides: ExampleSlides) -> Iterator[Studio]:
    """A window with user folders of its own."""
    os.environ["COVERSLIP_HOME"] = str(home / "home")
    from desktop_app.app import make_window
    from desktop_app.storage.locations import Locations

    window = make_window(Locations.default())
    window.files = Answers(slides.main)
    window.resize(*SIZE)
    window.show()
    try:
        yield Studio(window, out, slides)
    finally:
        window.quit_now()
