"""The table of all keys, in which each can be given another; every change works at once.

GUI thread; files are read and written on a pool thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.storage.key_map import KeyMap, read_key_map, write_key_map
from desktop_app.ui.actions.action_keys import (
    FIXED_ROWS,
    KEY_MODES,
    ActionKeys,
    is_possible,
    menu_text,
    native,
    plain_text,
)
from desktop_app.ui.background import Background, Result
from desktop_app.ui.dialogs.files import FileChooser
from desktop_app.ui.dialogs.key_changes import KeyWish, granted, others_with, reset, swapped, wish_for
from desktop_app.ui.dialogs.key_table import ACTION, FIRST_KEY, MENU, KeyTable
from desktop_app.ui.error_text import sentence
from desktop_app.ui.translation import as_data, tr


@dataclass(frozen=True, slots=True)
class KeySources:
    """Where keys come from other than the keyboard.

    Attributes
    ----------
    presets : Sequence[KeyMap]
        What can be chosen; the first changes nothing.
    files : FileChooser
        Asks for files.
    background : Background
        Reads and writes them.
    """

    presets: Sequence[KeyMap]
    files: FileChooser
    background: Background


class KeyMapDialog(QDialog):
    """Actions and their keys in both modes.

    Parameters
    ----------
    keys : ActionKeys
        As they are now.
    menus : Mapping[str, str]
        Titles of the menus.
    sources : KeySources
        Where other keys come from.

    Notes
    -----
    ``changed(KeyMap)`` is emitted with every change.
    """

    changed = Signal(object)

    def __init__(
        self,
        keys: ActionKeys,
        menus: Mapping[str, str],
        *,
        sources: KeySources,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard map"))
        self.resize(820, 640)
        self._specs, self._menus = keys.specs, menus
        self._files, self._background = sources.files, sources.background
        self._presets = [ActionKeys(keys.specs, preset).key_map for preset in sources.presets]
        self.keys = keys
        self._wish: KeyWish | None = None
        self._build_top()
        self._build_table()
        self._build_strip()
        self._build_buttons()
        self._build_layout()
        self._show_keys()

    # ---- building -----------------------------------------------------------------------------------

    def _build_top(self) -> None:
        self.preset_box = QComboBox()
        self.preset_box.setAccessibleName(tr("Preset"))
        self.preset_box.addItems([preset.name for preset in self._presets])
        as_data(self.preset_box)
        self.preset_box.activated.connect(self._choose_preset)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search for an action or a key"))
        self.search.setAccessibleName(tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._narrow)
        self.together = QCheckBox(tr("One key for both modes"))
        self.together.setChecked(True)
        self.together.setToolTip(tr("A new key is for View and Annotate, where the action had one for both."))

    def _build_table(self) -> None:
        table = KeyTable(len(self._specs) + len(FIXED_ROWS), FIRST_KEY + len(KEY_MODES))
        table.setHorizontalHeaderLabels([tr("Action"), tr("Menu"), tr("Key in View"), tr("Key in Annotate")])
        table.setAccessibleName(tr("Keyboard map"))
        for row, spec in enumerate(self._specs):
            table.put(row, ACTION, plain_text(spec))
            table.put(row, MENU, menu_text(spec, self._menus), faint=True)
            for number, mode in enumerate(KEY_MODES):
                table.put(row, FIRST_KEY + number, "", editable=mode in spec.modes)
        for number, (what, keys) in enumerate(FIXED_ROWS):
            row = len(self._specs) + number
            table.put(row, ACTION, tr(what), faint=True)
            table.put(row, MENU, tr("Slide, fixed"), faint=True)
            for column in (FIRST_KEY, FIRST_KEY + 1):
                table.put(row, column, tr(keys), faint=True)
        table.recorder.recorded.connect(self._record)
        table.cleared.connect(lambda row, column: self._record(row, column, ""))
        table.currentCellChanged.connect(lambda *_cells: self._refresh_buttons())
        header = table.horizontalHeader()
        header.setSectionResizeMode(ACTION, QHeaderView.ResizeMode.Stretch)
        self.table = table

    def _build_strip(self) -> None:
        self._hint = QLabel(
            tr("Double-click a key, or press Enter on it, then press the new one. Del takes it away.")
        )
        self._hint.setObjectName("faint")
        self._hint.setWordWrap(True)
        self.strip = QFrame()
        self.strip.setObjectName("warning")
        self.conflict = QLabel()
        self.conflict.setWordWrap(True)
        self.swap_button = QPushButton(tr("Swap"))
        self.take_button = QPushButton(tr("Take it"))
        self.leave_button = QPushButton(tr("Cancel"))
        self.swap_button.clicked.connect(lambda: self._settle(swapped))
        self.take_button.clicked.connect(lambda: self._settle(granted))
        self.leave_button.clicked.connect(self._give_up)
        row = QHBoxLayout(self.strip)
        row.setContentsMargins(10, 6, 8, 6)
        row.addWidget(self.conflict, 1)
        for button in (self.swap_button, self.take_button, self.leave_button):
            button.setAutoDefault(False)
            row.addWidget(button)
        self.strip.hide()

    def _build_buttons(self) -> None:
        role = QDialogButtonBox.ButtonRole
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.reset_button = self.buttons.addButton(tr("Reset this action"), role.ActionRole)
        self.import_button = self.buttons.addButton(tr("Import…"), role.ActionRole)
        self.export_button = self.buttons.addButton(tr("Export…"), role.ActionRole)
        for button in self.buttons.buttons():
            if isinstance(button, QPushButton):
                # Enter belongs to the table.
                button.setAutoDefault(False)
        self.reset_button.clicked.connect(self._reset)
        self.import_button.clicked.connect(self._import)
        self.export_button.clicked.connect(self._export)
        self.buttons.rejected.connect(self.reject)

    def _build_layout(self) -> None:
        label = QLabel(tr("Keys as in"))
        label.setBuddy(self.preset_box)
        top = QHBoxLayout()
        top.addWidget(label)
        top.addWidget(self.preset_box)
        top.addSpacing(12)
        top.addWidget(self.search, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.strip)
        layout.addWidget(self._hint)
        layout.addWidget(self.together)
        layout.addWidget(self.buttons)

    # ---- what the user does -------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the keyboard, and never another one."""
        if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            super().keyPressEvent(event)
            return
        focused = self.focusWidget()
        if isinstance(focused, QPushButton):
            focused.click()

    def _record(self, row: int, column: int, keys: str) -> None:
        if row >= len(self._specs):
            return
        spec, mode = self._specs[row], KEY_MODES[column - FIRST_KEY]
        if mode not in spec.modes or self.keys.of(spec, mode) == keys:
            return
        wish = wish_for(self.keys, spec, mode, keys=keys, together=self.together.isChecked())
        others = others_with(self.keys, wish)
        if not is_possible(keys):
            text = tr(
                "{keys} is a key of the slide itself and cannot have another meaning.", keys=native(keys)
            )
            self._ask(None, text)
        elif others:
            names = ", ".join(f"“{plain_text(other)}”" for other in others)
            self._ask(wish, tr("{keys} is the key of {names}.", keys=native(keys), names=names))
        else:
            self._use(granted(self.keys, wish))

    def _ask(self, wish: KeyWish | None, text: str) -> None:
        self._wish = wish
        self.conflict.setText(text)
        for button in (self.swap_button, self.take_button):
            button.setVisible(wish is not None)
        self.leave_button.setText(tr("Cancel") if wish is not None else tr("Dismiss"))
        self.strip.show()
        (self.swap_button if wish is not None else self.leave_button).setFocus()

    def _settle(self, settle: Callable[[ActionKeys, KeyWish], KeyMap]) -> None:
        if self._wish is not None:
            self._use(settle(self.keys, self._wish))

    def _give_up(self) -> None:
        self._wish = None
        self.strip.hide()
        self.table.setFocus()

    def _choose_preset(self, index: int) -> None:
        if index < len(self._presets):
            self._use(self._presets[index])

    def _reset(self) -> None:
        row = self.table.currentRow()
        if 0 <= row < len(self._specs):
            self._use(reset(self.keys, self._specs[row]))

    def _import(self) -> None:
        path = self._files.key_map_to_read(self)
        if path is not None:
            self._run(lambda: read_key_map(path), self._imported)

    def _imported(self, found: KeyMap) -> None:
        self._use(found)
        unknown = len(found.changes) - len(self.keys.key_map.changes)
        if unknown:
            self._ask(None, tr("Keys for actions that are not known here, left out: {count}.", count=unknown))

    def _export(self) -> None:
        path = self._files.key_map_to_write(self, Path("coverslip-keys.toml"))
        if path is not None:
            key_map = self.keys.key_map
            self._run(lambda: write_key_map(path, key_map), lambda _none: None)

    def _run(self, work: Callable[[], Result], done: Callable[[Result], None]) -> None:
        """Do something with a file; the dialog may be closed before its outcome comes."""

        def if_open(act: Callable[[], None]) -> None:
            if self.isVisible():
                act()

        self._background.run(
            work,
            lambda result: if_open(lambda: done(result)),
            lambda error: if_open(lambda: self._ask(None, sentence(error))),
        )

    def _use(self, key_map: KeyMap) -> None:
        self.keys = ActionKeys(self._specs, key_map)
        self._give_up()
        self._show_keys()
        self.changed.emit(self.keys.key_map)

    # ---- showing ------------------------------------------------------------------------------------

    def _show_keys(self) -> None:
        for row, spec in enumerate(self._specs):
            for number, mode in enumerate(KEY_MODES):
                text = native(self.keys.of(spec, mode)) if mode in spec.modes else "–"
                self.table.show_key(row, FIRST_KEY + number, text, bold=self.keys.is_changed(spec))
        self._show_preset()
        self._narrow(self.search.text())
        self._refresh_buttons()

    def _show_preset(self) -> None:
        changes = self.keys.key_map.changes
        own = len(self._presets)
        index = next((i for i, preset in enumerate(self._presets) if preset.changes == changes), own)
        if self.preset_box.count() > own:
            self.preset_box.removeItem(own)
        if index == own:
            self.preset_box.addItem(tr("My own"))
        self.preset_box.setCurrentIndex(index)

    def _narrow(self, text: str) -> None:
        wanted = text.casefold()
        for row in range(self.table.rowCount()):
            shown = any(wanted in cell.casefold() for cell in self.table.texts(row))
            self.table.setRowHidden(row, not shown)

    def _refresh_buttons(self) -> None:
        row = self.table.currentRow()
        spec = self._specs[row] if 0 <= row < len(self._specs) else None
        self.reset_button.setEnabled(spec is not None and self.keys.is_changed(spec))
