"""Brightness, contrast, gamma, window, white balance and monochrome, with presets. GUI thread."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QPushButton, QVBoxLayout, QWidget

from desktop_app.domain.display_settings import DisplaySettings
from desktop_app.ui.color.number_row import NumberRow, NumberSpec
from desktop_app.ui.translation import marked, tr

ROWS = (
    NumberSpec("brightness", marked("Brightness"), -1.0, 1.0, 0.01, 0.0),
    NumberSpec("contrast", marked("Contrast"), -1.0, 1.0, 0.01, 0.0),
    NumberSpec("gamma", marked("Gamma"), 0.2, 5.0, 0.05, 1.0),
    NumberSpec("black", marked("Black at"), 0, 254, 1, 0, decimals=0),
    NumberSpec("white", marked("White at"), 1, 255, 1, 255, decimals=0),
)
WHOLE = frozenset({"black", "white"})


class ToneForm(QWidget):
    """The tone controls of one view's settings."""

    edited = Signal(object)
    """``DisplaySettings`` as the user wants them now."""

    white_asked = Signal()
    """The user wants to point at empty glass."""

    auto_asked = Signal()
    """Black and white shall be set from the histogram."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = DisplaySettings()
        self.rows = {spec.name: NumberRow(spec) for spec in ROWS}
        self.monochrome = QCheckBox(tr("Black and white"))
        self.pick_white = QPushButton(tr("Pick glass…"))
        self.clear_white = QPushButton(tr("As scanned"))
        self.auto = QPushButton(tr("Auto window"))
        self.reset = QPushButton(tr("Reset"))
        self._build()

    def show_settings(self, settings: DisplaySettings) -> None:
        """Show a view's settings."""
        self._settings = settings
        for name, row in self.rows.items():
            row.show_value(float(getattr(settings, name)))
        self.monochrome.blockSignals(True)
        self.monochrome.setChecked(settings.monochrome)
        self.monochrome.blockSignals(False)
        self.clear_white.setEnabled(settings.white_point is not None)
        self.reset.setEnabled(settings.is_toned or settings.monochrome)

    def set_brightfield(self, brightfield: bool) -> None:
        """Whether there is glass whose color could be made white."""
        for button in (self.pick_white, self.clear_white):
            button.setVisible(brightfield)

    def _build(self) -> None:
        self.pick_white.setToolTip(tr("Then click on empty glass: its color is shown as white."))
        self.clear_white.setToolTip(tr("The white balance of the scanner."))
        self.auto.setToolTip(tr("Black and white at the darkest and brightest 0.1 % of the view."))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for name, row in self.rows.items():
            row.changed.connect(lambda value, name=name: self._set(name, value))
            layout.addWidget(row)
        buttons = QGridLayout()
        buttons.addWidget(self.pick_white, 0, 0)
        buttons.addWidget(self.clear_white, 0, 1)
        buttons.addWidget(self.auto, 1, 0)
        buttons.addWidget(self.reset, 1, 1)
        layout.addLayout(buttons)
        layout.addWidget(self.monochrome)
        self.monochrome.toggled.connect(lambda on: self._change(monochrome=on))
        self.pick_white.clicked.connect(self.white_asked)
        self.auto.clicked.connect(self.auto_asked)
        self.clear_white.clicked.connect(lambda: self._change(white_point=None))
        self.reset.clicked.connect(self._reset)

    def _set(self, name: str, value: float) -> None:
        if name not in WHOLE:
            self._change(**{name: value})
        elif name == "black":
            black = round(value)
            self._change(black=black, white=max(self._settings.white, black + 1))
        else:
            white = round(value)
            self._change(white=white, black=min(self._settings.black, white - 1))

    def _reset(self) -> None:
        plain = DisplaySettings()
        names = (*self.rows, "white_point", "monochrome")
        self._change(**{name: getattr(plain, name) for name in names})

    def _change(self, **changes: Any) -> None:
        self.show_settings(replace(self._settings, **changes))
        self.edited.emit(self._settings)
