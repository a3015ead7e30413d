"""The plugins: where they come from, what they can do, and everything the user decides about them.

Listing hashes every file and copying writes some, so both happen on a pool thread. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_app.errors import CoverslipError
from desktop_app.plugin_host import PluginHost, PluginListing
from desktop_app.storage.plugin_values import PluginValues
from desktop_app.ui.background import Background
from desktop_app.ui.dialogs.files import FileChooser
from desktop_app.ui.dialogs.plugin_tabs import AboutPage, LogPage, ParamsPage
from desktop_app.ui.dialogs.trust import TrustDialog
from desktop_app.ui.error_text import sentence
from desktop_app.ui.plugin_log import PluginLog
from desktop_app.ui.translation import marked, tr

ORIGINS = {
    "bundled": marked("comes with Coverslip"),
    "user": marked("your plugin folder"),
    "entry_point": marked("installed package"),
}


@dataclass(frozen=True, slots=True)
class PluginDesk:
    """What the dialog works with.

    Attributes
    ----------
    host : PluginHost
        Lists, trusts, copies and removes plugins.
    values : PluginValues
        What parameters begin with.
    log : PluginLog
        What plugins have said.
    files : FileChooser
        Asks for the folder of a new one.
    background : Background
        Does what takes longer.
    """

    host: PluginHost
    values: PluginValues
    log: PluginLog
    files: FileChooser
    background: Background


class PluginsDialog(QDialog):
    """A table of plugins, pages about the chosen one, and what can be done with it.

    Parameters
    ----------
    desk : PluginDesk
        Asked for the list each time the dialog is shown or something was changed.
    """

    def __init__(self, desk: PluginDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Plugins"))
        self.resize(820, 640)
        self._desk = desk
        self._listings: tuple[PluginListing, ...] = ()
        self.question: TrustDialog | None = None
        self.box: QMessageBox | None = None
        self.table = _table()
        self.pages = QTabWidget()
        self.about, self.params, self.log = AboutPage(), ParamsPage(desk.values), LogPage(desk.log)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.trust_button = QPushButton(tr("Trust…"))
        self.add_button = QPushButton(tr("Add or update…"))
        self.enable_button = QPushButton(tr("Switch off"))
        self.remove_button = QPushButton(tr("Remove"))
        self._build_layout()
        self._connect()
        self._over = False
        self.finished.connect(self._end)
        self.refresh()

    def _end(self) -> None:
        """Take in nothing more: what is under way may be done after this dialog is gone."""
        self._over = True

    def _build_layout(self) -> None:
        for page, name in (
            (self.about, tr("About")),
            (self.params, tr("Parameters")),
            (self.log, tr("Log")),
        ):
            self.pages.addTab(page, name)
        self.pages.setAccessibleName(tr("About the plugin"))
        self.pages.setMinimumHeight(240)
        self.add_button.setToolTip(tr("Copy a plugin's folder here, in place of an earlier version"))
        self.said.setVisible(False)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        buttons = QHBoxLayout()
        for button in (self.add_button, self.trust_button, self.enable_button, self.remove_button):
            # Enter in the table or in a form must not open a dialog or remove anything.
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.said)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.table.itemSelectionChanged.connect(self._show_chosen)
        self.trust_button.clicked.connect(self._ask_trust)
        self.add_button.clicked.connect(self._add)
        self.enable_button.clicked.connect(self._switch)
        self.remove_button.clicked.connect(self._ask_remove)
        self.params.changed.connect(
            lambda use, values: self._do(lambda: self._desk.values.remember(use, values), refresh=False)
        )

    def refresh(self) -> None:
        """Read the plugins again, on a pool thread."""
        self._desk.background.run(self._desk.host.listings, self._show, self._tell)

    def chosen(self) -> PluginListing | None:
        """The plugin of the selected row."""
        row = self.table.currentRow()
        return self._listings[row] if 0 <= row < len(self._listings) else None

    def choose(self, plugin_id: str) -> None:
        """Select a plugin, if it is listed."""
        ids = [listing.plugin_id for listing in self._listings]
        if plugin_id in ids:
            self.table.selectRow(ids.index(plugin_id))

    def _show(self, listings: tuple[PluginListing, ...]) -> None:
        if self._over:
            return
        before = self.chosen()
        self._listings = listings
        self.table.blockSignals(True)
        self.table.setRowCount(len(listings))
        for row, listing in enumerate(listings):
            for column, text in enumerate(_cells(listing)):
                self.table.setItem(row, column, QTableWidgetItem(text))
        self.table.blockSignals(False)
        if listings:
            self.table.selectRow(max(0, min(self.table.currentRow(), len(listings) - 1)))
        if before is not None:
            self.choose(before.plugin_id)
        self._show_chosen()

    def _show_chosen(self) -> None:
        listing = self.chosen()
        self.about.show_plugin(listing)
        self.params.show_plugin(listing)
        self.log.show_plugin(listing)
        there = listing is not None and listing.folder is not None
        self.trust_button.setEnabled(listing is not None and there and not listing.trusted)
        self.enable_button.setEnabled(listing is not None and listing.manifest is not None)
        self.enable_button.setText(
            tr("Switch off") if listing is None or listing.enabled else tr("Switch on")
        )
        self.remove_button.setEnabled(listing is not None and there and listing.origin == "user")

    def _ask_trust(self) -> None:
        listing = self.chosen()
        if listing is None:
            return
        self.question = TrustDialog(listing, self)
        self.question.accepted.connect(lambda: self._do(partial(self._desk.host.trust, listing.plugin_id)))
        self.question.open()

    def _add(self) -> None:
        folder = self._desk.files.plugin_folder(self)
        if folder is not None:
            self._do(partial(self._desk.host.install, folder))

    def _switch(self) -> None:
        listing = self.chosen()
        if listing is not None:
            self._do(partial(self._desk.host.set_enabled, listing.plugin_id, not listing.enabled))

    def _ask_remove(self) -> None:
        listing = self.chosen()
        if listing is None:
            return
        text = tr("Delete the plugin {name} and its folder?", name=listing.plugin_id)
        box = QMessageBox(QMessageBox.Icon.Question, tr("Plugins"), text, parent=self)
        delete = box.addButton(tr("Delete"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(tr("Keep it"), QMessageBox.ButtonRole.RejectRole))
        delete.clicked.connect(lambda: self._do(partial(self._desk.host.remove, listing.plugin_id)))
        self.box = box
        box.open()

    def _do(self, work: Callable[[], object], *, refresh: bool = True) -> None:
        """Change something on a pool thread, then show how it is now."""
        self.said.setVisible(False)
        self._desk.background.run(
            work, lambda _: self.refresh() if refresh and not self._over else None, self._tell
        )

    def _tell(self, error: CoverslipError) -> None:
        if self._over:
            return
        self.said.setText(sentence(error))
        self.said.setVisible(True)


def _table() -> QTableWidget:
    table = QTableWidget(0, 4)
    table.setHorizontalHeaderLabels([tr("Plugin"), tr("Version"), tr("Origin"), tr("State")])
    table.setAccessibleName(tr("Plugins"))
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for column in (1, 2, 3):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
    return table


def _cells(listing: PluginListing) -> tuple[str, str, str, str]:
    manifest = listing.manifest
    name = tr(manifest.name) if manifest else listing.plugin_id
    return name, manifest.version if manifest else "", tr(ORIGINS[listing.origin]), state_text(listing)


def state_text(listing: PluginListing) -> str:
    """Whether the plugin can be used, in two words."""
    if listing.manifest is None or listing.error:
        return tr("broken")
    if not listing.enabled:
        return tr("switched off")
    return tr("ready") if listing.trusted else tr("not trusted")
