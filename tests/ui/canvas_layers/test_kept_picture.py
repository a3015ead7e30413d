"""Fine outlines are not stroked again while nothing but the tool's marks changes, and look the same."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest

from desktop_app.domain.annotation import Annotation
from desktop_app.domain.shapes import drawn
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.canvas_layers.kept_picture import KeptPicture
from tests.support.annotation_bench import Bench


def fine_outline(vertices: int) -> Annotation:
    turn = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    radii = 100 + 10 * np.sin(20 * turn)
    return drawn("polygon", ((np.column_stack([500 + radii * np.cos(turn), 400 + radii * np.sin(turn)]),),))


def test_a_picture_is_painted_once_for_a_view_that_stands_still() -> None:
    kept, image, strokes = KeptPicture(), QImage(40, 30, QImage.Format.Format_ARGB32_Premultiplied), []

    def paint(viewport: Viewport, *key: object) -> None:
        def draw(painter: QPainter) -> None:
            strokes.append(key)
            painter.fillRect(5, 5, 10, 10, QColor(200, 0, 0))

        image.fill(0)
        painter = QPainter(image)
        kept.paint(painter, viewport, key=key, draw=draw)
        painter.end()
        assert image.pixelColor(8, 8).red() == 200
        assert image.pixelColor(20, 20).alpha() == 0

    here, there = Viewport((0, 0), 1.0, 0.0, (40, 30)), Viewport((5, 0), 1.0, 0.0, (40, 30))
    for _ in range(5):
        paint(here, 1)
    assert len(strokes) == 2, "once straight away, once for keeping"
    paint(here, 2)
    paint(here, 2)
    assert len(strokes) == 3, "what changed in the same view is kept at once"
    paint(there, 2)
    assert len(strokes) == 4


@pytest.mark.parametrize("selected", [False, True])
def test_the_kept_picture_looks_as_what_it_stands_for(bench: Bench, selected: bool) -> None:
    shape = fine_outline(4000)
    bench.document.add([shape], "Draw")
    bench.selection.set([shape.id] if selected else [])
    bench.picture()
    second = bench.picture().astype(int)
    bench.layer._kept = KeptPicture()
    first = bench.picture().astype(int)
    assert np.abs(first - second).max() <= 2
    assert (first != 255).any()


def test_a_change_is_seen_at_once(bench: Bench) -> None:
    shape = fine_outline(4000)
    bench.document.add([shape], "Draw")
    bench.selection.set([shape.id])
    for _ in range(3):
        bench.picture()
    bench.take("brush")
    QTest.mousePress(
        bench.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, bench.at(500, 400)
    )
    QTest.mouseRelease(
        bench.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, bench.at(500, 400)
    )
    bench.take("move")
    inside = bench.color_at(500, 400)
    assert inside == (255, 255, 255), "the hole is not filled any more"
    bench.document.undo_stack.undo()
    assert bench.color_at(500, 400) != (255, 255, 255)
