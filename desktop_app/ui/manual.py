"""The manual's window: contents at the left, the chapter at the right, a search over all of it.

It stands beside the main window and stops nothing. GUI thread; the chapters are a few small files.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_app.ui.manual_book import FIRST, Hit, ManualBook
from desktop_app.ui.manual_page import ManualPage
from desktop_app.ui.translation import tr

PLACE_ROLE = Qt.ItemDataRole.UserRole
SIDE_WIDTH, PAGE_WIDTH, HEIGHT = 250, 780, 720

Place = tuple[str, str]
"""A chapter's name and a heading's anchor."""


class ManualWindow(QDialog):
    """Reads the manual.

    Parameters
    ----------
    folder : Path
        Where it is.
    make_book : Callable[[], ManualBook]
        Reads it; asked again by :meth:`renew`.
    """

    def __init__(
        self, folder: Path, make_book: Callable[[], ManualBook], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("Coverslip manual"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(SIDE_WIDTH + PAGE_WIDTH, HEIGHT)
        self._make_book = make_book
        self._book = make_book()
        self._places: list[Place] = []
        self._at = -1
        self.page = ManualPage(folder)
        self.page.followed.connect(self.go_to)
        self._build_side()
        self._build_bar()
        self._build_layout()
        self._fill_contents()
        self.go_to(FIRST, "")

    @property
    def place(self) -> Place:
        """The chapter and heading that were gone to last."""
        return self._places[self._at]

    def go_to(self, name: str, anchor: str = "") -> None:
        """Open a chapter at a heading; an unknown chapter changes nothing."""
        if self._book.chapter(name) is None:
            return
        del self._places[self._at + 1 :]
        if not self._places or self._places[-1] != (name, anchor):
            self._places.append((name, anchor))
        self._at = len(self._places) - 1
        self._show_place()

    def step(self, step: int) -> None:
        """Go back (-1) or forward (1)."""
        if 0 <= self._at + step < len(self._places):
            self._at += step
            self._show_place()

    def renew(self) -> None:
        """Read the manual again: the keys have changed."""
        self._book = self._make_book()
        self._fill_contents()
        self._show_place()

    # ---- building -----------------------------------------------------------------------------------

    def _build_side(self) -> None:
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search the manual"))
        self.search.setAccessibleName(tr("Search the manual"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._search)
        self.search.returnPressed.connect(self._go_on)
        self.contents = QTreeWidget()
        self.contents.setAccessibleName(tr("Contents"))
        self.contents.setHeaderHidden(True)
        self.contents.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.contents.itemClicked.connect(lambda item, _column: self._open(item.data(0, PLACE_ROLE)))
        self.contents.itemActivated.connect(lambda item, _column: self._open(item.data(0, PLACE_ROLE)))
        self.results = QListWidget()
        self.results.setAccessibleName(tr("Found"))
        self.results.setFrameShape(QListWidget.Shape.NoFrame)
        self.results.setWordWrap(True)
        self.results.setSpacing(2)
        self.results.itemClicked.connect(lambda item: self._open(item.data(PLACE_ROLE)))
        self.results.itemActivated.connect(lambda item: self._open(item.data(PLACE_ROLE)))
        self._nothing = QLabel(tr("Not found in the manual."))
        self._nothing.setObjectName("faint")
        self._nothing.setContentsMargins(8, 8, 8, 8)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.side = QStackedWidget()
        for widget in (self.contents, self.results, self._nothing):
            self.side.addWidget(widget)

    def _build_bar(self) -> None:
        self.back_button = QPushButton(tr("Back"))
        self.forward_button = QPushButton(tr("Forward"))
        for button, step, keys in (
            (self.back_button, -1, QKeySequence.StandardKey.Back),
            (self.forward_button, 1, QKeySequence.StandardKey.Forward),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, step=step: self.step(step))
            QShortcut(QKeySequence(keys), self).activated.connect(lambda step=step: self.step(step))
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self).activated.connect(self._focus_search)
        QShortcut(QKeySequence(QKeySequence.StandardKey.FindNext), self).activated.connect(
            self.page.next_mark
        )

    def _build_layout(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(8, 8, 4, 8)
        column.addWidget(self.search)
        column.addWidget(self.side, 1)
        steps = QHBoxLayout()
        steps.addWidget(self.back_button)
        steps.addWidget(self.forward_button)
        column.addLayout(steps)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(self.page)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([SIDE_WIDTH, PAGE_WIDTH])
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)

    def _fill_contents(self) -> None:
        self.contents.clear()
        for chapter in self._book.chapters:
            top = _item(chapter.title, (chapter.name, ""))
            self.contents.addTopLevelItem(top)
            for section in chapter.sections[1:]:
                if section.level == 2:
                    top.addChild(_item(section.title, (chapter.name, section.anchor)))
        self.contents.expandAll()

    # ---- what the user does -------------------------------------------------------------------------

    def _open(self, place: Place) -> None:
        self.go_to(*place)
        if self.search.text():
            self.page.next_mark()

    def _search(self, text: str) -> None:
        self.page.mark(text.strip())
        if not text.strip():
            self.side.setCurrentWidget(self.contents)
            return
        hits = self._book.find(text)
        self.results.clear()
        for hit in hits:
            self.results.addItem(_result(hit))
        self.side.setCurrentWidget(self.results if hits else self._nothing)

    def _go_on(self) -> None:
        """Enter in the search: open what was found, one after the other."""
        count = self.results.count()
        if self.side.currentWidget() is self.results and count:
            row = (self.results.currentRow() + 1) % count
            self.results.setCurrentRow(row)
            self._open(self.results.item(row).data(PLACE_ROLE))

    def _focus_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _show_place(self) -> None:
        name, anchor = self.place
        chapter = self._book.chapter(name)
        if chapter is not None:
            self.page.show_chapter(chapter)
            self.page.go_to(anchor)
        self.back_button.setEnabled(self._at > 0)
        self.forward_button.setEnabled(self._at < len(self._places) - 1)
        self._mark_contents()

    def _mark_contents(self) -> None:
        for number in range(self.contents.topLevelItemCount()):
            top = self.contents.topLevelItem(number)
            assert top is not None
            items = (top, *(top.child(row) for row in range(top.childCount())))
            found = next((item for item in items if item and _place(item) == self.place), None)
            if found is not None:
                self.contents.setCurrentItem(found)
                return


def _place(item: QTreeWidgetItem) -> Place:
    name, anchor = item.data(0, PLACE_ROLE)
    return name, anchor


def _item(text: str, place: Place) -> QTreeWidgetItem:
    item = QTreeWidgetItem([text])
    item.setData(0, PLACE_ROLE, place)
    item.setToolTip(0, text)
    return item


def _result(hit: Hit) -> QListWidgetItem:
    where = (
        hit.chapter.title
        if hit.section is hit.chapter.sections[0]
        else (f"{hit.chapter.title} › {hit.section.title}")
    )
    text = where if hit.snippet == hit.section.title else f"{where}\n{hit.snippet}"
    item = QListWidgetItem(text)
    item.setData(PLACE_ROLE, (hit.chapter.name, hit.section.anchor))
    return item
