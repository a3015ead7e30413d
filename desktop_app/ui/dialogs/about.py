"""What this program is, its versions and its licence."""

from __future__ import annotations

import platform
from importlib import metadata

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from desktop_app import __version__
from desktop_app.ui.translation import as_data, tr

SHOWN_VERSIONS = ("openslide-python", "openslide-bin", "numpy", "torch", "PySide6-Essentials")


class AboutDialog(QDialog):
    """Name, purpose, versions, licence."""

    def __init__(self, icon: QIcon, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About Coverslip"))
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(_picture(icon))
        layout.addWidget(_label(f"Coverslip {__version__}", "title"))
        layout.addWidget(_label(tr("Read, annotate and analyze whole-slide images on your own machine.")))
        layout.addWidget(_label(tr("For research use only, not for diagnosis."), "heading"))
        layout.addWidget(_versions())
        layout.addWidget(_label(tr("Licensed under the Apache License, Version 2.0."), "faint"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton(tr("Copy versions"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(versions_text()))
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)


def versions() -> dict[str, str]:
    """Version by name of what matters in a bug report; a missing distribution is left out."""
    found = {"Coverslip": __version__, "Python": platform.python_version(), "Qt": qVersion()}
    for name in SHOWN_VERSIONS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    found["System"] = platform.platform(terse=True)
    return found


def versions_text() -> str:
    """The versions as lines, for the clipboard."""
    return "\n".join(f"{name} {version}" for name, version in versions().items())


def _versions() -> QWidget:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(24)
    for row, (name, version) in enumerate(versions().items()):
        grid.addWidget(_label(tr(name), "faint"), row, 0)
        value = _label(version)
        as_data(value)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(value, row, 1)
    grid.setColumnStretch(1, 1)
    return box


def _picture(icon: QIcon) -> QLabel:
    label = QLabel()
    label.setPixmap(icon.pixmap(64, 64))
    return label


def _label(text: str, name: str = "") -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    return label
