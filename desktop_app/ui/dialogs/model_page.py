"""Which model predicts, as a page of the recipe dialog, and whether it fits the steps before it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QVBoxLayout, QWidget

from desktop_app.domain.bundle import ModelBundle
from desktop_app.domain.recipe import AggregatorStep, Recipe
from desktop_app.ui.translation import tr


class ModelPage(QWidget):
    """A choice of model bundles.

    Notes
    -----
    ``changed()`` is emitted with every change.
    """

    changed = Signal()

    def __init__(self, bundles: Sequence[ModelBundle]) -> None:
        super().__init__()
        self._bundles = {bundle.bundle_id: bundle for bundle in bundles}
        self._missing: AggregatorStep | None = None
        self.combo = QComboBox()
        self.combo.addItem(tr("No model: stop after the features"), "")
        for bundle in bundles:
            self.combo.addItem(tr(bundle.name), bundle.bundle_id)
        self.regions_box = QCheckBox(tr("Draw regions on slides predicted negative too"))
        self._about = QLabel()
        self._about.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.addWidget(self.combo)
        layout.addWidget(self._about)
        layout.addWidget(self.regions_box)
        layout.addStretch(1)
        self.combo.currentIndexChanged.connect(self._choose)
        self.regions_box.toggled.connect(lambda _checked: self.changed.emit())
        self._refresh()

    def set_step(self, step: AggregatorStep | None) -> None:
        """Show a recipe's aggregator."""
        index = self.combo.findData(step.bundle if step is not None else "")
        self.combo.blockSignals(True)
        self.combo.setCurrentIndex(index)
        self.combo.blockSignals(False)
        self._missing = step if index < 0 else None
        self.regions_box.setChecked(step is not None and step.regions_on_negative)
        self._refresh()

    def step(self) -> AggregatorStep | None:
        """The aggregator as it is shown."""
        if self._missing is not None:
            return AggregatorStep(self._missing.bundle, self.regions_box.isChecked())
        bundle_id = self.combo.currentData()
        return AggregatorStep(bundle_id, self.regions_box.isChecked()) if bundle_id else None

    def problem(self, recipe: Recipe) -> str:
        """Why the chosen model cannot follow these steps, translated; empty if it can."""
        if self._missing is not None:
            return tr("The model {bundle} is not in the model folder.", bundle=self._missing.bundle)
        bundle = self._bundles.get(self.combo.currentData() or "")
        if bundle is None:
            return ""
        wanted = (bundle.encoder, bundle.tile_px, round(bundle.mpp, 6))
        encoder = recipe.encoder.use if recipe.encoder is not None else ""
        if wanted == (encoder, recipe.tiles.size_px, round(recipe.tiles.mpp, 6)):
            return ""
        return tr(
            "{model} was trained on tiles of {size} px at {mpp} µm/px with the encoder {encoder}.",
            model=tr(bundle.name),
            size=bundle.tile_px,
            mpp=f"{bundle.mpp:g}",
            encoder=bundle.encoder,
        )

    def _choose(self, _index: int) -> None:
        self._missing = None
        self._refresh()

    def _refresh(self) -> None:
        bundle = self._bundles.get(self.combo.currentData() or "")
        self._about.setText(_describe(bundle) if bundle is not None else "")
        self._about.setVisible(bundle is not None)
        self.regions_box.setEnabled(bundle is not None or self._missing is not None)
        self.changed.emit()


def _describe(bundle: ModelBundle) -> str:
    classes = ", ".join(tr(entry.name) for entry in bundle.classes)
    text = tr(
        "Predicts {classes}. Version {version}, license {licence}.",
        classes=classes,
        version=bundle.version,
        licence=bundle.licence,
    )
    if bundle.demonstration:
        return f"{text}\n{tr('Demonstration model, meaningless on real tissue.')}"
    return text
