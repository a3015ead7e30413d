"""One step of a recipe in the dialog: which plugin, and its parameters as a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop_app.domain.recipe import Step
from desktop_app.plugin_api.manifest import PluginManifest, Provided
from desktop_app.storage.plugin_values import PluginValues
from desktop_app.ui.dialogs.param_form import ParamForm, usable_values
from desktop_app.ui.translation import tr


class StepPage(QWidget):
    """A choice of plugins of one kind and the chosen one's parameters.

    Parameters
    ----------
    choices : Sequence[tuple[PluginManifest, Provided]]
        What the usable plugins provide of the kind.
    none_text : str
        What to call *no plugin*, translated; empty where one must be chosen.
    remembered : PluginValues | None
        What the parameters of a plugin that is chosen here begin with; None for the defaults.

    Notes
    -----
    ``changed()`` is emitted with every change.
    """

    changed = Signal()

    def __init__(
        self,
        choices: Sequence[tuple[PluginManifest, Provided]],
        none_text: str = "",
        *,
        remembered: PluginValues | None = None,
    ) -> None:
        super().__init__()
        self._remembered = remembered
        self._choices = {f"{manifest.plugin_id}/{thing.id}": (manifest, thing) for manifest, thing in choices}
        self.combo = QComboBox()
        if none_text:
            self.combo.addItem(none_text, "")
        for use, (_, thing) in self._choices.items():
            self.combo.addItem(tr(thing.name), use)
        self._about = QLabel()
        self._about.setObjectName("faint")
        self._about.setWordWrap(True)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setAccessibleName(tr("Parameters"))
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._form: ParamForm | None = None
        self._missing: Step | None = None
        layout = QVBoxLayout(self)
        layout.addWidget(self.combo)
        layout.addWidget(self._about)
        layout.addWidget(self._scroll, 1)
        self.combo.currentIndexChanged.connect(lambda _index: self._choose(self._begin_with()))
        self._choose({})

    @property
    def form(self) -> ParamForm | None:
        """The rows of the chosen plugin, or None without one."""
        return self._form

    @property
    def missing(self) -> str:
        """The plugin that a recipe asks for and that is not there; empty if there is none such."""
        return self._missing.use if self._missing is not None else ""

    def set_step(self, step: Step | None) -> None:
        """Show a recipe's step."""
        index = self.combo.findData(step.use if step is not None else "")
        self._missing = step if index < 0 else None
        self.combo.blockSignals(True)
        self.combo.setCurrentIndex(index)
        self.combo.blockSignals(False)
        self._choose(step.params if step is not None else {}, keep_missing=True)

    def step(self) -> Step | None:
        """The step as it is shown."""
        if self._missing is not None:
            return self._missing
        use = self.combo.currentData()
        return Step(use, self._form.values() if self._form is not None else {}) if use else None

    def _begin_with(self) -> Mapping[str, Any]:
        """The remembered values of the plugin that was chosen, as far as it still takes them."""
        use = self.combo.currentData() or ""
        if self._remembered is None or use not in self._choices:
            return {}
        return usable_values(self._choices[use][1].params, self._remembered.of(use))

    def _choose(self, values: Mapping[str, Any], *, keep_missing: bool = False) -> None:
        if not keep_missing:
            self._missing = None
        chosen = self._choices.get(self.combo.currentData() or "")
        if chosen is None:
            self._form = None
            page = QWidget()
            page.setObjectName("page")
            self._scroll.setWidget(page)
            self._about.setText(
                tr("The plugin {use} is not there.", use=self.missing) if self.missing else ""
            )
        else:
            manifest, thing = chosen
            self._about.setText(tr(manifest.description))
            self._form = ParamForm(thing.params, values, thing.presets)
            self._form.setObjectName("page")
            self._form.changed.connect(self.changed)
            self._scroll.setWidget(self._form)
        self._about.setVisible(bool(self._about.text()))
        self.changed.emit()
