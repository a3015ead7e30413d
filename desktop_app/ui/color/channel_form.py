"""The channels of a fluorescence slide: shown or not, in which color, from which value to which.

GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QColorDialog, QDoubleSpinBox, QGridLayout, QLabel, QWidget

from desktop_app.domain.display_settings import ChannelDisplay
from desktop_app.domain.slide_info import Channel
from desktop_app.ui.color.swatch_button import SwatchButton
from desktop_app.ui.translation import as_data, tr


@dataclass(frozen=True, slots=True)
class _Row:
    shown: QCheckBox
    color: SwatchButton
    low: QDoubleSpinBox
    high: QDoubleSpinBox


class ChannelForm(QWidget):
    """One row for each channel."""

    edited = Signal(object)
    """``tuple[ChannelDisplay, ...]`` as the user wants them now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._displays: tuple[ChannelDisplay, ...] = ()
        self._names: tuple[str, ...] = ()
        self.rows: tuple[_Row, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)

    def show_channels(self, channels: Sequence[Channel], displays: Sequence[ChannelDisplay]) -> None:
        """Show a slide's channels, or nothing for a brightfield slide.

        Parameters
        ----------
        channels : Sequence[Channel]
            What the slide has.
        displays : Sequence[ChannelDisplay]
            How they are shown; as many.
        """
        names = tuple(channel.name for channel in channels)
        if names != self._names:
            self._names = names
            self._make_rows(channels)
        self._displays = tuple(displays)
        for row, display in zip(self.rows, self._displays, strict=True):
            _show(row, display)

    def _make_rows(self, channels: Sequence[Channel]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for column, text in enumerate((tr("Channel"), tr("Color"), tr("Black at"), tr("Full at"))):
            label = QLabel(text)
            label.setObjectName("faint")
            self._grid.addWidget(label, 0, column)
        self.rows = tuple(self._make_row(index, channel) for index, channel in enumerate(channels))

    def _make_row(self, index: int, channel: Channel) -> _Row:
        row = _Row(
            as_data(QCheckBox(channel.name)), SwatchButton(numbers=False), QDoubleSpinBox(), QDoubleSpinBox()
        )
        for field in (row.low, row.high):
            field.setRange(0, channel.largest)
            field.setDecimals(0)
            field.setKeyboardTracking(False)
            field.setSingleStep(max(1, channel.largest // 256))
        row.color.setAccessibleName(tr("Color of {channel}", channel=channel.name))
        row.low.setAccessibleName(tr("{channel} black at", channel=channel.name))
        row.high.setAccessibleName(tr("{channel} full at", channel=channel.name))
        row.shown.toggled.connect(lambda on: self._change(index, visible=on))
        row.color.clicked.connect(lambda: self._choose_color(index))
        row.low.valueChanged.connect(lambda value: self._take_low(index, value))
        row.high.valueChanged.connect(lambda value: self._take_high(index, value))
        for column, widget in enumerate((row.shown, row.color, row.low, row.high)):
            self._grid.addWidget(widget, index + 1, column)
        return row

    def _take_low(self, index: int, low: float) -> None:
        self._change(index, low=low, high=max(self._displays[index].high, low + 1))

    def _take_high(self, index: int, high: float) -> None:
        high = max(high, 1.0)
        self._change(index, high=high, low=min(self._displays[index].low, high - 1))

    def _choose_color(self, index: int) -> None:
        old = QColor(*self._displays[index].color)
        color = QColorDialog.getColor(old, self, tr("Color of {channel}", channel=self._names[index]))
        if color.isValid():
            self._change(index, color=(color.red(), color.green(), color.blue()))

    def _change(self, index: int, **changes: object) -> None:
        changed = replace(self._displays[index], **changes)  # type: ignore[arg-type]
        self._displays = (*self._displays[:index], changed, *self._displays[index + 1 :])
        _show(self.rows[index], changed)
        self.edited.emit(self._displays)


def _show(row: _Row, display: ChannelDisplay) -> None:
    for widget in (row.shown, row.low, row.high):
        widget.blockSignals(True)
    row.shown.setChecked(display.visible)
    row.low.setValue(display.low)
    row.high.setValue(display.high)
    for widget in (row.shown, row.low, row.high):
        widget.blockSignals(False)
    row.color.set_color(display.color)
