"""The stain view: which stain is shown, and the vectors that part the stains. GUI thread."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import Literal, TypeAlias

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.display_settings import (
    DAB,
    EOSIN,
    HEMATOXYLIN,
    DisplaySettings,
    Stains,
    StainVector,
    StainView,
)
from desktop_app.ui.color.swatch_button import SwatchButton
from desktop_app.ui.translation import marked, tr

StainSource: TypeAlias = Literal["slide", "view", "selection"]

KINDS = (
    (marked("Hematoxylin and eosin"), ("Hematoxylin", "Eosin"), (HEMATOXYLIN, EOSIN)),
    (marked("Hematoxylin and DAB"), ("Hematoxylin", "DAB"), (HEMATOXYLIN, DAB)),
)
VIEWS: tuple[tuple[StainView, str], ...] = (
    ("off", marked("Off")),
    ("first", "{first}"),
    ("second", "{second}"),
    ("residual", marked("Residual")),
    ("false_color", marked("False colors")),
)
SOURCES: tuple[tuple[StainSource, str, str], ...] = (
    ("slide", marked("Slide"), marked("Estimate the stains from tissue all over the slide")),
    ("view", marked("View"), marked("Estimate the stains from what is in view")),
    ("selection", marked("Selection"), marked("Estimate the stains from the selected annotations")),
)
FIELD_WIDTH = 52
LEAST_LENGTH, SHOWN_DIGITS = 1e-3, 6e-4


class StainForm(QWidget):
    """The stain controls of one view's settings."""

    edited = Signal(object)
    """``DisplaySettings`` as the user wants them now."""

    estimate_asked = Signal(str)
    """A ``StainSource`` to estimate the vectors from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = DisplaySettings()
        self.view = QComboBox()
        self.kind = QComboBox()
        self.names = (QLineEdit(), QLineEdit())
        self.vectors = tuple(tuple(QDoubleSpinBox() for _ in range(3)) for _ in range(2))
        self.background = SwatchButton()
        self.estimates = {source: QPushButton(tr(text)) for source, text, _ in SOURCES}
        self._build()

    def show_settings(self, settings: DisplaySettings) -> None:
        """Show a view's settings."""
        self._settings = settings
        stains = settings.stains
        widgets = (self.view, self.kind, *self.names, *self.vectors[0], *self.vectors[1])
        for widget in widgets:
            widget.blockSignals(True)
        for index, (_, text) in enumerate(VIEWS):
            first, second = stains.names
            self.view.setItemText(index, tr(text).replace("{first}", first).replace("{second}", second))
        self.view.setCurrentIndex([view for view, _ in VIEWS].index(settings.stain_view))
        self.kind.setCurrentIndex(_kind_of(stains))
        for line, name, fields, vector in zip(
            self.names, stains.names, self.vectors, stains.vectors, strict=True
        ):
            line.setText(name)
            for field, value in zip(fields, vector, strict=True):
                field.setValue(value)
        for widget in widgets:
            widget.blockSignals(False)
        self.background.set_color(stains.background)

    def set_estimating(self, busy: bool) -> None:
        """Whether an estimate is under way."""
        for button in self.estimates.values():
            button.setEnabled(not busy)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.view.addItems([""] * len(VIEWS))
        self.view.setAccessibleName(tr("Stain shown"))
        self.kind.addItems([tr(text) for text, _, _ in KINDS] + [tr("Own vectors")])
        self.kind.setAccessibleName(tr("Stains"))
        for text, widget in ((tr("Show"), self.view), (tr("Stains"), self.kind)):
            line = QHBoxLayout()
            label = QLabel(text)
            label.setFixedWidth(64)
            line.addWidget(label)
            line.addWidget(widget, 1)
            layout.addLayout(line)
        layout.addLayout(self._build_vectors())
        layout.addWidget(QLabel(tr("Estimate the vectors from")))
        layout.addLayout(self._build_estimates())
        self.view.currentIndexChanged.connect(lambda index: self._change(stain_view=VIEWS[index][0]))
        self.kind.currentIndexChanged.connect(self._take_kind)

    def _build_vectors(self) -> QGridLayout:
        grid = QGridLayout()
        colors = (tr("red"), tr("green"), tr("blue"))
        for column, text in enumerate((tr("Optical density of"), *colors)):
            label = QLabel(text)
            label.setObjectName("faint")
            grid.addWidget(label, 0, column)
        for row, (line, fields) in enumerate(zip(self.names, self.vectors, strict=True), start=1):
            line.setAccessibleName(tr("Name of stain {number}", number=row))
            line.setMinimumWidth(70)
            line.editingFinished.connect(self._take_vectors)
            grid.addWidget(line, row, 0)
            for column, field in enumerate(fields, start=1):
                field.setRange(-1.0, 1.0)
                field.setDecimals(3)
                field.setSingleStep(0.01)
                field.setKeyboardTracking(False)
                field.setFixedWidth(FIELD_WIDTH)
                field.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
                field.setAccessibleName(tr("Stain {number}, {color}", number=row, color=colors[column - 1]))
                field.valueChanged.connect(self._take_vectors)
                grid.addWidget(field, row, column)
        label = QLabel(tr("Empty glass"))
        grid.addWidget(label, 3, 0)
        self.background.setAccessibleName(tr("Color of empty glass"))
        self.background.clicked.connect(self._choose_background)
        grid.addWidget(self.background, 3, 1, 1, 3)
        return grid

    def _build_estimates(self) -> QHBoxLayout:
        line = QHBoxLayout()
        for source, _, tip in SOURCES:
            button = self.estimates[source]
            button.setToolTip(tr(tip))
            button.setAccessibleName(tr(tip))
            button.clicked.connect(lambda _checked=False, source=source: self.estimate_asked.emit(source))
            line.addWidget(button)
        return line

    def _take_kind(self, index: int) -> None:
        if index < len(KINDS):
            _, names, vectors = KINDS[index]
            self._change(stains=replace(self._settings.stains, names=names, vectors=vectors))

    def _take_vectors(self, _value: object = None) -> None:
        old = self._settings.stains
        first, second = (
            _typed([field.value() for field in fields], vector)
            for fields, vector in zip(self.vectors, old.vectors, strict=True)
        )
        if first is None or second is None:
            return
        name, other = (line.text().strip() or kept for line, kept in zip(self.names, old.names, strict=True))
        stains = Stains((name, other), (first, second), old.background)
        if stains != old:
            self._change(stains=stains)

    def _choose_background(self) -> None:
        color = QColorDialog.getColor(
            QColor(*self._settings.stains.background), self, tr("Color of empty glass")
        )
        if color.isValid():
            background = (color.red(), color.green(), color.blue())
            self._change(stains=replace(self._settings.stains, background=background))

    def _change(self, **changes: object) -> None:
        self.show_settings(replace(self._settings, **changes))  # type: ignore[arg-type]
        self.edited.emit(self._settings)


def _kind_of(stains: Stains) -> int:
    for index, (_, _, vectors) in enumerate(KINDS):
        pairs = zip(chain(*stains.vectors), chain(*vectors), strict=True)
        if all(abs(value - known) < SHOWN_DIGITS for value, known in pairs):
            return index
    return len(KINDS)


def _typed(values: list[float], shown: StainVector) -> StainVector | None:
    """What fields say, at length 1: the vector shown where nobody changed it, None for no direction."""
    if all(abs(value - old) < SHOWN_DIGITS for value, old in zip(values, shown, strict=True)):
        return shown
    length = sum(value * value for value in values) ** 0.5
    if length < LEAST_LENGTH:
        return None
    red, green, blue = (value / length for value in values)
    return red, green, blue
