"""The tables of a slide's levels: as the file has them, and as Deep Zoom counts them. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from desktop_app.domain.deepzoom import deep_zoom_levels
from desktop_app.domain.slide_info import SlideInfo
from desktop_app.ui.translation import marked, tr

DEEP_ZOOM_EXPLAINED = marked(
    "OpenSlide counts from the finest level, which is 0. Deep Zoom counts up from a single pixel, so its "
    "last level is the finest. Each Deep Zoom level is read from the slide's level beside it and is made "
    "smaller by the factor; tiles are 254 px with 1 px of overlap."
)


def level_table(info: SlideInfo) -> QTableWidget:
    """The levels of the file, finest first."""
    rows = []
    for level in info.levels:
        mpp = f"{info.mpp[0] * level.downsample:.4g}" if info.mpp is not None else "–"
        rows.append((str(level.index), _size(level.size), f"{level.downsample:.4g}", mpp))
    return _table(tr("Levels"), [tr("Level"), tr("Pixels"), tr("Factor"), tr("µm/px")], rows)


def deep_zoom_table(info: SlideInfo) -> QTableWidget:
    """The levels as Deep Zoom has them, finest first."""
    rows = [
        (str(level.index), _size(level.size), _size(level.tiles), str(level.level), f"{level.scale:.4g}")
        for level in reversed(deep_zoom_levels(info.size, info.levels))
    ]
    titles = [tr("Zoom"), tr("Pixels"), tr("Tiles"), tr("Level"), tr("Factor")]
    return _table(tr("Deep Zoom levels"), titles, rows)


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]:,} × {size[1]:,}"


def _table(name: str, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> QTableWidget:
    table = LevelTable(len(rows), len(titles))
    table.setObjectName("dense")
    table.setAccessibleName(name)
    table.setHorizontalHeaderLabels(list(titles))
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            table.setItem(row, column, QTableWidgetItem(text))
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setStretchLastSection(True)
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 6)
    table.fit_height()
    return table


class LevelTable(QTableWidget):
    """A table as high as its rows, and its scroll bar where the panel is too narrow for its columns."""

    def fit_height(self) -> None:
        """Take the height that is needed now."""
        rows = self.verticalHeader().length() + self.horizontalHeader().sizeHint().height()
        bar = self.horizontalScrollBar()
        below = bar.sizeHint().height() if bar.maximum() > 0 else 0
        height = rows + below + 2 * self.frameWidth()
        if self.height() != height:
            self.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The scroll bar may have come or gone."""
        super().resizeEvent(event)
        self.fit_height()
