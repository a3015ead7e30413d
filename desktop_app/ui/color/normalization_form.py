"""Stain normalization on the canvas: which method, its parameters, and what came of the fit. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from desktop_app.domain.recipe import Step
from desktop_app.domain.stain import FittedStain
from desktop_app.plugin_api.manifest import PluginManifest, Provided
from desktop_app.ui.dialogs.param_form import ParamForm
from desktop_app.ui.translation import marked, tr

REST_MS = 300
"""After the last change of a parameter: then the stain is fitted anew."""

PEEK = marked("Hold K to see the slide without it.")


class NormalizationForm(QWidget):
    """A choice of normalizers, the chosen one's parameters, and a sentence on the fit."""

    asked = Signal(object)
    """The ``Step`` that the slide in front shall be normalized by, None for as it is stored."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: dict[str, tuple[PluginManifest, Provided]] = {}
        self.method = QComboBox()
        self.method.setAccessibleName(tr("Stain normalization"))
        self.state = QLabel()
        self.state.setObjectName("faint")
        self.state.setWordWrap(True)
        self.params: ParamForm | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self.method)
        self._layout.addWidget(self.state)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(lambda: self.asked.emit(self.step))
        self.method.activated.connect(self._choose)
        self.show_choices(())

    @property
    def step(self) -> Step | None:
        """What is chosen."""
        use = self.method.currentData()
        return Step(use, {} if self.params is None else self.params.values()) if use else None

    def show_choices(self, choices: Sequence[tuple[PluginManifest, Provided]]) -> None:
        """List the normalizers that can be used."""
        chosen = self.step
        self._choices = {f"{manifest.plugin_id}/{thing.id}": (manifest, thing) for manifest, thing in choices}
        self.method.clear()
        self.method.addItem(tr("As stored"), "")
        for use, (_, thing) in self._choices.items():
            self.method.addItem(tr(thing.name), use)
        self.show_step(chosen)

    def show_step(self, step: Step | None) -> None:
        """Show what a view is normalized by."""
        if step == self.step or self._rest.isActive():  # a parameter in change will be asked for
            return
        self.method.setCurrentIndex(max(0, self.method.findData("" if step is None else step.use)))
        self._show_params(step)

    def show_fit(self, fitted: FittedStain | None) -> None:
        """Say what came of the fit; nothing where the slide is shown as it is stored."""
        if fitted is None:
            self.state.setText(tr("Colors are shown as they are stored."))
        elif fitted.identity:
            self.state.setText(tr("Shown as stored: {reason}", reason=fitted.note))
        else:
            self.state.setText(tr(PEEK) + (f" {fitted.note}" if fitted.note else ""))

    def show_fitting(self) -> None:
        """Say that a fit is under way."""
        self.state.setText(tr("Fitting to tissue from all over the slide…"))

    def _choose(self, _index: int) -> None:
        self._show_params(None)
        self._rest.stop()
        self.asked.emit(self.step)

    def _show_params(self, step: Step | None) -> None:
        if self.params is not None:
            self._layout.removeWidget(self.params)
            self.params.deleteLater()
            self.params = None
        found = self._choices.get(self.method.currentData())
        if found is not None and found[1].params:
            self.params = ParamForm(found[1].params, {} if step is None else step.params, found[1].presets)
            self.params.changed.connect(self._rest.start)
            self._layout.insertWidget(1, self.params)
