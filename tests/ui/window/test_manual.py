"""The manual's window: chapters, links, search, pictures from its own folder only."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QColor, QImage, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.storage.key_map import KeyMap
from desktop_app.ui.actions.action_keys import ActionKeys, plain_text
from desktop_app.ui.actions.table import ACTIONS, MENUS
from desktop_app.ui.key_pages import chapter_on_keys, keys_text
from desktop_app.ui.manual import ManualWindow
from desktop_app.ui.manual_book import Chapter, ManualBook
from desktop_app.ui.manual_page import LARGEST_PICTURE, fitted
from tests.support.pseudo_locale import PseudoTranslator, raw_words, shown_texts
from tests.support.window_driver import WindowDriver
from tests.ui.window.test_accessible_names import nameless

MORE = "\n\n".join(["A paragraph that says little."] * 60)
TEXTS = {
    "index.md": "# Start\n\nSee [zoom](view.md#zoom) or [the site](https://example.org).\n",
    "view.md": f"# Seeing\n\n![red](pictures/wide.png)\n\n{MORE}\n\n## Zoom\n\nTurn the wheel.\n\n{MORE}\n",
}


@pytest.fixture
def manual(qtbot: QtBot, tmp_path: Path) -> ManualWindow:
    (tmp_path / "pictures").mkdir()
    picture = QImage(2000, 1200, QImage.Format.Format_RGB32)
    picture.fill(QColor("red"))
    picture.save(str(tmp_path / "pictures" / "wide.png"))
    book = ManualBook([Chapter.from_markdown(name, text) for name, text in TEXTS.items()])
    window = ManualWindow(tmp_path, lambda: book)
    qtbot.addWidget(window)
    window.show()
    return window


def test_a_link_goes_to_its_heading_and_back(manual: ManualWindow, qtbot: QtBot) -> None:
    manual.page.anchorClicked.emit(QUrl("view.md#zoom"))
    assert manual.place == ("view.md", "zoom")
    qtbot.waitUntil(lambda: manual.page.verticalScrollBar().value() > 200)
    assert manual.page.textCursor().block().text() == "Zoom"
    manual.step(-1)
    assert manual.place == ("index.md", "")
    assert not manual.back_button.isEnabled()
    manual.step(1)
    assert manual.place == ("view.md", "zoom")


def test_addresses_outside_are_text_and_clicking_opens_nothing(manual: ManualWindow) -> None:
    assert "https://example.org" in manual.page.toPlainText()
    assert 'href="https' not in manual.page.toHtml()
    manual.page.anchorClicked.emit(QUrl("https://example.org"))
    assert manual.place == ("index.md", "")


def test_pictures_are_the_manuals_own_and_fit_the_page(manual: ManualWindow, tmp_path: Path) -> None:
    kind = QTextDocument.ResourceType.ImageResource.value
    picture = manual.page.loadResource(kind, QUrl("pictures/wide.png"))
    assert isinstance(picture, QImage)
    assert picture.width() / picture.devicePixelRatio() == LARGEST_PICTURE
    outside = tmp_path.parent / "secret.png"
    QImage(4, 4, QImage.Format.Format_RGB32).save(str(outside))
    for address in ("../secret.png", f"file://{outside}", "https://example.org/a.png", str(outside)):
        assert manual.page.loadResource(kind, QUrl(address)) is None


@pytest.mark.parametrize("across", [900, 2000])
def test_on_a_dense_screen_a_picture_is_no_wider_but_finer(across: int) -> None:
    picture = fitted(QImage(across, 100, QImage.Format.Format_RGB32), 2.0)
    assert round(picture.width() / picture.devicePixelRatio()) == LARGEST_PICTURE
    assert picture.width() == min(across, 2 * LARGEST_PICTURE)
    small = fitted(QImage(300, 100, QImage.Format.Format_RGB32), 2.0)
    assert (small.width(), small.devicePixelRatio()) == (300, 1.0)


def test_a_picture_leaves_no_gap_below_it(manual: ManualWindow, qtbot: QtBot) -> None:
    manual.go_to("view.md")
    document = manual.page.document()
    block = document.find("A paragraph that says little").block()
    picture = block.previous()
    layout = document.documentLayout()
    qtbot.waitUntil(lambda: layout.blockBoundingRect(picture).height() > 0)
    height = layout.blockBoundingRect(block).top() - layout.blockBoundingRect(picture).top()
    assert height < LARGEST_PICTURE * 1200 / 2000 + 60


def test_searching_lists_marks_and_goes_on(manual: ManualWindow) -> None:
    QTest.keyClicks(manual.search, "wheel")
    assert manual.results.count() == 1
    manual.search.returnPressed.emit()
    assert manual.place == ("view.md", "zoom")
    assert len(manual.page.extraSelections()) == 1
    assert manual.page.textCursor().selectedText() == "wheel"
    manual.search.setText("no such word")
    assert manual.side.currentWidget() is not manual.results
    manual.search.clear()
    assert manual.side.currentWidget() is manual.contents
    assert manual.page.extraSelections() == []


def test_every_key_is_on_the_generated_page() -> None:
    keys = ActionKeys(ACTIONS, KeyMap("", {"view.fit": ("F7", "F7")}))
    chapter = chapter_on_keys(keys, MENUS)
    rows = [line.replace("\\", "") for line in chapter.markdown.splitlines() if line.startswith("| ")]
    with_keys = [spec for spec in ACTIONS if any(keys.both(spec))]
    assert len(with_keys) > 60
    said = {f"| {plain_text(spec)} | {keys_text(keys.both(spec))} |" for spec in with_keys}
    assert said <= set(rows)
    assert "| Fit slide in window | F7 |" in rows
    assert "| 5× | 3 in View, Alt+3 in Annotate |" in rows
    assert "| Class 3 | 3 in Annotate |" in rows


def test_all_of_it_has_names_for_a_screen_reader_and_is_translated(
    qapp: QApplication, qtbot: QtBot, manual: ManualWindow
) -> None:
    assert nameless(manual) == []
    translator = PseudoTranslator()
    qapp.installTranslator(translator)
    other = ManualWindow(Path("/nowhere"), lambda: ManualBook([Chapter.from_markdown("index.md", "# A")]))
    qtbot.addWidget(other)
    other.show()
    texts = {text for where, text in shown_texts(other) if "QTextBrowser" not in where}
    qapp.removeTranslator(translator)
    assert not {text for text in texts if raw_words(text)}


def test_it_stands_beside_the_window_and_follows_the_keys(driver: WindowDriver) -> None:
    driver.trigger("help.manual")
    manual = driver.window.guidance.manual
    assert manual is not None
    assert manual.place[0] == "index.md"
    assert "research use only" in manual.page.toPlainText()
    driver.trigger("help.shortcuts")
    assert driver.window.guidance.manual is manual
    assert manual.place[0] == "keys.md"
    assert "F7" not in manual.page.toPlainText()
    driver.window.guidance._use_keys(KeyMap("", {"view.fit": ("F7", "F7")}))
    assert "F7" in manual.page.toPlainText()
    manual.close()
    assert driver.window.guidance.manual is None
