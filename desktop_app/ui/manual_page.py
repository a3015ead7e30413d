"""A chapter of the manual as a page: Markdown set with some care, pictures, and links inside the manual.

Nothing is ever loaded from elsewhere: pictures come from the manual's own folder, every other address is
refused. GUI thread.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QPalette,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from desktop_app.ui.manual_book import Chapter, anchor_of
from desktop_app.ui.translation import tr

LINE_HEIGHT = 140
"""Percent."""

MARGIN = 28
INDENT = 22
LARGEST_PICTURE = 660
"""Logical pixels across; the page's first width has room for it."""

PICTURE_SPACE = 10
"""Logical pixels above and below a picture."""

COLUMN_SHARES = (58, 42)
"""Percent, of a table of two columns, so that tables below each other stand in line."""

HEADING_POINTS = {1: 1.75, 2: 1.3, 3: 1.1, 4: 1.0}
"""Sizes of headings, beside the text's."""

SPACE_ABOVE = {1: 0, 2: 22, 3: 14, 4: 10}


class ManualPage(QTextBrowser):
    """Shows one chapter.

    Parameters
    ----------
    folder : Path
        Where the manual and its pictures are.

    Notes
    -----
    ``followed(name, anchor)`` is emitted when a link to a chapter is clicked.
    """

    followed = Signal(str, str)

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = folder.resolve()
        self._name = ""
        self._searched = ""
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setAccessibleName(tr("Manual"))
        self.document().setDocumentMargin(MARGIN)
        self.anchorClicked.connect(self._follow)

    def show_chapter(self, chapter: Chapter) -> None:
        """Set a chapter, from its beginning."""
        self._name = chapter.name
        self.document().setMarkdown(chapter.markdown, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        self.document().setDocumentMargin(MARGIN)
        self.document().setIndentWidth(INDENT)
        self._set_blocks()
        self._set_tables()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.mark(self._searched)

    def go_to(self, anchor: str) -> None:
        """Scroll to a heading; to the beginning without one of that name."""
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and anchor_of(block.text()) == anchor:
                self._scroll_to(QTextCursor(block))
                return
            block = block.next()
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.verticalScrollBar().setValue(0)

    def mark(self, text: str) -> None:
        """Color every place where a text stands; none for an empty text."""
        self._searched = text
        marks = []
        cursor = self.document().find(text) if text else QTextCursor()
        while not cursor.isNull():
            selection = QTextEdit.ExtraSelection()
            selection.cursor = cursor
            selection.format.setBackground(self.palette().color(QPalette.ColorRole.Accent))
            selection.format.setForeground(self.palette().color(QPalette.ColorRole.HighlightedText))
            marks.append(selection)
            cursor = self.document().find(text, cursor)
        self.setExtraSelections(marks)

    def next_mark(self) -> None:
        """Go to the next marked place, from the end to the first."""
        if not self._searched:
            return
        if not self.find(self._searched):
            self.moveCursor(QTextCursor.MoveOperation.Start)
            self.find(self._searched)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """A picture of the manual; nothing else is loaded."""
        address = name if isinstance(name, QUrl) else QUrl(name)
        path = (self._folder / address.path()).resolve()
        is_picture = kind == QTextDocument.ResourceType.ImageResource.value
        inside = address.isRelative() and path.is_relative_to(self._folder)
        if not (is_picture and inside and path.is_file()):
            return None
        return fitted(QImage(str(path)), self.devicePixelRatioF())

    def _follow(self, address: QUrl) -> None:
        if address.isRelative():
            self.followed.emit(address.path() or self._name, address.fragment())

    def _scroll_to(self, cursor: QTextCursor) -> None:
        self.setTextCursor(cursor)
        top = self.cursorRect(cursor).top()
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + top - MARGIN // 2)

    def _set_blocks(self) -> None:
        """Give headings and paragraphs the sizes and distances that Markdown does not speak of."""
        base = self.font().pointSizeF()
        block = self.document().begin()
        while block.isValid():
            cursor = QTextCursor(block)
            form = QTextBlockFormat(block.blockFormat())
            level = form.headingLevel()
            if level:
                form.setTopMargin(SPACE_ABOVE.get(level, 8))
                form.setBottomMargin(6)
                letters = QTextCharFormat()
                letters.setFontPointSize(base * HEADING_POINTS.get(level, 1.0))
                letters.setFontWeight(QFont.Weight.Bold)
                cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
                # Set and not merged: a size given in steps, as Markdown's headings have it, would win.
                cursor.setCharFormat(letters)
            elif _holds_picture(block):
                form.setTopMargin(PICTURE_SPACE)
                form.setBottomMargin(PICTURE_SPACE)
            elif cursor.currentTable() is None:
                form.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
                form.setBottomMargin(4 if block.textList() is not None else 8)
            QTextCursor(block).setBlockFormat(form)
            block = block.next()

    def _set_tables(self) -> None:
        palette = self.palette()
        for frame in self.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                _set_table(
                    frame,
                    line=palette.color(QPalette.ColorRole.Mid),
                    head=palette.color(QPalette.ColorRole.AlternateBase),
                )


def _set_table(table: QTextTable, *, line: QColor, head: QColor) -> None:
    form = table.format()
    form.setCellPadding(5)
    form.setCellSpacing(0)
    form.setBorder(1)
    form.setBorderCollapse(True)
    form.setBorderBrush(line)
    form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    form.setTopMargin(4)
    form.setBottomMargin(12)
    share = QTextLength.Type.PercentageLength
    form.setWidth(QTextLength(share, 100))
    if table.columns() == len(COLUMN_SHARES):
        form.setColumnWidthConstraints([QTextLength(share, percent) for percent in COLUMN_SHARES])
    table.setFormat(form)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        shade = cell.format()
        shade.setBackground(head)
        cell.setFormat(shade)


def _holds_picture(block: QTextBlock) -> bool:
    """Whether a paragraph has a picture, below which a larger line height would leave a wide gap."""
    return any(form.format.isImageFormat() for form in block.textFormats())


def fitted(picture: QImage, ratio: float) -> QImage:
    """A picture no wider than ``LARGEST_PICTURE`` on a screen of that many device pixels per logical one."""
    logical = min(LARGEST_PICTURE, picture.width())
    across = round(logical * ratio)
    if picture.width() > across:
        picture = picture.scaledToWidth(across, Qt.TransformationMode.SmoothTransformation)
    if picture.width() > logical:
        # On a dense screen it keeps its pixels, and is no wider for it.
        picture.setDevicePixelRatio(picture.width() / logical)
    return picture
