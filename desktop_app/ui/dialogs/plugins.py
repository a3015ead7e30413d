"""The list of plugins with where they come from, whether they are trusted and what is wrong with them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_app.errors import CoverslipError
from desktop_app.plugin_host import PluginHost, PluginListing
from desktop_app.ui.error_text import sentence
from desktop_app.ui.translation import as_data, marked, tr

ORIGINS = {
    "bundled": marked("comes with Coverslip"),
    "user": marked("your plugin folder"),
    "entry_point": marked("installed package"),
}
KINDS = {
    "tissue_detector": marked("tissue detector"),
    "artifact_detector": marked("artifact detector"),
    "stain_normalizer": marked("stain normalizer"),
    "encoder": marked("encoder"),
    "aggregator": marked("aggregator"),
    "slide_encoder": marked("slide encoder"),
    "annotation_format": marked("annotation format"),
    "slide_reader": marked("slide reader"),
}


class PluginsDialog(QDialog):
    """A table of plugins, details of the chosen one, and a button that trusts it.

    Parameters
    ----------
    host : PluginHost
        Asked for the list each time the dialog is shown or a plugin is trusted.
    """

    def __init__(self, host: PluginHost, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Plugins"))
        self.resize(760, 540)
        self._host = host
        self._listings: tuple[PluginListing, ...] = ()
        self.question: TrustDialog | None = None
        self.table = _table()
        self._details = QFormLayout()
        self.trust_button = QPushButton(tr("Trust…"))
        self._build_layout()
        self.table.itemSelectionChanged.connect(self._show_details)
        self.trust_button.clicked.connect(self._ask_trust)
        self.refresh()

    def _build_layout(self) -> None:
        details = QWidget()
        details.setLayout(self._details)
        details.setMinimumHeight(170)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.trust_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table, 1)
        layout.addWidget(details)
        layout.addWidget(buttons)

    def refresh(self) -> None:
        """Read the plugins again."""
        self._listings = self._host.listings()
        self.table.setRowCount(len(self._listings))
        for row, listing in enumerate(self._listings):
            for column, text in enumerate(_cells(listing)):
                self.table.setItem(row, column, QTableWidgetItem(text))
        if self._listings:
            self.table.selectRow(max(0, self.table.currentRow()))
        self._show_details()

    def chosen(self) -> PluginListing | None:
        """The plugin of the selected row."""
        row = self.table.currentRow()
        return self._listings[row] if 0 <= row < len(self._listings) else None

    def _show_details(self) -> None:
        while self._details.rowCount():
            self._details.removeRow(0)
        listing = self.chosen()
        self.trust_button.setEnabled(
            listing is not None and not listing.trusted and listing.folder is not None
        )
        if listing is None:
            return
        for name, text in _details(listing):
            self._details.addRow(name, _value(text))
        self._details.addRow(tr("Folder"), as_data(_value(str(listing.folder or ""))))

    def _ask_trust(self) -> None:
        listing = self.chosen()
        if listing is None:
            return
        self.question = TrustDialog(listing, self)
        self.question.accepted.connect(lambda: self._trust(listing.plugin_id))
        self.question.open()

    def _trust(self, plugin_id: str) -> None:
        try:
            self._host.trust(plugin_id)
        except CoverslipError as error:
            box = QMessageBox(QMessageBox.Icon.Warning, tr("Plugins"), sentence(error), parent=self)
            box.open()
        self.refresh()


class TrustDialog(QDialog):
    """The question before a third-party plugin may run its code."""

    def __init__(self, listing: PluginListing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Trust this plugin?"))
        layout = QVBoxLayout(self)
        warning = QLabel(
            tr(
                "A plugin is a program: it can read and change every file that you can. "
                "Trust it only if you know who wrote it. It will ask again when a file of it changes."
            )
        )
        warning.setWordWrap(True)
        warning.setMinimumWidth(460)
        layout.addWidget(warning)
        form = QFormLayout()
        for name, text in (
            (tr("Plugin"), listing.plugin_id),
            (tr("Folder"), str(listing.folder)),
            (tr("SHA-256"), _in_lines(listing.content_hash)),
        ):
            value = QLabel(text)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            as_data(value)
            form.addRow(name, value)
        layout.addLayout(form)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.trust = buttons.addButton(tr("Trust this content"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        # Once in its dialog, where it stays what Enter presses.
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setDefault(True)


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
    if listing.manifest is None:
        return tr("broken")
    if not listing.trusted:
        return tr("not trusted")
    return tr("broken") if listing.error else tr("ready")


def _details(listing: PluginListing) -> list[tuple[str, str]]:
    rows = []
    if listing.error:
        rows.append((tr("Problem"), tr(listing.error)))
    if listing.manifest is not None:
        rows.append((tr("About"), tr(listing.manifest.description)))
        provides = (f"{tr(thing.name)} ({tr(KINDS[thing.kind])})" for thing in listing.manifest.provides)
        rows.append((tr("Provides"), ", ".join(provides)))
        rows.append((tr("License"), tr(listing.manifest.licence)))
    return rows


def _value(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _in_lines(digest: str) -> str:
    return "\n".join(digest[start : start + 32] for start in range(0, len(digest), 32))
