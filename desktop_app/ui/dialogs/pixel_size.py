"""Asking how large a pixel is, where the slide does not say or says it wrongly."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.domain.slide_info import SlideInfo
from desktop_app.engine.job import MppOverride
from desktop_app.ui.dialogs.param_form import NumberBox
from desktop_app.ui.translation import tr

SMALLEST_UM, LARGEST_UM = 0.05, 50.0
"""µm per pixel beyond which no slide scanner works."""


class PixelSizeDialog(QDialog):
    """One number, in µm per pixel.

    Parameters
    ----------
    info : SlideInfo
        The slide as it is known now.

    Notes
    -----
    ``chosen(MppOverride)`` is emitted when the user accepts.
    """

    chosen = Signal(object)

    def __init__(self, info: SlideInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Pixel size"))
        self._file_says = info.mpp if info.mpp_source not in {"given", "table"} else None
        self.size_box = NumberBox()
        # Nothing is proposed for a slide that says nothing: Enter must not turn a guess into a measure.
        self.size_box.setRange(0.0, LARGEST_UM)
        self.size_box.setSpecialValueText(tr("unknown"))
        self.size_box.setSuffix(tr(" µm per pixel"))
        self.size_box.setValue(info.mpp[0] if info.mpp else 0.0)
        self.override_box = QCheckBox(tr("Use my value in place of the slide's own"))
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._build_layout(info)
        self._build_connections()
        self._may_be_set()

    def _build_layout(self, info: SlideInfo) -> None:
        layout = QVBoxLayout(self)
        label = QLabel(explain(info))
        label.setWordWrap(True)
        label.setMinimumWidth(420)
        layout.addWidget(label)
        form = QFormLayout()
        form.addRow(tr("Pixel size"), self.size_box)
        layout.addLayout(form)
        layout.addWidget(self.override_box)
        self.override_box.setVisible(self._file_says is not None)
        hint = QLabel(
            tr("About 0.25 µm for a 40× scan and 0.5 µm for a 20× scan; the scanner's log knows it.")
        )
        hint.setObjectName("faint")
        hint.setWordWrap(True)
        layout.addWidget(hint)
        layout.addWidget(self._buttons)

    def _build_connections(self) -> None:
        self._buttons.accepted.connect(self._accept)
        self._buttons.rejected.connect(self.reject)
        self.override_box.toggled.connect(self._may_be_set)
        self.size_box.valueChanged.connect(self._refresh)

    def _may_be_set(self) -> None:
        may_set = self._file_says is None or self.override_box.isChecked()
        self.size_box.setEnabled(may_set)
        if may_set:
            # What is typed takes the place of what is there, and is not mixed with it.
            self.size_box.setFocus()
            self.size_box.selectAll()
        self._refresh()

    def _refresh(self) -> None:
        sensible = self.size_box.isEnabled() and self.size_box.value() >= SMALLEST_UM
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(sensible)

    def _accept(self) -> None:
        self.accept()
        self.chosen.emit(MppOverride(self.size_box.value(), force=self._file_says is not None))


def explain(info: SlideInfo) -> str:
    """What is known of the slide's pixel size, as a sentence."""
    if info.mpp is None:
        text = tr(
            "{file} does not say how large a pixel is. Analysis and measurements in µm need it.",
            file=info.path.name,
        )
        return f"{text} {tr(info.mpp_note)}" if info.mpp_note else text
    size = f"{info.mpp[0]:.4g} × {info.mpp[1]:.4g}"
    if info.mpp_source == "table":
        return tr(
            "The table of this folder says {size} µm per pixel for {file}.", size=size, file=info.path.name
        )
    if info.mpp_source == "given":
        return tr("You set {size} µm per pixel for {file}.", size=size, file=info.path.name)
    return tr("{file} says {size} µm per pixel.", file=info.path.name, size=size)
