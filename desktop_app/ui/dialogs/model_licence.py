"""The question before a model is brought in: what it is, and under which license. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.storage.model_source import ModelSource
from desktop_app.ui.translation import as_data, tr

NOT_STATED = "not stated"


class LicenceDialog(QDialog):
    """Shows the license of a model; Cancel is what Enter presses.

    Attributes
    ----------
    licence : str
        As it was shown, to be kept with the model.
    """

    def __init__(self, source: ModelSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.licence = source.licence or NOT_STATED
        self.setWindowTitle(tr("Accept this license?"))
        layout = QVBoxLayout(self)
        warning = QLabel(
            tr("The license says what the model may be used for. Nothing is added until you accept it.")
            if source.licence
            else tr(
                "This model does not state its license. Add it only if you know from elsewhere that you may "
                "use it."
            )
        )
        warning.setWordWrap(True)
        warning.setMinimumWidth(460)
        layout.addWidget(warning)
        form = QFormLayout()
        for name, text in (
            (tr("Model"), source.name),
            (tr("Weights"), f"{source.weights.name} ({source.form})"),
            (tr("License"), source.licence or tr("not stated")),
        ):
            value = QLabel(text)
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(name, as_data(value))
        layout.addLayout(form)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = buttons.addButton(tr("Accept and add"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        # A button that may be pressed by Enter becomes the default as soon as it has the focus.
        self.accept_button.setAutoDefault(False)
        self.cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        self.cancel.setDefault(True)
        self.cancel.setFocus()
