"""One field that finds every action by a few letters of its name, and runs it.

It lies above the window's content and needs no mouse: letters narrow, arrows move, Enter runs, Esc closes.
It is part of the window and no window of its own, so it is where it belongs in full screen and under every
window manager. GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent, QPainter, QPalette, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop_app.ui.dialogs.palette_entries import FoundEntry, PaletteEntry, found
from desktop_app.ui.translation import tr

WIDTH, HEIGHT, TOP = 640, 440, 6
"""Logical pixels, and the distance from the top; less where the window is smaller."""

ENTRY_ROLE = Qt.ItemDataRole.UserRole
STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}
PAD, SPACING, BORDER = 8, 6, 1

Index = QModelIndex | QPersistentModelIndex


class CommandPalette(QFrame):
    """A field and the list of what fits.

    Parameters
    ----------
    entries : Sequence[PaletteEntry]
        What there is.
    used : Sequence[str]
        Keys of the actions used last, the latest first.
    parent : QWidget
        The window it lies on.

    Notes
    -----
    ``chosen(PaletteEntry)`` is emitted after it has closed; ``closed()`` in any case, once.
    """

    chosen = Signal(object)
    closed = Signal()

    def __init__(self, entries: Sequence[PaletteEntry], used: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self.setAutoFillBackground(True)
        self.setAccessibleName(tr("Find an action"))
        self._entries, self._used, self._ground = entries, used, parent
        self._focus_before = QApplication.focusWidget()
        self._over = False
        self._build()
        self._narrow("")
        parent.installEventFilter(self)
        self._place()

    def _build(self) -> None:
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Find an action or a slide"))
        self.field.setAccessibleName(tr("Find an action or a slide"))
        self.field.textChanged.connect(self._narrow)
        self.field.installEventFilter(self)
        self.list = QListView()
        self.list.setAccessibleName(tr("Actions"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_EntryPainter(self.list))
        self.list.clicked.connect(lambda _index: self.run_current())
        self.model = _EntryModel(self.list)
        self.list.setModel(self.model)
        self._nothing = QLabel(tr("Nothing fits."))
        self._nothing.setObjectName("faint")
        self._nothing.setContentsMargins(PAD, PAD, PAD, PAD)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PAD, PAD, PAD, PAD)
        layout.setSpacing(SPACING)
        layout.addWidget(self.field)
        layout.addWidget(self._nothing)
        layout.addWidget(self.list, 1)

    @property
    def current(self) -> PaletteEntry | None:
        """The entry that Enter would run."""
        index = self.list.currentIndex()
        return self.model.found[index.row()].entry if index.isValid() else None

    def open(self) -> None:
        """Show it and take the keyboard."""
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Close it; the keyboard goes back to where it was."""
        if self._over:
            return
        self._over = True
        self._ground.removeEventFilter(self)
        had_focus = self.field.hasFocus()
        self.hide()
        if had_focus and self._focus_before is not None:
            self._focus_before.setFocus(Qt.FocusReason.PopupFocusReason)
        self.closed.emit()
        self.deleteLater()

    def run_current(self) -> None:
        """Close it and do what is marked; what cannot be done now stays and says why."""
        entry = self.current
        if entry is not None and entry.enabled:
            self.dismiss()
            self.chosen.emit(entry)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field, and the window's size."""
        if watched is not self.field:
            if event.type() == QEvent.Type.Resize:
                self._place()
            return False
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            # Another window in front is no reason; another widget of this one is.
            if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
                self.dismiss()
            return False
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and _is_ours(event):
            event.accept()
            return True
        return event.type() == QEvent.Type.KeyPress and self._press(event)

    def _press(self, event: QKeyEvent) -> bool:
        if not _is_ours(event):
            return False
        key = Qt.Key(event.key())
        if key in STEPS:
            self._step(STEPS[key])
        elif key == Qt.Key.Key_Escape:
            self.dismiss()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.run_current()
        return True

    def _step(self, step: int) -> None:
        count = self.model.rowCount()
        if count:
            row = self.list.currentIndex().row() + step
            # One step goes round; a page ends at the end.
            row = row % count if abs(step) == 1 else min(max(row, 0), count - 1)
            self.list.setCurrentIndex(self.model.index(row))

    def _narrow(self, typed: str) -> None:
        self.model.show_found(found(self._entries, typed, self._used))
        any_found = bool(self.model.rowCount())
        self._nothing.setVisible(not any_found)
        self.list.setVisible(any_found)
        self.list.setCurrentIndex(self.model.index(0))
        self.list.scrollToTop()
        self._place()

    def _place(self) -> None:
        room = self._ground.contentsRect()
        rows = self.model.rowCount() * self.list.sizeHintForRow(0) if self.model.rowCount() else 0
        below = rows + 2 * self.list.frameWidth() if rows else self._nothing.sizeHint().height()
        needed = 2 * (PAD + BORDER) + self.field.sizeHint().height() + SPACING + below
        width, height = min(WIDTH, room.width() - 24), min(HEIGHT, room.height() - 80, needed)
        self.setGeometry(room.left() + (room.width() - width) // 2, room.top() + TOP, width, height)


class _EntryModel(QAbstractListModel):
    """The entries that fit."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.found: list[FoundEntry] = []

    def show_found(self, entries: list[FoundEntry]) -> None:
        self.beginResetModel()
        self.found = entries
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = self.found[index.row()]
        if role == ENTRY_ROLE:
            return shown
        if role == Qt.ItemDataRole.DisplayRole:
            entry = shown.entry
            return ", ".join(part for part in (entry.title, entry.keys, entry.reason or entry.where) if part)
        return None


class _EntryPainter(QStyledItemDelegate):
    """Title with the typed letters bold, where it is found below it, keys at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, 2 * option.fontMetrics.height() + PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        shown: FoundEntry = index.data(ENTRY_ROLE)
        entry = shown.entry
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        palette = option.palette
        painter.save()
        painter.setFont(option.font)
        if selected:
            painter.fillRect(option.rect, palette.highlight())
        area = option.rect.adjusted(PAD, PAD // 2, -PAD, -PAD // 2)
        title = _role(palette, selected, QPalette.ColorRole.Text, enabled=entry.enabled)
        faint = _role(palette, selected, QPalette.ColorRole.PlaceholderText, enabled=True)
        painter.setPen(faint)
        keys = QRect(area.left(), area.top(), area.width(), option.fontMetrics.height())
        painter.drawText(keys, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, entry.keys)
        room = area.width() - option.fontMetrics.horizontalAdvance(entry.keys) - PAD
        below = keys.translated(0, option.fontMetrics.height())
        where = option.fontMetrics.elidedText(
            entry.reason or entry.where, Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, where)
        painter.setPen(title)
        text = f"{entry.title}  ✓" if entry.ticked else entry.title
        _draw_title(painter, QPointF(area.topLeft()), text, places=shown.places, room=room)
        painter.restore()


def _draw_title(painter: QPainter, at: QPointF, text: str, *, places: tuple[int, ...], room: float) -> None:
    bold = QTextCharFormat()
    bold.setFontWeight(QFont.Weight.Bold)
    layout = QTextLayout(text, painter.font())
    ranges = []
    for place in places:
        span = QTextLayout.FormatRange()
        span.start, span.length, span.format = place, 1, bold
        ranges.append(span)
    layout.setFormats(ranges)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(max(room, 40.0))
    layout.endLayout()
    line.draw(painter, at)


def _role(palette: QPalette, selected: bool, role: QPalette.ColorRole, *, enabled: bool) -> Any:
    if selected:
        color = palette.color(QPalette.ColorRole.HighlightedText)
        color.setAlphaF(1.0 if enabled else 0.6)
        return color
    group = QPalette.ColorGroup.Active if enabled else QPalette.ColorGroup.Disabled
    return palette.color(group, role)


def _is_ours(event: QKeyEvent) -> bool:
    keys = {Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, *STEPS}
    plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return event.key() in keys and plain == Qt.KeyboardModifier.NoModifier
