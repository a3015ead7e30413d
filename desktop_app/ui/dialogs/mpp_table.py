"""The pixel sizes of a folder's slides as a table to fill in, to import and to keep. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.slide_info import Mpp
from desktop_app.storage.mpp_table import MppTable, parse_mpp
from desktop_app.ui.dialogs.param_form import NumberBox
from desktop_app.ui.dialogs.pixel_size import LARGEST_UM, SMALLEST_UM
from desktop_app.ui.translation import as_data, tr

NAME, ACROSS, DOWN, FILE_SAYS = range(4)
WRONG_ON_LIGHT, WRONG_ON_DARK = QColor(200, 0, 30), QColor(255, 125, 125)


@dataclass(frozen=True, slots=True)
class FolderSizes:
    """What is known of a folder.

    Attributes
    ----------
    folder : Path
        The folder.
    slides : tuple[str, ...]
        File names of its slides, in order.
    table : MppTable
        Its table as it was kept; empty if there was none.
    stated : Mapping[str, Mpp]
        What the files of open slides say themselves, µm per level-0 pixel ``(x, y)``, by file name.
    problem : str
        Why the table that is there cannot be used; empty if it can.
    """

    folder: Path
    slides: tuple[str, ...]
    table: MppTable
    stated: Mapping[str, Mpp] = field(default_factory=dict)
    problem: str = ""


class MppTableDialog(QDialog):
    """A row per slide, and what else the table names.

    Parameters
    ----------
    known : FolderSizes
        The folder.
    read_table : Callable[[], MppTable | None]
        Asks for a CSV file and reads it; None if the user declined or it could not be read, which has been
        told then through :meth:`tell`.

    Notes
    -----
    ``chosen(MppTable)`` is emitted when the user saves.
    """

    chosen = Signal(object)

    def __init__(
        self,
        known: FolderSizes,
        read_table: Callable[[MppTableDialog], MppTable | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Pixel sizes of this folder"))
        self.resize(680, 520)
        self._known = known
        self._read_table = read_table
        self._names: list[str] = []
        self._says: dict[str, str] = {}
        self.table = QTableWidget(0, 4)
        self.all_box = NumberBox()
        self.fill_button = QPushButton(tr("Fill in empty rows"))
        self.import_button = QPushButton(tr("Import CSV…"))
        self.status = as_data(QLabel())
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self._build_table()
        self._build_layout()
        self._build_connections()
        self._fill(known.slides, known.table)
        self.tell(known.problem)

    # ---- building -----------------------------------------------------------------------------------

    def _build_table(self) -> None:
        table = self.table
        table.setHorizontalHeaderLabels(
            [tr("Slide"), tr("µm per pixel"), tr("Down, if it differs"), tr("The file says")]
        )
        table.setAccessibleName(tr("Pixel sizes"))
        table.verticalHeader().hide()
        # The grid says that these cells can be written in.
        table.setShowGrid(True)
        table.setTabKeyNavigation(False)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)

    def _build_layout(self) -> None:
        heading = QLabel(
            tr(
                "What stands here is used for slides whose file does not say how large a pixel is; what a "
                "file says, or what you set for one slide, goes before it."
            )
        )
        heading.setWordWrap(True)
        hint = QLabel(tr("Kept as coverslip-mpp.csv beside the slides, where coverslip run finds it too."))
        hint.setObjectName("faint")
        hint.setWordWrap(True)
        self.status.setWordWrap(True)
        self.status.setObjectName("problem")
        self.all_box.setRange(0.0, LARGEST_UM)
        self.all_box.setSpecialValueText(tr("the same for all"))
        self.all_box.setSuffix(tr(" µm per pixel"))
        self.all_box.setAccessibleName(tr("Pixel size for empty rows"))
        self.all_box.setMinimumWidth(180)
        self.all_box.setMinimumHeight(self.fill_button.sizeHint().height())
        row = QHBoxLayout()
        row.addWidget(self.all_box)
        row.addWidget(self.fill_button)
        row.addStretch(1)
        row.addWidget(self.import_button)
        layout = QVBoxLayout(self)
        layout.addWidget(heading)
        layout.addLayout(row)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.status)
        layout.addWidget(hint)
        layout.addWidget(self._buttons)

    def _build_connections(self) -> None:
        for button in (self.fill_button, self.import_button):
            button.setAutoDefault(False)
        self._buttons.accepted.connect(self._save)
        self._buttons.rejected.connect(self.reject)
        self.fill_button.clicked.connect(self.fill_empty)
        self.import_button.clicked.connect(self.import_table)
        self.all_box.valueChanged.connect(self._refresh)
        self.table.itemChanged.connect(self._refresh)

    # ---- what it holds ------------------------------------------------------------------------------

    def _fill(self, slides: Sequence[str], table: MppTable) -> None:
        """A row per slide, with its value; names of the table that are none of the folder's come last."""
        used = {name for slide in slides if (name := table.name_for(Path(slide))) is not None}
        self._names = [*slides, *(name for name in table.sizes if name not in used)]
        self.table.blockSignals(True)
        self.table.setRowCount(len(self._names))
        for row, name in enumerate(self._names):
            self._fill_row(row, name, table.mpp_of(Path(name)))
        self.table.blockSignals(False)
        self._refresh()

    def _fill_row(self, row: int, name: str, size: Mpp | None) -> None:
        across = "" if size is None else f"{size[0]:.7g}"
        down = "" if size is None or size[0] == size[1] else f"{size[1]:.7g}"
        for column, text in enumerate((name, across, down, self._stated_text(name))):
            item = QTableWidgetItem(text)
            if column in {NAME, FILE_SAYS}:
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.table.setItem(row, column, item)
        self._item(row, FILE_SAYS).setToolTip(self._stated_text(name))
        if name not in self._known.slides:
            self._item(row, NAME).setToolTip(tr("The table names it, but there is no such slide here."))

    def _stated_text(self, name: str) -> str:
        stated = self._known.stated.get(name)
        if stated is not None:
            return size_text(stated)
        return self._says.get(name, "…" if name in self._known.slides else "")

    @property
    def unasked(self) -> list[str]:
        """Slides of the folder of which it is not shown yet what their files say, in order."""
        known = self._known
        return [name for name in known.slides if name not in known.stated and name not in self._says]

    def show_stated(self, name: str, text: str) -> None:
        """Show what a slide's file says, or why that is not known."""
        self._says[name] = text
        item = self._item(self._names.index(name), FILE_SAYS)
        item.setText(text)
        item.setToolTip(text)

    def tell(self, problem: str) -> None:
        """Show what is wrong, in words; empty for nothing."""
        self.status.setText(problem)
        self.status.setVisible(bool(problem))

    def fill_empty(self) -> None:
        """Give every slide of the folder without a value the one for all."""
        text = f"{self.all_box.value():.7g}"
        for row in range(len(self._known.slides)):
            if not self._item(row, ACROSS).text().strip():
                self._item(row, ACROSS).setText(text)

    def import_table(self) -> None:
        """Take over what a CSV file says; other rows stay."""
        found = self._read_table(self)
        if found is not None:
            self.tell("")
            present = {name: size for name, size in self._sizes().items() if found.mpp_of(Path(name)) is None}
            self._fill(self._known.slides, MppTable({**present, **found.sizes}))

    def _sizes(self) -> dict[str, Mpp]:
        """What the rows say now; rows with mistakes are left out."""
        sizes: dict[str, Mpp] = {}
        for row, name in enumerate(self._names):
            texts = [self._item(row, column).text().strip() for column in (ACROSS, DOWN)]
            if texts[0] and not any(self._mistake(row, column) for column in (ACROSS, DOWN)):
                sizes[name] = (float(texts[0]), float(texts[1] or texts[0]))
        return sizes

    def _mistake(self, row: int, column: int) -> str:
        """What is wrong with a cell; empty if nothing is."""
        text = self._item(row, column).text().strip()
        if not text:
            missing = column == ACROSS and bool(self._item(row, DOWN).text().strip())
            return tr("The size across is missing.") if missing else ""
        try:
            parse_mpp(text)
        except ValueError as error:
            return tr(str(error))
        return ""

    def _refresh(self) -> None:
        """Mark mistakes; a table with mistakes cannot be saved."""
        self.table.blockSignals(True)
        mistakes = []
        dark = self.palette().color(QPalette.ColorRole.Base).lightness() < 128
        wrong = QBrush(WRONG_ON_DARK if dark else WRONG_ON_LIGHT)
        for row, name in enumerate(self._names):
            for column in (ACROSS, DOWN):
                mistake = self._mistake(row, column)
                item = self._item(row, column)
                item.setForeground(wrong if mistake else QBrush())
                item.setToolTip(mistake)
                mistakes += [f"{name}: {mistake}"] if mistake else []
        self.table.blockSignals(False)
        if mistakes or not self._known.problem:
            self.tell(mistakes[0] if mistakes else "")
        self._buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(not mistakes)
        self.fill_button.setEnabled(self.all_box.value() >= SMALLEST_UM)

    def _item(self, row: int, column: int) -> QTableWidgetItem:
        item = self.table.item(row, column)
        assert item is not None
        return item

    def _save(self) -> None:
        # A cell that is still being edited is finished first.
        self.table.setFocus()
        table = MppTable(self._sizes())
        self.accept()
        self.chosen.emit(table)


def size_text(size: Mpp | None) -> str:
    """What a file says of its pixel size, in a few letters."""
    return tr("nothing") if size is None else f"{size[0]:.4g} × {size[1]:.4g}"
