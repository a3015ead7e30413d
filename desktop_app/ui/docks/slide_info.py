"""What is known of the slide: size, levels, pixel size and its source, scanner, associated images by name.

Label and macro pictures can hold patient names, so they are named and never shown. GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFormLayout,
    QFrame,
    QHeaderView,
    QLabel,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.slide_info import MppSource, SlideInfo
from desktop_app.ui.translation import as_data, marked, tr

SOURCES: dict[MppSource, str] = {
    "metadata": marked("from the scanner's metadata"),
    "tiff_tag": marked("from a TIFF tag"),
    "table": marked("from a table"),
    "given": marked("given by you"),
}


class SlideInfoPanel(QScrollArea):
    """A form of facts and the table of levels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(tr("Slide information"))
        self.show_info(None)

    def show_info(self, info: SlideInfo | None) -> None:
        """Show a slide's facts, or that there is none."""
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(10, 10, 10, 10)
        if info is None:
            label = QLabel(tr("No slide is open."))
            label.setObjectName("faint")
            layout.addWidget(label)
        else:
            layout.addLayout(_form(info))
            heading = QLabel(tr("Levels"))
            heading.setObjectName("heading")
            layout.addWidget(heading)
            layout.addWidget(_levels(info))
        layout.addStretch(1)
        self.setWidget(content)


def facts(info: SlideInfo) -> list[tuple[str, str]]:
    """``(name, value)`` of everything shown in the form, translated."""
    width, height = info.size
    rows = [
        (tr("File"), info.path.name),
        (tr("Folder"), str(info.path.parent)),
        (tr("Size"), tr("{width} × {height} px", width=f"{width:,}", height=f"{height:,}")),
        (tr("Pixel size"), _pixel_size(info)),
    ]
    if info.mpp is not None:
        rows.append((tr("Extent"), _extent(info)))
    rows.append((tr("Objective"), f"{info.objective:g}×" if info.objective else tr("not stated")))
    rows.append((tr("Format"), info.vendor))
    if info.bounds is not None:
        x, y, w, h = info.bounds
        rows.append((tr("Scanned part"), tr("{w} × {h} px at ({x}, {y})", w=w, h=h, x=x, y=y)))
    rows.append((tr("Color profile"), tr("embedded") if info.icc_profile else tr("none")))
    rows.append((tr("Other images"), _associated(info)))
    return rows


def _pixel_size(info: SlideInfo) -> str:
    if info.mpp is None or info.mpp_source is None:
        return tr(info.mpp_note) if info.mpp_note else tr("not stated")
    x, y = info.mpp
    size = f"{x:.4g}" if x == y else f"{x:.4g} × {y:.4g}"
    return tr("{size} µm, {source}", size=size, source=tr(SOURCES[info.mpp_source]))


def _extent(info: SlideInfo) -> str:
    assert info.mpp is not None
    across, down = (pixels * mpp / 1000 for pixels, mpp in zip(info.size, info.mpp, strict=True))
    return tr("{across} × {down} mm", across=f"{across:.2f}", down=f"{down:.2f}")


def _associated(info: SlideInfo) -> str:
    if not info.associated_names:
        return tr("none")
    return tr("{names} (not shown; they can hold names)", names=", ".join(info.associated_names))


def _form(info: SlideInfo) -> QFormLayout:
    form = QFormLayout()
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    for name, text in facts(info):
        label = QLabel(name)
        label.setObjectName("faint")
        value = QLabel(text)
        as_data(value)
        value.setWordWrap(True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        form.addRow(label, value)
    return form


def _levels(info: SlideInfo) -> QTableWidget:
    table = QTableWidget(len(info.levels), 4)
    table.setHorizontalHeaderLabels([tr("Level"), tr("Pixels"), tr("Downsample"), tr("µm/px")])
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    for row, level in enumerate(info.levels):
        mpp = f"{info.mpp[0] * level.downsample:.4g}" if info.mpp is not None else "–"
        size = f"{level.size[0]:,} × {level.size[1]:,}"
        for column, text in enumerate((str(level.index), size, f"{level.downsample:.4g}", mpp)):
            table.setItem(row, column, QTableWidgetItem(text))
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setStretchLastSection(True)
    table.resizeRowsToContents()
    table.setFixedHeight(
        header.sizeHint().height() + sum(table.rowHeight(r) for r in range(len(info.levels))) + 4
    )
    return table
