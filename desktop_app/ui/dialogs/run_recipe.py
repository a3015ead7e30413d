"""The dialog that makes a recipe and a region into a job.

A recipe is picked from those shipped, or from a file, and can be changed step by step; what the dialog
runs is the recipe that it saves, so the command line gives the same files. GUI thread.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.bundle import ModelBundle
from desktop_app.domain.recipe import Recipe, Step
from desktop_app.engine.job import Device
from desktop_app.errors import CoverslipError, StorageError
from desktop_app.plugin_host import PluginHost
from desktop_app.storage.atomic import write_atomically
from desktop_app.storage.plugin_values import PluginValues
from desktop_app.storage.recipes import read_recipe, recipe_to_toml
from desktop_app.ui.dialogs.files import FileChooser
from desktop_app.ui.dialogs.model_page import ModelPage
from desktop_app.ui.dialogs.step_page import StepPage
from desktop_app.ui.dialogs.tile_page import TilePage
from desktop_app.ui.error_text import sentence
from desktop_app.ui.translation import marked, tr

DEVICES: dict[Device, str] = {
    "auto": marked("Automatic"),
    "cpu": marked("Processor"),
    "cuda": marked("Graphics card (CUDA)"),
}
NO_TISSUE_STEP = Step("none/none")


@dataclass(frozen=True, slots=True)
class RegionChoice:
    """Where a run works.

    Attributes
    ----------
    kind : str
        ``"slide"``, ``"selected"``, ``"class"``, or ``"rois"``, ``"exhaustive_rois"``, ``"selected_rois"``.
    class_name : str
        With ``"class"``.
    """

    kind: str
    class_name: str = ""


@dataclass(frozen=True, slots=True)
class RunChoice:
    """What the user asked for.

    Attributes
    ----------
    recipe : Recipe
        As shown in the dialog.
    region : RegionChoice
        Where.
    out : Path
        Folder of the results.
    device : Device
        Where encoders and models run.
    """

    recipe: Recipe
    region: RegionChoice
    out: Path
    device: Device


@dataclass(frozen=True, slots=True)
class RoiCounts:
    """How many ROIs a run can be limited to: all, those exhaustively annotated, those selected."""

    every: int = 0
    exhaustive: int = 0
    selected: int = 0


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the dialog can offer for the slide in view.

    Attributes
    ----------
    recipes : tuple[Recipe, ...]
        The shipped ones.
    bundles : tuple[ModelBundle, ...]
        The models there are.
    selected : int
        How many annotations are selected.
    classes : tuple[str, ...]
        Classes that have annotations.
    out : Path
        Proposed folder.
    rois : RoiCounts
        How many ROIs are drawn.
    values : PluginValues | None
        What the parameters of a chosen plugin begin with; None for the defaults.
    """

    recipes: tuple[Recipe, ...]
    bundles: tuple[ModelBundle, ...]
    selected: int
    classes: tuple[str, ...]
    out: Path
    rois: RoiCounts = RoiCounts()
    values: PluginValues | None = None


class RunRecipeDialog(QDialog):
    """Recipe, steps, region, folder, device.

    Notes
    -----
    ``chosen(RunChoice)`` is emitted when the user presses Run.
    """

    chosen = Signal(object)

    def __init__(
        self, host: PluginHost, options: RunOptions, *, files: FileChooser, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Run recipe"))
        self.resize(640, 660)
        self._files = files
        self._recipes: list[Recipe] = list(options.recipes)
        self._build_recipe_row()
        self._build_pages(host, options)
        self._build_region(options)
        self._build_out(options.out)
        self._build_buttons()
        self._build_layout()
        self._build_connections()
        self._show_recipe(0)
        self.run_button.setFocus()

    # ---- parts --------------------------------------------------------------------------------------

    def _build_recipe_row(self) -> None:
        self.recipe_combo = QComboBox()
        self.recipe_combo.setAccessibleName(tr("Recipe"))
        for recipe in self._recipes:
            self.recipe_combo.addItem(tr(recipe.name))
        self.open_button = QPushButton(tr("Open file…"))
        self.save_button = QPushButton(tr("Save as file…"))
        self._about = QLabel()
        self._about.setObjectName("faint")
        self._about.setWordWrap(True)

    def _build_pages(self, host: PluginHost, options: RunOptions) -> None:
        values = options.values
        self.tissue = StepPage(host.provided("tissue_detector"), remembered=values)
        self.tiles = TilePage()
        self.normalizer = StepPage(
            host.provided("stain_normalizer"), tr("No normalization"), remembered=values
        )
        self.encoder = StepPage(
            host.provided("encoder"), tr("No features: stop after the tiles"), remembered=values
        )
        self.model = ModelPage(options.bundles)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(tr("Steps"))
        for page, title in (
            (self.tissue, marked("Tissue")),
            (self.tiles, marked("Tiles")),
            (self.normalizer, marked("Stain")),
            (self.encoder, marked("Features")),
            (self.model, marked("Model")),
        ):
            self.tabs.addTab(page, tr(title))
            if isinstance(page, StepPage | ModelPage):
                page.combo.setAccessibleName(tr(title))

    def _build_region(self, options: RunOptions) -> None:
        self.region_combo = QComboBox()
        self.region_combo.addItem(tr("Whole slide"), RegionChoice("slide"))
        if options.selected:
            text = tr("Selected annotations ({count})", count=options.selected)
            self.region_combo.addItem(text, RegionChoice("selected"))
        self._add_rois(options.rois)
        for name in options.classes:
            self.region_combo.addItem(tr("Inside class {name}", name=name), RegionChoice("class", name))

    def _add_rois(self, counts: RoiCounts) -> None:
        """Offer the slide's ROIs; what there is none of is seen, but cannot be chosen."""
        if not counts.every:
            self._add_region(tr("ROIs: none is drawn on this slide"), RegionChoice("rois"), enabled=False)
            return
        self._add_region(tr("All ROIs ({count})", count=counts.every), RegionChoice("rois"), enabled=True)
        exhaustive = (
            tr("Exhaustively annotated ROIs ({count})", count=counts.exhaustive)
            if counts.exhaustive
            else tr("Exhaustively annotated ROIs: no ROI is marked so")
        )
        selected = (
            tr("Selected ROIs ({count})", count=counts.selected)
            if counts.selected
            else tr("Selected ROIs: none is selected")
        )
        self._add_region(exhaustive, RegionChoice("exhaustive_rois"), enabled=bool(counts.exhaustive))
        self._add_region(selected, RegionChoice("selected_rois"), enabled=bool(counts.selected))

    def _add_region(self, text: str, choice: RegionChoice, *, enabled: bool) -> None:
        self.region_combo.addItem(text, choice)
        model = self.region_combo.model()
        if not enabled and isinstance(model, QStandardItemModel):
            model.item(self.region_combo.count() - 1).setEnabled(False)

    def _build_out(self, out: Path) -> None:
        self.out_line = QLineEdit(str(out))
        self.out_line.setAccessibleName(tr("Results in"))
        self.browse_button = QPushButton(tr("Choose…"))
        self.device_combo = QComboBox()
        for device, title in DEVICES.items():
            self.device_combo.addItem(tr(title), device)

    def _build_buttons(self) -> None:
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self._problem.setMinimumHeight(self._problem.fontMetrics().lineSpacing() * 2)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.run_button = self.buttons.addButton(tr("Run"), QDialogButtonBox.ButtonRole.AcceptRole)
        # Else Cancel takes Enter over as soon as Run cannot be pressed, and keeps it.
        for button in self.buttons.buttons():
            if isinstance(button, QPushButton):
                button.setAutoDefault(button is self.run_button)

    def _build_layout(self) -> None:
        recipe_row = QHBoxLayout()
        recipe_row.addWidget(self.recipe_combo, 1)
        recipe_row.addWidget(self.open_button)
        recipe_row.addWidget(self.save_button)
        out_row = QHBoxLayout()
        out_row.addWidget(self.out_line, 1)
        out_row.addWidget(self.browse_button)
        top = QFormLayout()
        top.addRow(tr("Recipe"), recipe_row)
        top.addRow("", self._about)
        bottom = QFormLayout()
        bottom.addRow(tr("Region"), self.region_combo)
        bottom.addRow(tr("Results in"), out_row)
        bottom.addRow(tr("Compute on"), self.device_combo)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addLayout(top)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(bottom)
        layout.addWidget(self._problem)
        layout.addWidget(self.buttons)
        # Only in its dialog can a button become what Enter presses wherever the keyboard is.
        self.run_button.setDefault(True)

    def _build_connections(self) -> None:
        self.recipe_combo.currentIndexChanged.connect(self._show_recipe)
        self.open_button.clicked.connect(self._open_file)
        self.save_button.clicked.connect(self._save_file)
        self.browse_button.clicked.connect(self._browse)
        self.out_line.textChanged.connect(self._refresh)
        for page in (self.tissue, self.normalizer, self.encoder):
            page.changed.connect(self._refresh)
        self.tiles.changed.connect(self._refresh)
        self.model.changed.connect(self._refresh)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)

    # ---- what it says -------------------------------------------------------------------------------

    def recipe(self) -> Recipe:
        """The recipe as the pages show it."""
        index = self.recipe_combo.currentIndex()
        base = self._recipes[index] if index >= 0 else Recipe("recipe", NO_TISSUE_STEP)
        shown = replace(
            base,
            tissue=self.tissue.step() or NO_TISSUE_STEP,
            tiles=self.tiles.settings(),
            normalizer=self.normalizer.step(),
            encoder=self.encoder.step(),
            aggregator=self.model.step(),
        )
        # A result must not claim the name of a recipe that it was not made with.
        return shown if shown == base else replace(shown, name=f"{base.name} (changed)")

    def problem(self) -> str:
        """Why the job cannot be run as it stands, translated; empty if it can."""
        recipe = self.recipe()
        missing = [page.missing for page in (self.tissue, self.normalizer, self.encoder) if page.missing]
        if missing:
            return tr("The plugin {use} is not there or not trusted.", use=missing[0])
        if self.tissue.step() is None:
            return tr("Choose a tissue detector.")
        if recipe.tiles.overlap_px >= recipe.tiles.size_px:
            return tr("The overlap must be less than the tile size.")
        if recipe.aggregator is not None and (reason := self.model.problem(recipe)):
            return reason
        return "" if self.out_line.text().strip() else tr("Choose a folder for the results.")

    # ---- what it does -------------------------------------------------------------------------------

    def _show_recipe(self, index: int) -> None:
        if not 0 <= index < len(self._recipes):
            return
        recipe = self._recipes[index]
        self._about.setText(tr(recipe.description) if recipe.description else "")
        self.tissue.set_step(recipe.tissue)
        self.tiles.set_settings(recipe.tiles)
        self.normalizer.set_step(recipe.normalizer)
        self.encoder.set_step(recipe.encoder)
        self.model.set_step(recipe.aggregator)
        self._refresh()

    def _refresh(self) -> None:
        problem = self.problem()
        self._problem.setText(problem)
        self.run_button.setEnabled(not problem)

    def _open_file(self) -> None:
        path = self._files.recipe_to_read(self, "")
        if path is None:
            return
        try:
            recipe = read_recipe(path)
        except CoverslipError as error:
            self._problem.setText(sentence(error))
            return
        self._add_recipe(recipe)

    def _add_recipe(self, recipe: Recipe) -> None:
        """Offer another recipe, and show it."""
        self._recipes.append(recipe)
        self.recipe_combo.addItem(tr(recipe.name))
        self.recipe_combo.setCurrentIndex(self.recipe_combo.count() - 1)

    def _save_file(self) -> None:
        recipe = self.recipe()
        path = self._files.recipe_to_write(self, Path(self.out_line.text()) / f"{recipe.name}.toml")
        if path is None:
            return
        # The file's name is the recipe's, so that results say which of several variants made them.
        saved = replace(recipe, name=path.stem)
        try:
            write_atomically(path, recipe_to_toml(saved).encode())
        except CoverslipError as error:
            self._problem.setText(sentence(error))
        else:
            self._add_recipe(saved)

    def _browse(self) -> None:
        folder = self._files.folder(self, self.out_line.text())
        if folder is not None:
            self.out_line.setText(str(folder))

    def _accept(self) -> None:
        # Looked at now, else the hours of a run end with a folder that nothing can be written to. A link is
        # not resolved: it is the user's name for the folder.
        out = Path(self.out_line.text().strip()).expanduser().absolute()
        try:
            ensure_writable(out)
        except CoverslipError as error:
            self._problem.setText(sentence(error))
            return
        choice = RunChoice(
            self.recipe(), self.region_combo.currentData(), out, self.device_combo.currentData()
        )
        self.accept()
        self.chosen.emit(choice)


def ensure_writable(folder: Path) -> None:
    """Make a folder where there is none, and write something into it that is gone at once.

    Raises
    ------
    StorageError
        The system refuses.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StorageError(folder, error.strerror or type(error).__name__) from error
