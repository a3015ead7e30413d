"""What the window shows before a slide is open: how to open one, and the latest ones. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QCommandLinkButton, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.ui.translation import as_data, tr

SHOWN = 6


class StartPage(QWidget):
    """A welcome with one button and the recent slides.

    Notes
    -----
    ``opened(Path)`` is emitted when a recent slide is clicked.
    """

    opened = Signal(object)

    def __init__(self, icon: QIcon, open_slide: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        picture = QLabel()
        picture.setPixmap(icon.pixmap(96, 96))
        title = QLabel(tr("Coverslip"))
        title.setObjectName("title")
        hint = QLabel(tr("Open a slide, or drop one here."))
        hint.setObjectName("faint")
        self._hidden = QLabel(tr("Privacy mode: the latest slides are not listed."))
        self._hidden.setObjectName("faint")
        self.open_button = QPushButton(tr("Open slide…"))
        self.open_button.setDefault(True)
        self.open_button.setMinimumWidth(180)
        self.open_button.clicked.connect(open_slide)
        # It shares its place with the slides, which must not need its width on a small screen.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QVBoxLayout(self)
        layout.addStretch(3)
        for widget in (picture, title, hint):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(10)
        layout.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(18)
        layout.addWidget(self._hidden, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addLayout(self._recent)
        layout.addStretch(4)

    def show_recent(self, paths: Sequence[Path], *, hidden: bool = False) -> None:
        """List the latest slides, or say that their names are hidden."""
        self._hidden.setVisible(hidden)
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for path in list(paths)[:SHOWN]:
            button = QCommandLinkButton(path.name, str(path.parent))
            button.setIcon(QIcon())
            as_data(button)
            button.setFixedWidth(440)
            button.clicked.connect(partial(self.opened.emit, path))
            self._recent.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
