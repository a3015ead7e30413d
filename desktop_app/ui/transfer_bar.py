"""How far a file is read or written, in the status bar, with a button to stop it.

The thread that works only leaves two numbers behind; the bar looks at them a few times a second, so that a
million objects cost the GUI thread nothing. GUI thread, except where it says otherwise.
"""

from __future__ import annotations

import threading

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QStatusBar, QWidget

from desktop_app.storage.geojson_source import TransferWatch
from desktop_app.ui.translation import tr

LOOK_INTERVAL_MS = 100
SHOW_AFTER_MS = 300
"""What is over sooner is not shown at all."""

BAR_WIDTH = 140
"""Logical pixels."""

_STEPS = 1000


class Transfer:
    """One file on its way.

    Attributes
    ----------
    watch : TransferWatch
        For the thread that reads or writes.
    """

    def __init__(self) -> None:
        self._share = 0.0
        self._stopped = threading.Event()
        self.watch = TransferWatch(self._note, self._stopped.is_set)

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return self._share

    @property
    def is_stopped(self) -> bool:
        """Whether somebody wants it to stop."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Stop at the next occasion; any thread."""
        self._stopped.set()

    def _note(self, done: int, total: int) -> None:
        self._share = done / total if total else 1.0


class TransferBar(QWidget):
    """Shows one transfer until :meth:`end`.

    Parameters
    ----------
    status : QStatusBar
        Where it is shown.
    transfer : Transfer
        What it shows.
    text : str
        What is done with which file, translated and as it may be seen.
    """

    def __init__(self, status: QStatusBar, transfer: Transfer, text: str) -> None:
        super().__init__(status)
        self._status = status
        self._transfer = transfer
        self.label = QLabel(text)
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setFixedWidth(BAR_WIDTH)
        self.bar.setAccessibleName(text)
        self.stop_button = QPushButton(tr("Stop"))
        self.stop_button.clicked.connect(self._stop)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.label, self.bar, self.stop_button):
            layout.addWidget(widget)
        self.hide()
        self._timer = QTimer(self, interval=LOOK_INTERVAL_MS)
        self._timer.timeout.connect(self._look)
        QTimer.singleShot(SHOW_AFTER_MS, self, self._appear)

    def end(self) -> None:
        """It is over."""
        self._timer.stop()
        self._status.removeWidget(self)
        self.deleteLater()

    def _appear(self) -> None:
        self._look()
        self._status.addPermanentWidget(self)
        self.show()
        self._timer.start()

    def _look(self) -> None:
        self.bar.setValue(round(_STEPS * self._transfer.share))

    def _stop(self) -> None:
        self._transfer.stop()
        self.stop_button.setEnabled(False)
