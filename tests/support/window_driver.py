"""A window as a test drives it: files chosen by script, the mouse by slide coordinates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.storage.locations import Locations
from desktop_app.ui.dialogs.files import FileChooser
from desktop_app.ui.engine.job_engine import JobEngine
from desktop_app.ui.engine.worker_process import ServeTarget
from desktop_app.ui.main_window import MainWindow, WindowParts
from desktop_app.ui.slide_view import SlideView
from desktop_app.worker import plugin_host, slide_opener

PATIENCE_MS = 20_000


class ScriptedFiles(FileChooser):
    """Answers with what the test put in, as the user would."""

    def __init__(self) -> None:
        self.slide_answers: list[Path] = []
        self.read_answer: Path | None = None
        self.write_answer: Path | None = None
        self.recipe_answer: Path | None = None
        self.folder_answer: Path | None = None
        self.key_map_answer: Path | None = None

    def slides(self, parent: QWidget, folder: str) -> list[Path]:
        return self.slide_answers

    def annotations_to_read(self, parent: QWidget, folder: str) -> Path | None:
        return self.read_answer

    def annotations_to_write(self, parent: QWidget, proposed: Path) -> Path | None:
        return self.write_answer

    def picture_to_write(self, parent: QWidget, proposed: Path) -> Path | None:
        self.proposed = proposed
        return self.write_answer

    def pixel_sizes_to_read(self, parent: QWidget, folder: str) -> Path | None:
        return self.read_answer

    def recipe_to_read(self, parent: QWidget, folder: str) -> Path | None:
        return self.recipe_answer

    def recipe_to_write(self, parent: QWidget, proposed: Path) -> Path | None:
        return self.recipe_answer

    def key_map_to_read(self, parent: QWidget) -> Path | None:
        return self.key_map_answer

    def key_map_to_write(self, parent: QWidget, proposed: Path) -> Path | None:
        return self.key_map_answer

    def plugin_folder(self, parent: QWidget) -> Path | None:
        return self.folder_answer

    def model_file(self, parent: QWidget) -> Path | None:
        return self.read_answer

    def model_folder(self, parent: QWidget) -> Path | None:
        return self.folder_answer

    def folder(self, parent: QWidget, folder: str) -> Path | None:
        return self.folder_answer


class WindowDriver:
    """A shown window and the hands of its user."""

    def __init__(self, qtbot: QtBot, serve: ServeTarget | None = None) -> None:
        self.qtbot = qtbot
        self.locations = Locations.default()
        self.files = ScriptedFiles()
        locations = self.locations
        host = plugin_host(locations)
        engine = JobEngine(locations, serve)
        opener = slide_opener(host)
        self.window = MainWindow(WindowParts(locations, opener, host, engine, self.files))
        # Movements are done at once, unless a test is about them.
        self.window.change_settings(replace(self.window.settings, animate_movement=False))
        self.window.resize(1200, 820)
        self.window.show()
        qtbot.waitExposed(self.window)
        # Shortcuts work in the active window only, which a window shown after another is not always.
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow, timeout=PATIENCE_MS)

    @property
    def view(self) -> SlideView:
        return self.window.current

    @property
    def notices(self) -> list[str]:
        return [notice.text for notice in self.window.messages.notices]

    def wait(self, condition: Callable[[], bool], timeout: int = PATIENCE_MS) -> None:
        self.qtbot.waitUntil(condition, timeout=timeout)

    def open(self, *paths: Path) -> SlideView:
        """Open slides through the action, and wait until the last is sharp."""
        self.files.slide_answers = list(paths)
        before = len(self.window.views)
        self.trigger("file.open")
        self.wait(lambda: len(self.window.views) == before + len(paths))
        self.sharpen()
        return self.view

    def sharpen(self) -> None:
        self.wait(lambda: self.view.canvas.is_sharp)

    def trigger(self, key: str) -> None:
        action = self.window.actions_by_key[key]
        assert action.isEnabled(), f"{key} is not enabled"
        action.trigger()

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key on the canvas, as a person does: through the shortcuts first."""
        self.view.canvas.setFocus()
        QTest.keyClick(self.view.canvas, key, modifiers)

    def at(self, x: float, y: float) -> QPoint:
        """Where a level-0 position is on the canvas, in logical pixels."""
        canvas = self.view.canvas
        across, down = canvas.viewport.view_point((x, y))
        return QPoint(round(across / canvas.dpr), round(down / canvas.dpr))

    def click(self, x: float, y: float) -> None:
        QTest.mouseClick(self.view.canvas, Qt.MouseButton.LeftButton, pos=self.at(x, y))

    def double_click(self, x: float, y: float) -> None:
        QTest.mouseDClick(self.view.canvas, Qt.MouseButton.LeftButton, pos=self.at(x, y))

    def drag(self, *corners: tuple[float, float], steps: int = 6) -> None:
        """Press at the first level-0 position, move over the others in small steps, let go at the last."""
        canvas = self.view.canvas
        points = [self.at(*corner) for corner in corners]
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=points[0])
        for start, end in pairwise(points):
            for step in range(1, steps + 1):
                QTest.mouseMove(canvas, start + (end - start) * step / steps)
                QTest.qWait(1)
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=points[-1])

    def settle(self) -> None:
        """Wait until nothing is under way."""
        self.wait(lambda: self.window.background.is_idle)

    def close(self) -> None:
        self.settle()
        self.window.quit_now()
        self.window.deleteLater()


@contextmanager
def window_driver(qtbot: QtBot, serve: ServeTarget | None = None) -> Iterator[WindowDriver]:
    """A driver whose window is closed at the end."""
    driver = WindowDriver(qtbot, serve)
    try:
        yield driver
    finally:
        driver.close()


def pixels(widget: QWidget) -> NDArray[np.uint8]:
    """What a widget shows, uint8 ``(H, W, 3)``."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
