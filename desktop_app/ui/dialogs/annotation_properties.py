"""The dialog of what is known of one or several annotations, and what a person can change of it.

Of several objects only what all have in common is shown; what is not touched stays in each as it is. GUI
thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.annotation import AREA_KINDS, Annotation, Color
from desktop_app.domain.annotation_metadata import description_of
from desktop_app.domain.annotation_properties import KEPT, Kept, PropertyEdit, common
from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.domain.slide_info import Mpp
from desktop_app.ui.color.swatch_button import SwatchButton
from desktop_app.ui.dialogs.metadata_table import MeasurementTable, MetadataTable
from desktop_app.ui.models.annotation_table import KINDS
from desktop_app.ui.translation import as_data, marked, tr

Value = TypeVar("Value")

ROI_STATES = (
    (None, marked("No ROI")),
    ("open", marked("ROI, still being annotated")),
    ("exhaustive", marked("ROI, exhaustively annotated")),
)
DESCRIPTION_LINES = 4
LEAST_WIDTH = 460
"""Logical pixels."""


class AnnotationPropertiesDialog(QDialog):
    """Name, class, text, color, lock, hide, ROI, metadata, measurements.

    Parameters
    ----------
    annotations : Sequence[Annotation]
        One or more.
    snapshot : AnnotationSnapshot
        What they are in; it gives classes and colors.
    mpp : Mpp | None
        The slide's pixel size, for areas and lengths.

    Notes
    -----
    ``chosen(PropertyEdit)`` is emitted when the user accepts; it says only what was changed.
    """

    chosen = Signal(object)

    def __init__(
        self,
        annotations: Sequence[Annotation],
        snapshot: AnnotationSnapshot,
        *,
        mpp: Mpp | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Properties"))
        self._annotations = tuple(annotations)
        self._color: Color | Kept | None = common(found.color for found in annotations)
        self._build_texts()
        self._build_class(snapshot)
        self._build_color(snapshot)
        self._build_states()
        self.metadata = MetadataTable(self._annotations)
        self.measurements = MeasurementTable(self._annotations, mpp)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        self._build_layout()
        self.setMinimumWidth(LEAST_WIDTH)
        self.name_line.setFocus()

    # ---- parts --------------------------------------------------------------------------------------

    def _build_texts(self) -> None:
        self._name = common(found.name for found in self._annotations)
        self._description = common(description_of(found) for found in self._annotations)
        self.name_line = QLineEdit("" if self._name is KEPT else self._name)
        self.name_line.setAccessibleName(tr("Name"))
        self.description = QPlainTextEdit("" if self._description is KEPT else self._description)
        self.description.setAccessibleName(tr("Text"))
        # Tab leads on to the next field, as everywhere in a dialog.
        self.description.setTabChangesFocus(True)
        line = self.description.fontMetrics().lineSpacing()
        self.description.setFixedHeight(line * DESCRIPTION_LINES + 12)
        as_data(self.name_line)
        as_data(self.description)
        if self._name is KEPT:
            self.name_line.setPlaceholderText(tr("Several names, which stay"))
        if self._description is KEPT:
            self.description.setPlaceholderText(tr("Several texts, which stay"))

    def _build_class(self, snapshot: AnnotationSnapshot) -> None:
        present = common(found.class_name for found in self._annotations)
        self.class_combo = as_data(QComboBox())
        self.class_combo.setAccessibleName(tr("Class"))
        if present is KEPT:
            self.class_combo.addItem(tr("Several classes, which stay"), KEPT)
        self.class_combo.addItem(tr("No class"), None)
        listed = [entry.name for entry in snapshot.classes]
        unlisted = [present] if isinstance(present, str) and present not in listed else []
        names = [*listed, *unlisted]
        for name in names:
            self.class_combo.addItem(name, name)
        self._class = present
        if isinstance(present, str):
            self.class_combo.setCurrentIndex(1 + names.index(present))

    def _build_color(self, snapshot: AnnotationSnapshot) -> None:
        self.color_combo = QComboBox()
        self.color_combo.setAccessibleName(tr("Color"))
        if self._color is KEPT:
            self.color_combo.addItem(tr("Several colors, which stay"), KEPT)
        self.color_combo.addItem(tr("As its class"), "class")
        self.color_combo.addItem(tr("A color of its own"), "own")
        own = self._color is not KEPT and self._color is not None
        first = self._annotations[0]
        self.color_button = SwatchButton()
        self.color_button.setAccessibleName(tr("Choose a color"))
        self.color_button.setAutoDefault(False)
        self.color_button.set_color(snapshot.color_of(first))
        self.color_combo.setCurrentIndex(self.color_combo.findData("own" if own else "class"))
        if self._color is KEPT:
            self.color_combo.setCurrentIndex(0)
        self.color_button.setEnabled(own)
        self.color_combo.currentIndexChanged.connect(
            lambda _index: self.color_button.setEnabled(self.color_combo.currentData() == "own")
        )
        self.color_button.clicked.connect(self._ask_color)

    def _build_states(self) -> None:
        self.locked_box = self._state_box(tr("Locked"), [found.locked for found in self._annotations])
        self.hidden_box = self._state_box(tr("Hidden"), [found.hidden for found in self._annotations])
        self.locked_box.checkStateChanged.connect(lambda _state: self._allow_class())
        areas = [found for found in self._annotations if found.kind in AREA_KINDS]
        present = common(found.roi for found in areas)
        self.roi_combo = QComboBox()
        self.roi_combo.setAccessibleName(tr("ROI"))
        if areas and present is KEPT:
            self.roi_combo.addItem(tr("Several, which stay"), KEPT)
        for status, text in ROI_STATES:
            self.roi_combo.addItem(tr(text), status)
        self.roi_combo.setEnabled(bool(areas))
        if not areas:
            self.roi_combo.setToolTip(tr("Only an area can be a ROI."))
        elif present is not KEPT:
            self.roi_combo.setCurrentIndex([status for status, _ in ROI_STATES].index(present))
        self._roi = present
        self._allow_class()

    def _state_box(self, text: str, states: list[bool]) -> QCheckBox:
        box = QCheckBox(text)
        state = common(states)
        if state is KEPT:
            box.setTristate(True)
            box.setCheckState(Qt.CheckState.PartiallyChecked)
            box.setToolTip(tr("Some are and some are not; in between they stay so."))
        else:
            box.setChecked(state)
        return box

    def _build_layout(self) -> None:
        color_row = QHBoxLayout()
        color_row.addWidget(self.color_combo, 1)
        color_row.addWidget(self.color_button)
        states = QHBoxLayout()
        states.addWidget(self.locked_box)
        states.addWidget(self.hidden_box)
        states.addStretch(1)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(tr("Name"), self.name_line)
        form.addRow(tr("Class"), self.class_combo)
        form.addRow(tr("Text"), self.description)
        form.addRow(tr("Color"), color_row)
        form.addRow(tr("ROI"), self.roi_combo)
        form.addRow("", states)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(tr("What else is known"))
        several = len(self._annotations) > 1
        self.tabs.addTab(self.measurements, tr("Measurements, together") if several else tr("Measurements"))
        self.tabs.addTab(self.metadata, tr("Metadata"))
        heading = QLabel(self._heading())
        heading.setObjectName("faint")
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(heading)
        layout.addLayout(form)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.buttons)
        for button in self.buttons.buttons():
            if isinstance(button, QPushButton):
                button.setAutoDefault(button is self.buttons.button(QDialogButtonBox.StandardButton.Ok))

    def _heading(self) -> str:
        if len(self._annotations) == 1:
            return tr(KINDS[self._annotations[0].kind])
        return tr(
            "{count} annotations: what you do not touch stays in each of them", count=len(self._annotations)
        )

    # ---- what it says -------------------------------------------------------------------------------

    def edit(self) -> PropertyEdit:
        """What was changed so far."""
        return PropertyEdit(
            name=_if_new(self.name_line.text().strip(), self._name),
            description=_if_new(self.description.toPlainText().strip(), self._description),
            class_name=_if_new(self.class_combo.currentData(), self._class),
            color=_if_new(self._chosen_color(), self._color),
            locked=_state_of(self.locked_box),
            hidden=_state_of(self.hidden_box),
            roi=_if_new(self.roi_combo.currentData(), self._roi) if self.roi_combo.isEnabled() else KEPT,
            metadata=self.metadata.changes(),
        )

    def _chosen_color(self) -> Color | Kept | None:
        choice = self.color_combo.currentData()
        if choice == "own":
            return self.color_button.color
        return None if choice == "class" else KEPT

    # ---- what it does -------------------------------------------------------------------------------

    def _allow_class(self) -> None:
        """The class of what is and stays locked cannot be changed."""
        locked = self.locked_box.checkState() == Qt.CheckState.Checked
        self.class_combo.setEnabled(not (locked and all(found.locked for found in self._annotations)))
        self.class_combo.setToolTip("" if self.class_combo.isEnabled() else tr("Unlock it first."))

    def _ask_color(self) -> None:
        dialog = QColorDialog(QColor(*self.color_button.color), self)
        dialog.setWindowTitle(tr("Color"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(
            lambda color: self.color_button.set_color((color.red(), color.green(), color.blue()))
        )
        dialog.open()

    def _accept(self) -> None:
        self.metadata.finish_editing()
        problem = self.metadata.problem()
        if problem:
            self.tabs.setCurrentWidget(self.metadata)
            self.metadata.show_problem(problem)
            return
        edit = self.edit()
        self.accept()
        self.chosen.emit(edit)


def _if_new(said: Value | Kept, was: object) -> Value | Kept:
    """What a field says where that is news; several different values count as an empty field."""
    unchanged = said == was or (was is KEPT and said == "")
    return KEPT if unchanged else said


def _state_of(box: QCheckBox) -> bool | Kept:
    """What a box says; in between it says nothing. Each object that is so already is left alone."""
    state = box.checkState()
    return KEPT if state == Qt.CheckState.PartiallyChecked else state == Qt.CheckState.Checked
