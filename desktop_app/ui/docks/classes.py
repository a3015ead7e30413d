"""The panel of classes: choose the one in hand, add one, change a color, give it to what is selected.

GUI thread; it edits the class list through the document, so that every change can be undone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.annotation import AnnotationClass
from desktop_app.domain.annotation_chunk import AnnotationChunk
from desktop_app.domain.annotation_classes import checked_class_name, color_for, with_class
from desktop_app.errors import CoverslipError
from desktop_app.ui.docks.class_list_view import ClassDelegate, ClassListView
from desktop_app.ui.docks.swatch_delegate import MARGIN
from desktop_app.ui.models.class_choice import ClassChoice
from desktop_app.ui.models.class_list import ClassListModel
from desktop_app.ui.models.class_visibility import ClassVisibility
from desktop_app.ui.models.locked_ones import set_class_of_selected
from desktop_app.ui.models.selection import AnnotationSelection
from desktop_app.ui.models.slide_document import SlideDocument
from desktop_app.ui.translation import tr


class ClassesPanel(QWidget):
    """The class list of a slide.

    Parameters
    ----------
    document : SlideDocument
        Whose classes are listed.
    selection : AnnotationSelection
        What a class can be given to.
    choice : ClassChoice
        The class in hand, shared with the tools.
    visibility : ClassVisibility
        Which classes are shown on the slide.
    """

    def __init__(
        self,
        document: SlideDocument,
        selection: AnnotationSelection,
        choice: ClassChoice,
        visibility: ClassVisibility,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._selection = selection
        self._choice = choice
        self.visibility = visibility
        self._editable = not document.read_only
        self.model = ClassListModel(document, self)
        self.list = ClassListView()
        self.name_field = QLineEdit()
        self.add_button = QPushButton(tr("Add"))
        self.color_button = QPushButton(tr("Color…"))
        self.apply_button = QPushButton(tr("Set on selected"))
        self._build()
        self._connect()
        self._follow_choice()
        self._refresh_buttons()

    def set_editable(self, editable: bool) -> None:
        """Whether classes can be changed and given (in Annotate mode only); choosing always works."""
        self._editable = editable and not self._document.read_only
        self._refresh_buttons()

    def add_class(self) -> None:
        """Add the class whose name is in the field, and take it in hand."""
        try:
            name = checked_class_name(self.name_field.text())
            classes = with_class(self._document.snapshot.classes, AnnotationClass(name, color_for(name)))
            if all(entry.name != name for entry in self._document.snapshot.classes):
                self._document.set_classes(classes, tr("Add class"))
        except CoverslipError as error:
            self._document.failed.emit(error)
        else:
            self.name_field.clear()
            self._choice.choose(name)

    def set_color(self, name: str, color: QColor) -> None:
        """Change a class's color, as one undo step."""
        changed = AnnotationClass(name, (color.red(), color.green(), color.blue()))
        classes = with_class(self._document.snapshot.classes, changed)
        if classes != self._document.snapshot.classes:
            self._attempt_classes(classes, tr("Change class color"))

    def _build(self) -> None:
        self.list.setModel(self.model)
        self.list.setItemDelegate(ClassDelegate(self.visibility, self.list))
        self.list.setObjectName("class_list")
        self.list.setAccessibleName(tr("Classes"))
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setUniformItemSizes(True)
        self.name_field.setPlaceholderText(tr("New class"))
        self.name_field.setAccessibleName(tr("Name of the new class"))
        self.add_button.setToolTip(tr("Add a class of this name"))
        self.color_button.setToolTip(tr("Change the color of the chosen class"))
        self.apply_button.setToolTip(tr("Give the chosen class to the selected annotations"))
        for button in (self.add_button, self.color_button, self.apply_button):
            button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, MARGIN)
        layout.addWidget(self.list, 1)
        layout.addLayout(_row(self.name_field, self.add_button))
        layout.addLayout(_row(self.apply_button, self.color_button))

    def _connect(self) -> None:
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.list.doubleClicked.connect(self._ask_color)
        self.list.eye_pressed.connect(self._press_eye)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.visibility.changed.connect(self.list.viewport().update)
        self.model.modelReset.connect(self._follow_choice)
        self.name_field.returnPressed.connect(self.add_class)
        self.name_field.textChanged.connect(lambda _text: self._refresh_buttons())
        self.add_button.clicked.connect(self.add_class)
        self.color_button.clicked.connect(lambda: self._ask_color(self.list.currentIndex()))
        self.apply_button.clicked.connect(self._apply)
        self._choice.changed.connect(self._follow_choice)
        self._selection.changed.connect(self._refresh_buttons)

    def menu_for(self, row: int) -> QMenu:
        """The menu of a class: what of it is shown, and its annotations."""
        name = self.model.name_at(row)
        shown = self.visibility.is_shown(name)
        names = [self.model.name_at(other) for other in range(self.model.rowCount())]
        menu = QMenu(self)
        menu.addAction(tr("Hide") if shown else tr("Show")).triggered.connect(lambda: self._press_eye(row))
        menu.addAction(tr("Hide all others")).triggered.connect(
            lambda: self.visibility.show_only(name, [*names, *self._unlisted()])
        )
        everything = menu.addAction(tr("Show all classes"))
        everything.setEnabled(bool(self.visibility.hidden))
        everything.triggered.connect(self.visibility.show_all)
        menu.addSeparator()
        chosen = menu.addAction(tr("Select all of this class"))
        chosen.setEnabled(self._editable and shown)
        chosen.triggered.connect(lambda: self.select_class(name))
        return menu

    def select_class(self, name: str | None) -> None:
        """Select every annotation of a class that is not hidden by itself."""
        chunks = self._document.snapshot.chunks
        self._selection.set_rows((chunk, _shown_of_class(chunk, name)) for chunk in chunks)

    def _press_eye(self, row: int) -> None:
        self.visibility.toggle(self.model.name_at(row))

    def _open_menu(self, place: QPoint) -> None:
        index = self.list.indexAt(place)
        if not index.isValid():
            index = self.list.currentIndex()
        if index.isValid():
            menu = self.menu_for(index.row())
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.list.viewport().mapToGlobal(place))

    def _unlisted(self) -> set[str]:
        """Classes that annotations have although the list lacks them (a file of another program)."""
        chunks = self._document.snapshot.chunks
        return {name for chunk in chunks for name in chunk.class_names.table}

    def _choose(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self._choice.choose(self.model.name_at(current.row()))

    def _follow_choice(self) -> None:
        self.list.setCurrentIndex(self.model.index(self.model.row_of(self._choice.name), 0))
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        self.name_field.setEnabled(self._editable)
        self.add_button.setEnabled(self._editable and bool(self.name_field.text().strip()))
        self.color_button.setEnabled(self._editable and self._choice.name is not None)
        self.apply_button.setEnabled(self._editable and bool(len(self._selection)))

    def _ask_color(self, index: QModelIndex) -> None:
        name = self.model.name_at(index.row()) if index.isValid() else None
        if name is None or not self._editable:
            return
        present = QColor(*self._document.snapshot.class_color(name))
        dialog = QColorDialog(present, self)
        dialog.setWindowTitle(tr("Color of {name}", name=name))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(lambda color: self.set_color(name, color))
        dialog.open()

    def _apply(self) -> None:
        try:
            set_class_of_selected(self._document, self._selection, self._choice.name)
        except CoverslipError as error:
            self._document.failed.emit(error)

    def _attempt_classes(self, classes: tuple[AnnotationClass, ...], label: str) -> None:
        try:
            self._document.set_classes(classes, label)
        except CoverslipError as error:
            self._document.failed.emit(error)


def _shown_of_class(chunk: AnnotationChunk, name: str | None) -> NDArray[np.int64]:
    column = chunk.class_names
    number = -1 if name is None else (column.table.index(name) if name in column.table else -2)
    return np.flatnonzero((column.index == number) & ~chunk.hidden)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(MARGIN, 0, MARGIN, 0)
    for number, widget in enumerate(widgets):
        row.addWidget(widget, 1 if number == 0 else 0)
    return row
