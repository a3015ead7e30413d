"""PySide6 6.12.0 lost a reference to None with nearly every call, which kills Python 3.11 after a while."""

from __future__ import annotations

import sys

from PySide6.QtGui import QImage, QPainter

CALLS = 200
NOISE = 20


def test_calls_without_a_result_keep_the_reference_counts_of_none_and_true(qapp: object) -> None:
    image = QImage(8, 8, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    before = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(CALLS):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    after = sys.getrefcount(None), sys.getrefcount(True)
    painter.end()
    assert after[0] >= before[0] - NOISE
    assert after[1] >= before[1] - NOISE
