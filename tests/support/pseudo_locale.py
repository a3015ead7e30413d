"""A language of brackets: every translated text is put in brackets and made 40 % longer.

What a window shows without brackets was never offered for translation; what does not fit any more would be
clipped in German.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from PySide6.QtCore import QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QSizePolicy,
    QTabBar,
    QWidget,
)

from desktop_app.ui.translation import DATA_PROPERTY

OPEN, CLOSE, FILLER = "⟦", "⟧", "·"
_BRACKETED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
_WORD = re.compile(r"[^\W\d_]{2,}")
UNITS = {"px", "mm", "µm", "μm", "Coverslip"}


class PseudoTranslator(QTranslator):
    """Brackets everything, Qt's own texts included."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        return f"{OPEN}{text}{FILLER * math.ceil(0.4 * len(text))}{CLOSE}"


def raw_words(text: str) -> list[str]:
    """The words of a text that stand outside brackets, however deep the brackets are."""
    while _BRACKETED.search(text):
        text = _BRACKETED.sub(" ", text)
    return [word for word in _WORD.findall(text) if word not in UNITS]


def shown_texts(root: QWidget) -> Iterator[tuple[str, str]]:
    """``(where, text)`` of every text that a widget and its children show."""
    if isinstance(root, QDialog):
        yield f"{type(root).__name__} title", root.windowTitle()
    for widget in (root, *root.findChildren(QWidget)):
        if not widget.property(DATA_PROPERTY):
            where = f"{type(widget).__name__} {widget.objectName()}"
            yield from ((where, text) for text in _own_texts(widget) if text)
            yield f"{where} tooltip", widget.toolTip()
    for action in root.findChildren(QAction):
        if not action.property(DATA_PROPERTY):
            yield f"action {action.objectName()}", action.text()
            yield f"action {action.objectName()} tooltip", action.toolTip()


def _own_texts(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    elif isinstance(widget, QGroupBox | QMenu):
        yield widget.title()
    elif isinstance(widget, QTabBar):
        yield from (widget.tabText(index) for index in range(widget.count()))
    elif isinstance(widget, QComboBox):
        yield from (widget.itemText(index) for index in range(widget.count()))
    elif isinstance(widget, QLineEdit | QPlainTextEdit):
        yield widget.placeholderText()
    elif isinstance(widget, QHeaderView) and widget.model() is not None:
        model, orientation = widget.model(), widget.orientation()
        yield from (str(model.headerData(i, orientation) or "") for i in range(widget.count()))


def clipped(root: QWidget) -> Iterator[str]:
    """Labels and buttons in view that are smaller than their text."""
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or widget.property(DATA_PROPERTY):
            continue
        if isinstance(widget, QLabel) and widget.text() and _label_is_clipped(widget):
            yield f"QLabel {widget.text()!r}: {widget.size()} for {widget.sizeHint()}"
        elif isinstance(widget, QAbstractButton) and widget.text() and _button_is_clipped(widget):
            yield f"{type(widget).__name__} {widget.text()!r}: {widget.size()} for {widget.sizeHint()}"


def _button_is_clipped(button: QAbstractButton) -> bool:
    may_shrink = button.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Ignored
    return not may_shrink and button.width() < button.sizeHint().width()


def _label_is_clipped(label: QLabel) -> bool:
    if label.wordWrap():
        return label.height() < label.heightForWidth(label.width())
    return label.width() < label.sizeHint().width()
