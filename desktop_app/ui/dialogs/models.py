"""The model bundles: what is there, what is wrong with it, and bringing in, checking and removing one.

GUI thread; the work is done by :class:`desktop_app.ui.model_desk.ModelDesk`.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.tile_model import TileModel
from desktop_app.storage.model_source import ModelSource
from desktop_app.storage.model_store import StoredModel
from desktop_app.ui.dialogs.files import FileChooser
from desktop_app.ui.dialogs.model_licence import LicenceDialog
from desktop_app.ui.model_desk import ModelDesk
from desktop_app.ui.translation import as_data, marked, tr

KINDS = {
    "aggregator": marked("aggregator"),
    "encoder": marked("encoder"),
    "classifier": marked("classifier"),
    "network": marked("network"),
}


class ModelsDialog(QDialog):
    """A table of models, details of the chosen one, and buttons for what can be done with it.

    Parameters
    ----------
    desk : ModelDesk
        Does it.
    files : FileChooser
        Asks for what is brought in.
    """

    def __init__(self, desk: ModelDesk, files: FileChooser, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Models"))
        self.resize(820, 600)
        self._desk, self._files = desk, files
        self._models: tuple[StoredModel, ...] = ()
        self.question: LicenceDialog | None = None
        self.box: QMessageBox | None = None
        self._build_parts()
        self._build_layout()
        self._connect()
        self._show_busy(desk.doing)
        desk.refresh()

    def _build_parts(self) -> None:
        self.table = _table()
        self._details = QScrollArea()
        self._details.setWidgetResizable(True)
        self._details.setFrameShape(QFrame.Shape.NoFrame)
        self._details.setMinimumHeight(200)
        self._details.setAccessibleName(tr("About the model"))
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setVisible(False)
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress"))
        self.folder_button = QPushButton(tr("Add folder…"))
        self.file_button = QPushButton(tr("Add file…"))
        self.check_button = QPushButton(tr("Check"))
        self.remove_button = QPushButton(tr("Remove…"))
        self.stop_button = QPushButton(tr("Stop"))
        self.folder_button.setToolTip(tr("A bundle, or a WSInfer, timm or Hugging Face folder"))
        self.file_button.setToolTip(tr("A .zip, or a file of TorchScript, ONNX, safetensors or a state dict"))
        self.check_button.setToolTip(tr("Compare its hashes and run it once more"))

    def _build_layout(self) -> None:
        work = QHBoxLayout()
        work.addWidget(self.said, 1)
        work.addWidget(self.progress)
        work.addWidget(self.stop_button)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        buttons = QHBoxLayout()
        for button in (self.folder_button, self.file_button, self.check_button, self.remove_button):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        self.stop_button.setAutoDefault(False)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._details, 1)
        layout.addLayout(work)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.table.itemSelectionChanged.connect(self._show_chosen)
        self.folder_button.clicked.connect(self._add_folder)
        self.file_button.clicked.connect(self._add_file)
        self.check_button.clicked.connect(self._check)
        self.remove_button.clicked.connect(self._ask_remove)
        self.stop_button.clicked.connect(self._desk.stop)
        self._desk.listed.connect(self._show)
        self._desk.licence_shown.connect(self._ask_licence)
        self._desk.said.connect(self._tell)
        self._desk.busy.connect(self._show_busy)

    def chosen(self) -> StoredModel | None:
        """The model of the selected row."""
        row = self.table.currentRow()
        return self._models[row] if 0 <= row < len(self._models) else None

    def choose(self, model_id: str) -> None:
        """Select a model, if it is listed."""
        for row, model in enumerate(self._models):
            if model.model_id == model_id:
                self.table.selectRow(row)

    def _show(self, models: tuple[StoredModel, ...]) -> None:
        before = self.chosen()
        self._models = models
        self.table.blockSignals(True)
        self.table.setRowCount(len(models))
        for row, model in enumerate(models):
            for column, text in enumerate(_cells(model)):
                self.table.setItem(row, column, QTableWidgetItem(text))
        self.table.blockSignals(False)
        if models:
            self.table.selectRow(0)
        if before is not None:
            self.choose(before.model_id)
        self._show_chosen()

    def _show_chosen(self) -> None:
        page = QWidget()
        page.setObjectName("page")
        form = QFormLayout(page)
        model = self.chosen()
        for name, text in _details(model) if model is not None else ():
            value = QLabel(text)
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(name, as_data(value))
        self._details.setWidget(page)
        self._enable_buttons()

    def _show_busy(self, doing: str) -> None:
        for widget in (self.progress, self.stop_button):
            widget.setVisible(bool(doing))
        if doing:
            self._tell(doing)
        self._enable_buttons()

    def _enable_buttons(self) -> None:
        idle, model = not self._desk.doing, self.chosen()
        self.folder_button.setEnabled(idle)
        self.file_button.setEnabled(idle)
        self.check_button.setEnabled(idle and model is not None and model.model is not None)
        self.remove_button.setEnabled(idle and model is not None and model.removable)

    def _add_folder(self) -> None:
        folder = self._files.model_folder(self)
        if folder is not None:
            self._desk.look_at(folder)

    def _add_file(self) -> None:
        file = self._files.model_file(self)
        if file is not None:
            self._desk.look_at(file)

    def _ask_licence(self, source: ModelSource) -> None:
        question = LicenceDialog(source, self)
        question.accepted.connect(lambda: self._desk.accept(source, question.licence))
        question.rejected.connect(self._desk.decline)
        self.question = question
        question.open()

    def _check(self) -> None:
        model = self.chosen()
        if model is not None:
            self._desk.check(model)

    def _ask_remove(self) -> None:
        model = self.chosen()
        if model is None:
            return
        text = tr("Delete the model {name} and its weights?", name=model.model_id)
        box = QMessageBox(QMessageBox.Icon.Question, tr("Models"), text, parent=self)
        delete = box.addButton(tr("Delete"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(tr("Keep it"), QMessageBox.ButtonRole.RejectRole))
        delete.clicked.connect(lambda: self._desk.remove(model))
        self.box = box
        box.open()

    def _tell(self, text: str) -> None:
        self.said.setText(text)
        self.said.setVisible(True)


def _table() -> QTableWidget:
    table = QTableWidget(0, 4)
    table.setHorizontalHeaderLabels([tr("Model"), tr("Kind"), tr("License"), tr("State")])
    table.setAccessibleName(tr("Models"))
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


def _cells(stored: StoredModel) -> tuple[str, str, str, str]:
    state = tr("broken") if stored.problem else tr("ready")
    if stored.model is None:
        return stored.model_id, "", "", state
    return tr(stored.model.name), tr(KINDS[stored.model.kind]), stored.model.licence, state


def _details(stored: StoredModel) -> list[tuple[str, str]]:
    rows = [(tr("Problem"), tr(stored.problem))] if stored.problem else []
    model = stored.model
    if model is not None:
        rows.append((tr("Version"), model.version))
        rows.append((tr("Architecture"), model.architecture or tr("not stated")))
        rows.append((tr("Weights"), model.weights.name))
        rows.append((tr("SHA-256"), model.sha256))
    if isinstance(model, TileModel):
        mpp = tr("mpp not stated") if model.input.mpp is None else f"{model.input.mpp:g} µm/px"
        rows.append((tr("Expected"), f"{model.input.tile_px} px, {mpp}"))
        if model.classes:
            rows.append((tr("Classes"), ", ".join(model.classes)))
    if stored.record is not None:
        run = stored.record.dry_run
        rows.append((tr("Brought from"), stored.record.source))
        rows.append((tr("License accepted"), stored.record.licence_accepted))
        rows.append((tr("When tried"), run.note or f"{run.output_shape}, SHA-256 {run.output_sha256}"))
    return [*rows, (tr("Folder"), str(stored.folder))]
