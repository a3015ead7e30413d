"""A canvas with a slide, its document and its tools, driven by real mouse events; and their fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.viewport import Viewport
from desktop_app.slides import OpenSlideReader, Slide, SlideOpener
from desktop_app.storage.journal import Journal
from desktop_app.ui.canvas import SlideCanvas
from desktop_app.ui.canvas_layers.annotation_layer import AnnotationLayer
from desktop_app.ui.models.class_choice import ClassChoice
from desktop_app.ui.models.selection import AnnotationSelection
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.tools import ToolContext, make_tools
from tests.support.pictures import pixels_of
from tests.support.slide_factory import write_pyramid

SIZE = (2000, 1400)
LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="session")
def blank_slide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pixels = np.full((SIZE[1], SIZE[0], 3), 255, dtype=np.uint8)
    return write_pyramid(tmp_path_factory.mktemp("slides") / "빈 슬라이드.tiff", pixels)


def opened_slide(path: Path) -> Slide:
    return SlideOpener([OpenSlideReader()]).open(path)


def opened_document(slide: Path, folder: Path) -> SlideDocument:
    opened = opened_slide(slide)
    return SlideDocument(opened, Journal.open(folder / opened.info.slide_id, author="Mina"))


@pytest.fixture
def document(qapp: Any, blank_slide: Path, tmp_path: Path) -> Iterator[SlideDocument]:
    made = opened_document(blank_slide, tmp_path)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def selection(document: SlideDocument) -> AnnotationSelection:
    return AnnotationSelection(document)


@pytest.fixture
def choice(document: SlideDocument) -> ClassChoice:
    return ClassChoice(document)


class Bench:
    """One slide pixel is ``1 / downsample`` device pixels; the view's top left is at (200, 200)."""

    def __init__(
        self, document: SlideDocument, selection: AnnotationSelection, choice: ClassChoice, qtbot: QtBot
    ) -> None:
        self.document, self.selection, self.choice = document, selection, choice
        self._qtbot = qtbot
        self.canvas = SlideCanvas()
        self.layer = AnnotationLayer(document, selection)
        self.canvas.set_slide(document.slide)
        self.canvas.add_layer(self.layer)
        self.canvas.scale_bar.visible = False
        self.canvas.resize(600, 400)
        self.canvas.show()
        self.tools = make_tools(ToolContext(document, selection, choice, self.canvas))
        self.look(1.0)

    def close(self) -> None:
        self.canvas.set_tool(None)
        self.canvas.remove_layer(self.layer)
        self.layer.shutdown()
        self.layer.deleteLater()
        self.canvas.shutdown()
        self.canvas.close()
        self.canvas.deleteLater()

    def look(self, downsample: float, rotation: float = 0.0) -> None:
        center = (200 + 300 * downsample, 200 + 200 * downsample)
        self.canvas.set_viewport(Viewport(center, downsample, rotation, (600, 400)))
        self.canvas.minimap.wanted = False

    def take(self, name: str) -> Any:
        self.canvas.set_tool(self.tools[name])
        return self.tools[name]

    def at(self, x: float, y: float) -> QPoint:
        """Where in the widget a slide position is."""
        view = self.canvas.viewport.view_point((x, y))
        return QPoint(round(view[0]), round(view[1]))

    def press(self, x: float, y: float, keys: Any = NO_KEYS) -> None:
        QTest.mousePress(self.canvas, LEFT, keys, self.at(x, y))

    def move(self, x: float, y: float) -> None:
        QTest.mouseMove(self.canvas, self.at(x, y))

    def release(self, x: float, y: float, keys: Any = NO_KEYS) -> None:
        QTest.mouseRelease(self.canvas, LEFT, keys, self.at(x, y))

    def click(self, x: float, y: float, keys: Any = NO_KEYS) -> None:
        self.press(x, y, keys)
        self.release(x, y, keys)

    def double_click(self, x: float, y: float) -> None:
        self.click(x, y)
        QTest.mouseDClick(self.canvas, LEFT, NO_KEYS, self.at(x, y))
        QTest.qWait(1)

    def drag(self, *places: tuple[float, float], keys: Any = NO_KEYS) -> None:
        """Press at the first place, move over the others; where they are now, even if the slide pans."""
        points = [self.at(*place) for place in places]
        QTest.mousePress(self.canvas, LEFT, keys, points[0])
        for point in points[1:]:
            QTest.mouseMove(self.canvas, point)
        QTest.mouseRelease(self.canvas, LEFT, keys, points[-1])

    def key(self, key: Qt.Key, keys: Any = NO_KEYS) -> None:
        QTest.keyClick(self.canvas, key, keys)

    def picture(self) -> NDArray[np.uint8]:
        """What the canvas shows, uint8 ``(400, 600, 3)``."""
        self._qtbot.waitUntil(lambda: self.canvas.is_sharp, timeout=20_000)
        return pixels_of(self.canvas.grab().toImage())

    def color_at(self, x: float, y: float) -> tuple[int, int, int]:
        place = self.at(x, y)
        red, green, blue = self.picture()[place.y(), place.x()].tolist()
        return red, green, blue

    def annotations(self) -> list[Annotation]:
        return list(self.document.snapshot.iter_annotations())

    def only(self) -> Annotation:
        (found,) = self.annotations()
        return found


@pytest.fixture
def bench(
    document: SlideDocument, selection: AnnotationSelection, choice: ClassChoice, qtbot: QtBot
) -> Iterator[Bench]:
    made = Bench(document, selection, choice, qtbot)
    yield made
    made.close()
