"""What the ROI tool makes: its shape, the size of one set by a click, and how far it counts as annotated.

Every change is taken at once, so that the outline under the mouse shows it. GUI thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.roi_stamps import StampShape, StampUnit
from desktop_app.storage.drawing_settings import RANGES, DrawingSettings, RoiShape
from desktop_app.ui.dialogs.param_form import NumberBox
from desktop_app.ui.translation import marked, tr

SHAPES: dict[RoiShape, str] = {
    "rectangle": marked("Draw a rectangle"),
    "ellipse": marked("Draw an ellipse"),
    "polygon": marked("Draw a polygon"),
    "stamp": marked("Set at a fixed size by one click"),
}
STATES = (
    (False, marked("Open: what is not annotated is unknown")),
    (True, marked("Exhaustive: what is not annotated is background")),
)
UNITS: dict[StampUnit, str] = {
    "um": marked("Width and height in µm"),
    "mm2": marked("Area in mm²"),
    "px": marked("Pixels at a resolution"),
}
STAMPS: dict[StampShape, str] = {
    "rectangle": marked("Rectangle or square"),
    "ellipse": marked("Ellipse or circle"),
}


class RoiOptionsDialog(QDialog):
    """One small form.

    Parameters
    ----------
    settings : DrawingSettings
        The present choices.

    Notes
    -----
    ``changed(DrawingSettings)`` follows every change.
    """

    changed = Signal(object)

    def __init__(self, settings: DrawingSettings, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("ROI options"))
        self._settings = settings
        self.shape_box = _choices(SHAPES.items(), settings.roi_shape)
        self.state_box = _choices(STATES, settings.roi_exhaustive)
        self.stamp_box = _choices(STAMPS.items(), settings.stamp_shape)
        self.unit_box = _choices(UNITS.items(), settings.stamp_unit)
        self.width_box = _number("stamp_width", settings.stamp_width)
        self.height_box = _number("stamp_height", settings.stamp_height)
        self.area_box = _number("stamp_area_mm2", settings.stamp_area_mm2)
        self.mpp_box = _number("stamp_mpp", settings.stamp_mpp)
        self.area_box.setSuffix(tr(" mm²"))
        self.mpp_box.setSuffix(tr(" µm per pixel"))
        self._build_layout()
        self._build_connections()
        self._follow_unit()

    def _build_layout(self) -> None:
        form = QFormLayout()
        form.addRow(tr("How it is made"), self.shape_box)
        form.addRow(tr("Annotated"), self.state_box)
        self._fixed = QGroupBox(tr("Fixed size"))
        self._size_form = QFormLayout(self._fixed)
        self._sides = _side_by_side(self.width_box, QLabel("×"), self.height_box)
        self._size_form.addRow(tr("Shape"), self.stamp_box)
        self._size_form.addRow(tr("Size given as"), self.unit_box)
        self._size_form.addRow(tr("Width × height"), self._sides)
        self._size_form.addRow(tr("Area"), self.area_box)
        self._size_form.addRow(tr("Resolution"), self.mpp_box)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._fixed)
        layout.addWidget(buttons)
        names = {
            self.shape_box: tr("How it is made"),
            self.state_box: tr("Annotated"),
            self.stamp_box: tr("Shape"),
            self.unit_box: tr("Size given as"),
            self.width_box: tr("Width"),
            self.height_box: tr("Height"),
            self.area_box: tr("Area"),
            self.mpp_box: tr("Resolution"),
        }
        for widget, name in names.items():
            widget.setAccessibleName(name)

    def _build_connections(self) -> None:
        for choice in (self.shape_box, self.state_box, self.stamp_box, self.unit_box):
            choice.activated.connect(self._take)
        for number in (self.width_box, self.height_box, self.area_box, self.mpp_box):
            number.valueChanged.connect(self._take)

    def _take(self) -> None:
        """Tell of what the form says now."""
        self._settings = replace(
            self._settings,
            roi_shape=self.shape_box.currentData(),
            roi_exhaustive=self.state_box.currentData(),
            stamp_shape=self.stamp_box.currentData(),
            stamp_unit=self.unit_box.currentData(),
            stamp_width=self.width_box.value(),
            stamp_height=self.height_box.value(),
            stamp_area_mm2=self.area_box.value(),
            stamp_mpp=self.mpp_box.value(),
        )
        self._follow_unit()
        self.changed.emit(self._settings)

    def _follow_unit(self) -> None:
        """Show the rows that mean something."""
        unit = self._settings.stamp_unit
        self._fixed.setEnabled(self._settings.roi_shape == "stamp")
        self._size_form.setRowVisible(self._sides, unit != "mm2")
        self._size_form.setRowVisible(self.area_box, unit == "mm2")
        self._size_form.setRowVisible(self.mpp_box, unit == "px")
        for box in (self.width_box, self.height_box):
            box.setSuffix(tr(" µm") if unit == "um" else tr(" px"))


def _choices(entries: Iterable[tuple[object, str]], chosen: object) -> QComboBox:
    box = QComboBox()
    for value, text in entries:
        box.addItem(tr(text), value)
    box.setCurrentIndex(box.findData(chosen))
    return box


def _number(name: str, value: float) -> NumberBox:
    box = NumberBox()
    box.setRange(*RANGES[name])
    box.setValue(value)
    return box


def _side_by_side(*widgets: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    return row
