"""A form made from a plugin's parameters: presets, then a row each with unit, range and a way to the default.

The manifest's ``ParamSpec`` is all it knows; no plugin code is loaded to show it. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from desktop_app.errors import PluginError
from desktop_app.plugin_api.manifest import ParamSpec, ParamValue, Preset
from desktop_app.plugin_host.parameters import check_value
from desktop_app.ui.translation import tr

UNBOUNDED = 2_000_000_000


class NumberBox(QDoubleSpinBox):
    """A spin box that shows 0.5 as 0.5 and not as 0.500000, in any locale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLocale(QLocale.c())
        self.setDecimals(6)
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)

    def textFromValue(self, value: float) -> str:
        """The shortest text of a number."""
        return f"{value:.8g}"


class ParamForm(QWidget):
    """Rows for parameters.

    Parameters
    ----------
    specs : tuple[ParamSpec, ...]
        One row each.
    values : Mapping[str, Any]
        What to begin with; defaults where it says nothing.
    presets : tuple[Preset, ...]
        Offered above the rows; choosing one sets all of them.

    Notes
    -----
    ``changed()`` is emitted with every change of a value.
    """

    changed = Signal()

    def __init__(
        self, specs: tuple[ParamSpec, ...], values: Mapping[str, Any], presets: tuple[Preset, ...] = ()
    ) -> None:
        super().__init__()
        self._specs = specs
        self._presets = presets
        self._given = frozenset(values)
        self._editors: dict[str, QWidget] = {}
        self._resets: dict[str, QPushButton] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self.preset_box = QComboBox(self)
        self.preset_box.setVisible(bool(presets))
        self.reset_all = QPushButton(tr("Reset all"), self)
        self.reset_all.setVisible(bool(specs))
        if specs:
            self._build_head()
        for row, spec in enumerate(specs, start=1):
            self._build_row(row, spec, values.get(spec.name, spec.default))
        self._grid.setRowStretch(len(specs) + 1, 1)
        self._show_preset()

    def values(self) -> dict[str, ParamValue]:
        """What a recipe should carry: values that differ from their default, and those it carried before."""
        current = {spec.name: _value(self._editors[spec.name]) for spec in self._specs}
        return {
            spec.name: current[spec.name]
            for spec in self._specs
            if spec.name in self._given or current[spec.name] != spec.default
        }

    def differing(self) -> dict[str, ParamValue]:
        """The values that differ from their defaults."""
        current = {spec.name: _value(self._editors[spec.name]) for spec in self._specs}
        return {spec.name: current[spec.name] for spec in self._specs if current[spec.name] != spec.default}

    def editor(self, name: str) -> QWidget:
        """The widget that edits a parameter."""
        return self._editors[name]

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Set every row: to a value of ``values``, or to its default."""
        for spec in self._specs:
            _set_value(self._editors[spec.name], values.get(spec.name, spec.default))

    def _build_head(self) -> None:
        self.reset_all.setToolTip(tr("Every value back to its default"))
        self.reset_all.clicked.connect(lambda: self.set_values({}))
        self._grid.addWidget(self.reset_all, 0, 2)
        if not self._presets:
            return
        self.preset_box.setAccessibleName(tr("Preset"))
        self.preset_box.addItem(tr("Defaults"), {})
        for preset in self._presets:
            self.preset_box.addItem(tr(preset.name), dict(preset.values))
        self.preset_box.addItem(tr("Own values"), None)
        self.preset_box.activated.connect(self._choose_preset)
        label = QLabel(tr("Preset"))
        label.setBuddy(self.preset_box)
        self._grid.addWidget(label, 0, 0)
        self._grid.addWidget(self.preset_box, 0, 1)

    def _choose_preset(self, index: int) -> None:
        values = self.preset_box.itemData(index)
        if values is not None:
            self.set_values(values)
        self._show_preset()

    def _show_preset(self) -> None:
        """Show which preset the values are, and whether there is anything to reset."""
        current = {spec.name: _value(self._editors[spec.name]) for spec in self._specs}
        defaults = {spec.name: spec.default for spec in self._specs}
        self.reset_all.setEnabled(current != defaults)
        for index in range(self.preset_box.count()):
            values = self.preset_box.itemData(index)
            if values is None or {**defaults, **values} == current:
                self.preset_box.setCurrentIndex(index)
                return

    def _build_row(self, row: int, spec: ParamSpec, value: Any) -> None:
        label = QLabel(tr(spec.label))
        editor = _editor(spec, value, partial(self._value_changed, spec))
        editor.setToolTip(describe(spec))
        editor.setAccessibleName(tr(spec.label))
        label.setBuddy(editor)
        label.setToolTip(describe(spec))
        reset = QPushButton(tr("Reset"))
        reset.setToolTip(tr("Back to the default, {value}", value=_shown(spec.default)))
        reset.clicked.connect(partial(self._reset, spec))
        # Hidden where there is nothing to go back to, without the row moving when it appears.
        policy = reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        reset.setSizePolicy(policy)
        self._editors[spec.name], self._resets[spec.name] = editor, reset
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(editor, row, 1)
        self._grid.addWidget(reset, row, 2)
        reset.setVisible(value != spec.default)

    def _reset(self, spec: ParamSpec) -> None:
        _set_value(self._editors[spec.name], spec.default)

    def _value_changed(self, spec: ParamSpec) -> None:
        self._resets[spec.name].setVisible(_value(self._editors[spec.name]) != spec.default)
        self._show_preset()
        self.changed.emit()


def usable_values(specs: tuple[ParamSpec, ...], values: Mapping[str, Any]) -> dict[str, ParamValue]:
    """Remembered values that a plugin's present parameters allow; an update may have narrowed a range."""
    kept = {}
    for spec in specs:
        if spec.name in values:
            try:
                kept[spec.name] = check_value("", spec, values[spec.name])
            except PluginError:
                continue
    return kept


def describe(spec: ParamSpec) -> str:
    """Help, range and default of a parameter, for its tooltip."""
    lines = [tr(spec.help)] if spec.help else []
    unit = f" {spec.unit}" if spec.unit else ""
    if spec.minimum is not None and spec.maximum is not None:
        lines.append(
            tr("From {low} to {high}{unit}", low=f"{spec.minimum:g}", high=f"{spec.maximum:g}", unit=unit)
        )
    elif spec.minimum is not None:
        lines.append(tr("At least {low}{unit}", low=f"{spec.minimum:g}", unit=unit))
    elif spec.maximum is not None:
        lines.append(tr("At most {high}{unit}", high=f"{spec.maximum:g}", unit=unit))
    lines.append(tr("Default: {value}{unit}", value=_shown(spec.default), unit=unit))
    return "\n".join(lines)


def _shown(value: ParamValue) -> str:
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _editor(spec: ParamSpec, value: Any, changed: Callable[[], None]) -> QWidget:
    if spec.type == "bool":
        check = QCheckBox()
        check.setChecked(bool(value))
        check.toggled.connect(lambda _checked: changed())
        return check
    if spec.type == "choice":
        combo = QComboBox()
        for choice in spec.choices:
            combo.addItem(tr(choice), choice)
        combo.setCurrentIndex(max(0, combo.findData(value)))
        combo.currentIndexChanged.connect(lambda _index: changed())
        return combo
    if spec.type == "text":
        line = QLineEdit(str(value))
        line.textChanged.connect(lambda _text: changed())
        return line
    return _number_editor(spec, value, changed)


def _number_editor(spec: ParamSpec, value: Any, changed: Callable[[], None]) -> QWidget:
    low = -UNBOUNDED if spec.minimum is None else spec.minimum
    high = UNBOUNDED if spec.maximum is None else spec.maximum
    box: QSpinBox | NumberBox
    if spec.type == "int":
        box = QSpinBox()
        box.setRange(int(low), int(high))
        box.setValue(int(value))
    else:
        box = NumberBox()
        box.setRange(low, high)
        box.setValue(float(value))
    if spec.unit:
        box.setSuffix(f" {spec.unit}")
    box.valueChanged.connect(lambda _value: changed())
    return box


def _value(editor: QWidget) -> ParamValue:
    if isinstance(editor, QCheckBox):
        return editor.isChecked()
    if isinstance(editor, QComboBox):
        return str(editor.currentData())
    if isinstance(editor, QLineEdit):
        return editor.text()
    if isinstance(editor, QSpinBox):
        return editor.value()
    assert isinstance(editor, NumberBox)
    return editor.value()


def _set_value(editor: QWidget, value: Any) -> None:
    if isinstance(editor, QCheckBox):
        editor.setChecked(value)
    elif isinstance(editor, QComboBox):
        editor.setCurrentIndex(editor.findData(value))
    elif isinstance(editor, QLineEdit):
        editor.setText(value)
    elif isinstance(editor, QSpinBox | NumberBox):
        editor.setValue(value)
