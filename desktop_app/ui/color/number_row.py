"""A number with a name, a slider and a field, for the forms of the color panel. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QSlider, QWidget

from desktop_app.ui.translation import tr

LABEL_WIDTH, FIELD_WIDTH = 84, 72


@dataclass(frozen=True, slots=True)
class NumberSpec:
    """What a row is for.

    Attributes
    ----------
    name : str
        The member of ``DisplaySettings`` it shows.
    label : str
        In English.
    minimum, maximum, step : float
        Inclusive range, and what one step of slider or wheel changes.
    plain : float
        The value that changes nothing; a double click on the name goes there.
    decimals : int
        Shown in the field.
    """

    name: str
    label: str
    minimum: float
    maximum: float
    step: float
    plain: float
    decimals: int = 2


class NumberRow(QWidget):
    """One number.

    Parameters
    ----------
    spec : NumberSpec
        Name and range.
    """

    changed = Signal(float)
    """The user chose another value."""

    def __init__(self, spec: NumberSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.field = QDoubleSpinBox()
        self._build()

    @property
    def value(self) -> float:
        """What is shown."""
        return self.field.value()

    def show_value(self, value: float) -> None:
        """Show a value without telling that it changed."""
        for widget in (self.field, self.slider):
            widget.blockSignals(True)
        self.field.setValue(value)
        self.slider.setValue(self._place(value))
        for widget in (self.field, self.slider):
            widget.blockSignals(False)

    def _build(self) -> None:
        spec, name = self.spec, tr(self.spec.label)
        label = _NameLabel(name, self._reset)
        label.setToolTip(tr("Double click sets it back to {value}", value=f"{spec.plain:g}"))
        self.slider.setRange(0, self._place(spec.maximum))
        self.slider.setAccessibleName(name)
        self.field.setRange(spec.minimum, spec.maximum)
        self.field.setSingleStep(spec.step)
        self.field.setDecimals(spec.decimals)
        self.field.setFixedWidth(FIELD_WIDTH)
        self.field.setKeyboardTracking(False)
        self.field.setAccessibleName(name)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (label, self.slider, self.field):
            layout.addWidget(widget)
        self.slider.valueChanged.connect(self._slid)
        self.field.valueChanged.connect(self._typed)
        self.show_value(spec.plain)

    def _place(self, value: float) -> int:
        return round((value - self.spec.minimum) / self.spec.step)

    def _slid(self, place: int) -> None:
        self._choose(self.spec.minimum + place * self.spec.step)

    def _typed(self, value: float) -> None:
        self._choose(value)

    def _reset(self) -> None:
        self._choose(self.spec.plain)

    def _choose(self, value: float) -> None:
        self.show_value(value)
        self.changed.emit(self.value)


class _NameLabel(QLabel):
    """A name that answers to a double click."""

    def __init__(self, text: str, on_double_click: object) -> None:
        super().__init__(text)
        self._on_double_click = on_double_click
        self.setMinimumWidth(LABEL_WIDTH)

    def mouseDoubleClickEvent(self, event: object) -> None:
        """Set the value back."""
        assert callable(self._on_double_click)
        self._on_double_click()
