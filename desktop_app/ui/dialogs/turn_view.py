"""Turning the slide to an exact angle, seen while it is chosen."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.ui.canvas import SlideCanvas
from desktop_app.ui.dialogs.param_form import NumberBox
from desktop_app.ui.translation import tr


class TurnViewDialog(QDialog):
    """Angle and mirror of one view; Cancel puts it back.

    Parameters
    ----------
    canvas : SlideCanvas
        The view.
    """

    def __init__(self, canvas: SlideCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._before = canvas.mover.target
        self.setWindowTitle(tr("Turn the slide"))
        self.angle_box = NumberBox()
        self.angle_box.setRange(-360.0, 360.0)
        self.angle_box.setSingleStep(1.0)
        self.angle_box.setSuffix("°")
        self.angle_box.setValue(round(self._before.rotation_deg, 2))
        self.mirror_box = QCheckBox(tr("Mirrored, left and right exchanged before it is turned"))
        self.mirror_box.setChecked(self._before.mirrored)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.Reset
        )
        self._build_layout()
        self._build_connections()
        self.angle_box.setFocus()
        self.angle_box.selectAll()

    def _build_layout(self) -> None:
        form = QFormLayout()
        form.addRow(tr("Clockwise by"), self.angle_box)
        hint = QLabel(tr("On the slide: hold Ctrl and Alt, and drag."))
        hint.setObjectName("faint")
        reset = self._buttons.button(QDialogButtonBox.StandardButton.Reset)
        reset.setText(tr("As scanned"))
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.mirror_box)
        layout.addWidget(hint)
        layout.addWidget(self._buttons)

    def _build_connections(self) -> None:
        self.angle_box.valueChanged.connect(self._turn)
        self.mirror_box.toggled.connect(self._turn)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._buttons.button(QDialogButtonBox.StandardButton.Reset).clicked.connect(self._reset)
        self.rejected.connect(self._put_back)

    def _turn(self) -> None:
        self._canvas.turn_to(self.angle_box.value(), mirrored=self.mirror_box.isChecked())

    def _reset(self) -> None:
        self.angle_box.setValue(0.0)
        self.mirror_box.setChecked(False)

    def _put_back(self) -> None:
        self._canvas.turn_to(self._before.rotation_deg, mirrored=self._before.mirrored)
