"""Every key of the program, made from the action table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_app.ui.actions.action_spec import ActionSpec, Mode
from desktop_app.ui.translation import marked, tr

MOUSE_AND_CANVAS_KEYS = (
    (marked("Zoom about the cursor"), marked("Wheel")),
    (marked("Move the slide in any mode"), marked("Middle button, or Space and drag")),
    (marked("Move the slide in View mode"), marked("Drag")),
    (marked("Move the slide"), marked("Arrow keys")),
    (marked("Finish the polygon"), marked("Enter or double click")),
    (marked("Remove the polygon's last vertex"), marked("Backspace")),
    (marked("Give up the shape being drawn"), marked("Esc")),
)
"""What the canvas and its tools answer to besides the actions."""


class ShortcutsDialog(QDialog):
    """A table of actions and keys, with a field that narrows it."""

    def __init__(
        self, specs: Sequence[ActionSpec], menus: Mapping[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.resize(620, 560)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search"))
        self.search.setAccessibleName(tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._narrow)
        self.table = self._build_table(shortcut_rows(specs, menus))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.table)
        layout.addWidget(buttons)

    def _build_table(self, rows: Sequence[tuple[str, str, str]]) -> QTableWidget:
        table = QTableWidget(len(rows), 3)
        table.setHorizontalHeaderLabels([tr("Action"), tr("Where"), tr("Keys")])
        table.setAccessibleName(tr("Keyboard shortcuts"))
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                table.setItem(row, column, QTableWidgetItem(text))
        header = table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return table

    def _narrow(self, text: str) -> None:
        wanted = text.casefold()
        for row in range(self.table.rowCount()):
            cells = [self.table.item(row, column) for column in range(3)]
            shown = any(cell is not None and wanted in cell.text().casefold() for cell in cells)
            self.table.setRowHidden(row, not shown)


def shortcut_rows(specs: Sequence[ActionSpec], menus: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """``(action, where, keys)`` of every action with a key, then of the mouse."""
    rows = [
        (_plain(spec.text, spec.key), _where(spec, menus), keys)
        for spec in specs
        if (keys := shortcut_text(spec))
    ]
    return rows + [(tr(what), tr("Slide"), tr(keys)) for what, keys in MOUSE_AND_CANVAS_KEYS]


def shortcut_text(spec: ActionSpec) -> str:
    """The keys of an action, with the mode where it matters."""
    view, annotate = (_native(spec.shortcut_in(mode)) for mode in _modes())
    if view == annotate:
        return view
    parts = []
    if view:
        parts.append(tr("{keys} in View", keys=view))
    if annotate:
        parts.append(tr("{keys} in Annotate", keys=annotate))
    return ", ".join(parts)


def _modes() -> tuple[Mode, Mode]:
    return ("view", "annotate")


def _native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def _where(spec: ActionSpec, menus: Mapping[str, str]) -> str:
    return _plain(menus[spec.menu.partition("/")[0]], spec.key)


def _plain(text: str, key: str) -> str:
    shown = tr(text, number=key.rpartition("_")[2]) if "{number}" in text else tr(text)
    return shown.replace("&", "").removesuffix("…")
