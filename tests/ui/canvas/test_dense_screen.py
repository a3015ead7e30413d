"""A screen of two device pixels per logical pixel, in a process of its own: Qt asks only at its start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]

SCRIPT = """
import sys
from pathlib import Path
import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from desktop_app.domain.viewport import Viewport
from desktop_app.slides import OpenSlideReader, SlideOpener
from desktop_app.ui.canvas import SlideCanvas

app = QApplication([])
canvas = SlideCanvas()
canvas.resize(300, 200)
canvas.show()
with SlideOpener([OpenSlideReader()]).open(Path(sys.argv[1])) as slide:
    canvas.set_slide(slide)
    canvas.scale_bar.visible = False
    canvas.minimap.wanted = False
    canvas.set_viewport(Viewport((1000.0, 700.0), 1.0))
    width, height = canvas.viewport.size
    while not canvas.is_sharp:
        QTest.qWait(5)
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGBX8888)
    shown = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3]
    wanted = slide.read_region((1000 - width // 2, 700 - height // 2), 0, (width, height))
    print(canvas.dpr, width, height, np.array_equal(shown, wanted))
    canvas.shutdown()
"""


@pytest.mark.parametrize(("factor", "width", "height"), [("2", 600, 400), ("1.5", 450, 300)])
def test_one_to_one_is_byte_exact_in_device_pixels(
    noise_slide: Path, factor: str, width: int, height: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(noise_slide)],
        cwd=CHECKOUT,
        env=os.environ | {"QT_SCALE_FACTOR": factor, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == [f"{float(factor)}", str(width), str(height), "True"], done.stderr
