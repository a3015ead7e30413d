"""Going to a position that is known by its numbers."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.position_text import MICROMETRES, UNITS, Position, Unit
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.domain.viewport import Point
from desktop_app.ui.translation import as_data, tr


class GoToDialog(QDialog):
    """One line for two numbers, and their unit.

    Parameters
    ----------
    info : SlideInfo
        The slide.
    here : Point
        Level-0 pixels in the middle of the view; what the line says at first.

    Notes
    -----
    ``chosen(Point)`` is emitted with level-0 pixels when the user accepts a place on the slide.
    """

    chosen = Signal(object)

    def __init__(self, info: SlideInfo, here: Point, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._info = info
        self._shown_unit: Unit = "px"
        self.setWindowTitle(tr("Go to position"))
        self.position_line = QLineEdit(position_text(here, "px", info))
        self.unit_box = QComboBox()
        self.problem = QLabel()
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._build_layout()
        self._buttons.accepted.connect(self._accept)
        self._buttons.rejected.connect(self.reject)
        self.position_line.textEdited.connect(self._forgive)
        self.unit_box.currentTextChanged.connect(self._convert)
        self.position_line.setFocus()
        self.position_line.selectAll()

    def _build_layout(self) -> None:
        self.position_line.setAccessibleName(tr("Position"))
        self.position_line.setMinimumWidth(300)
        self.unit_box.setAccessibleName(tr("Unit"))
        as_data(self.unit_box).addItems(UNITS if self._info.mpp is not None else ["px"])
        hint = QLabel(tr("Right and down from the slide's top left corner, for example 1.2, 3.4 mm"))
        hint.setObjectName("faint")
        hint.setWordWrap(True)
        self.problem.setObjectName("problem")
        self.problem.setWordWrap(True)
        self.problem.hide()
        ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setText(tr("Go there"))
        row = QHBoxLayout()
        row.addWidget(self.position_line, 1)
        row.addWidget(self.unit_box)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        layout.addWidget(hint)
        layout.addWidget(self.problem)
        layout.addWidget(self._buttons)

    @property
    def _unit(self) -> Unit:
        return next(unit for unit in UNITS if unit == self.unit_box.currentText())

    def _convert(self) -> None:
        """The same place in the unit just chosen."""
        position = Position.read(self.position_line.text())
        point = None if position is None else position.in_pixels(self._shown_unit, self._info.mpp)
        self._shown_unit = self._unit
        if point is not None:
            self.position_line.setText(position_text(point, self._unit, self._info))
        self._forgive()

    def _accept(self) -> None:
        position = Position.read(self.position_line.text())
        point = None if position is None else position.in_pixels(self._unit, self._info.mpp)
        if position is None:
            self._refuse(tr("That is no position. Type two numbers, as in 12345, 678 px or 1.2, 3.4 mm."))
        elif point is None:
            self._refuse(tr("The slide's pixel size is not known; give the position in pixels (px)."))
        elif not all(0 <= at <= side for at, side in zip(point, self._info.size, strict=True)):
            unit = position.unit or self._unit
            right, bottom = self._info.size
            end = position_text((float(right), float(bottom)), unit, self._info)
            self._refuse(tr("That is not on the slide, which ends at {end} {unit}.", end=end, unit=unit))
        else:
            self.accept()
            self.chosen.emit(point)

    def _forgive(self) -> None:
        self.problem.hide()
        self._fit_height()

    def _fit_height(self) -> None:
        # A wrapped sentence that comes and goes is no part of a dialog's size by itself.
        self.resize(self.width(), self.heightForWidth(self.width()))

    def _refuse(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.show()
        self._fit_height()
        self.position_line.setFocus()
        self.position_line.selectAll()


def position_text(point: Point, unit: Unit, info: SlideInfo) -> str:
    """A level-0 position in a unit, without the unit: ``12345, 678``."""
    if unit == "px" or info.mpp is None:
        return f"{round(point[0])}, {round(point[1])}"
    digits = 1 if unit == "µm" else 4
    x, y = (at * mpp / MICROMETRES[unit] for at, mpp in zip(point, info.mpp, strict=True))
    return f"{x:.{digits}f}, {y:.{digits}f}"
