"""How often each value occurs in the view, as stored in the file.

pyqtgraph draws it; it is imported by whoever counts the first one, away from the GUI thread, because that
takes longer than a frame. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desktop_app.domain.arrays import FloatArray, IntArray
from desktop_app.domain.display_settings import Rgb
from desktop_app.ui.translation import tr

HEIGHT = 110
BINS = 128


@dataclass(frozen=True, slots=True)
class HistogramCurve:
    """One color's or channel's share of pixels per value.

    Attributes
    ----------
    color : Rgb
        It is drawn in.
    edges : FloatArray
        float64 ``(BINS + 1,)``: values.
    counts : IntArray
        int64 ``(BINS,)``: pixels.
    """

    color: Rgb
    edges: FloatArray
    counts: IntArray

    @classmethod
    def of(cls, values: NDArray[Any], color: Rgb, *, largest: float) -> HistogramCurve:
        """Count values from 0 to ``largest``."""
        counts, edges = np.histogram(values, bins=BINS, range=(0, largest + 1))
        return cls(color, edges.astype(np.float64), counts.astype(np.int64))

    @property
    def share(self) -> FloatArray:
        """float64 ``(BINS,)``, 0 to 1: the counts without the few largest, which empty glass would be."""
        peak = max(1.0, float(np.sort(self.counts)[-4:].min()))
        return np.minimum(self.counts / peak, 1.0)


def window_of(curves: Sequence[HistogramCurve], share: float = 0.001) -> tuple[float, float]:
    """The values between which all but the darkest and the brightest ``share`` of the pixels lie.

    Parameters
    ----------
    curves : Sequence[HistogramCurve]
        At least one, all over the same values.
    share : float
        0 to 0.5.
    """
    total = np.sum([curve.counts for curve in curves], axis=0).cumsum()
    low, high = (int(np.searchsorted(total, part * total[-1])) for part in (share, 1 - share))
    edges = curves[0].edges
    return float(edges[low]), float(edges[high + 1])


class HistogramPlot(QWidget):
    """Curves with the window's two ends."""

    shown = Signal()
    """It became visible and wants curves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box: Any = None
        self._waiting = QLabel(tr("The histogram of the view appears here."))
        self._waiting.setObjectName("faint")
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName(tr("Histogram of the view"))
        self._room = QVBoxLayout(self)
        self._room.setContentsMargins(0, 0, 0, 0)
        self._room.addWidget(self._waiting)

    def show_curves(self, curves: Sequence[HistogramCurve], window: tuple[float, float] | None) -> None:
        """Draw curves.

        Parameters
        ----------
        curves : Sequence[HistogramCurve]
            Red, green and blue, or the channels.
        window : tuple[float, float] | None
            Values shown as black and white; None where each channel has its own.
        """
        import pyqtgraph

        if self._box is None:
            self._box = self._new_box()
        self._box.clear()
        for curve in curves:
            item = pyqtgraph.PlotCurveItem(
                curve.edges,
                curve.share,
                stepMode="center",
                fillLevel=0,
                pen=pyqtgraph.mkPen(curve.color, width=1.5),
                brush=(*curve.color, 40),
            )
            self._box.addItem(item)
        for value in window or ():
            pen = pyqtgraph.mkPen(self.palette().text().color(), width=1)
            self._box.addItem(pyqtgraph.InfiniteLine(value, angle=90, pen=pen))
        if curves:
            self._box.setXRange(0, float(curves[0].edges[-1]), padding=0.02)
        self._box.setYRange(0, 1.05, padding=0)

    def showEvent(self, event: Any) -> None:
        """Ask for curves."""
        super().showEvent(event)
        self.shown.emit()

    def _new_box(self) -> Any:
        # Not a plot widget: that one makes menus of its own, which nobody here would open or delete.
        import pyqtgraph

        graphics = pyqtgraph.GraphicsLayoutWidget()
        graphics.setBackground(None)
        box = graphics.addViewBox(row=0, col=0, enableMenu=False, enableMouse=False)
        axis = pyqtgraph.AxisItem("bottom", linkView=box)
        graphics.addItem(axis, row=1, col=0)
        graphics.ci.setContentsMargins(0, 0, 0, 0)
        graphics.ci.setSpacing(0)
        self._waiting.hide()
        self._room.addWidget(graphics)
        return box
