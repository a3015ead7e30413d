"""The question before a third-party plugin may run its code."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.plugin_host import PluginListing
from desktop_app.ui.translation import as_data, tr


class TrustDialog(QDialog):
    """Says what trust means and what exactly is trusted; Cancel is what Enter presses."""

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
        # A button that may be pressed by Enter becomes the default as soon as it has the focus.
        self.trust.setAutoDefault(False)
        self.cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        self.cancel.setDefault(True)
        self.cancel.setFocus()


def _in_lines(digest: str) -> str:
    return "\n".join(digest[start : start + 32] for start in range(0, len(digest), 32))
