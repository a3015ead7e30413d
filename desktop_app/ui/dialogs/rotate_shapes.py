"""Turning what is selected by an exact angle."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.ui.dialogs.param_form import NumberBox
from desktop_app.ui.translation import tr

QUARTER = 90.0


class RotateShapesDialog(QDialog):
    """Asks for an angle.

    Notes
    -----
    ``chosen(float)`` has it, in degrees clockwise on the slide.
    """

    chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Rotate"))
        self.angle_box = NumberBox()
        self.angle_box.setRange(-360.0, 360.0)
        self.angle_box.setSingleStep(1.0)
        self.angle_box.setSuffix("°")
        self.angle_box.setValue(QUARTER)
        self._build_layout()
        self.angle_box.setFocus()
        self.angle_box.selectAll()

    def _build_layout(self) -> None:
        form = QFormLayout()
        form.addRow(tr("Clockwise by"), self.angle_box)
        hint = QLabel(
            tr("Each shape turns about its own middle. A rectangle or an ellipse becomes a polygon by it.")
        )
        hint.setObjectName("faint")
        hint.setWordWrap(True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.accepted.connect(lambda: self.chosen.emit(self.angle_box.value()))
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(hint)
        layout.addWidget(buttons)
