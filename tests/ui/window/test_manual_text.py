"""The shipped manual against the program: keys and menu paths from the action table, pictures, chapters."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QImage, QKeySequence, QTextDocument

from desktop_app.storage.locations import Locations
from desktop_app.ui.actions.action_keys import FIXED_KEYS, menu_text, plain_text, table_keys
from desktop_app.ui.actions.action_spec import ActionSpec
from desktop_app.ui.actions.table import ACTIONS, MENUS
from desktop_app.ui.manual_book import Chapter, ManualBook, read_chapters
from tests.support.window_driver import WindowDriver

FOLDER = Locations.default().manual
CHAPTERS = read_chapters(FOLDER)
TEXTS = {chapter.name: re.sub(r"\s+", " ", chapter.markdown) for chapter in CHAPTERS}

PANEL_KEYS = frozenset({"Ctrl", "Alt", "Shift", "+", "-", "F2", "Del"})
"""Held with something else, or answered by the canvas or a panel that has the keyboard."""

CODE = re.compile(r"(coverslip|vips) .+|coverslip-mpp\.csv|[a-z_]+/[a-z_]+")
"""What stands in the same letters and is no key."""

PATH = re.compile(r"\*\*([^*]+?›[^*]+?)\*\*(?: \(([^)]*)\))?")
QUOTED = re.compile(r"`([^`]+)`")
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
LARGEST_BYTES = 120_000


def path_of(spec: ActionSpec) -> str:
    return f"{menu_text(spec, MENUS)} › {plain_text(spec)}"


def menu_path(key: str) -> str:
    parts = key.split("/")
    names = (MENUS["/".join(parts[: depth + 1])] for depth in range(len(parts)))
    return " › ".join(name.replace("&", "") for name in names)


SPECS = {path_of(spec): spec for spec in ACTIONS}
SUBMENUS = {menu_path(key) for key in MENUS if "/" in key}


def keys_of(spec: ActionSpec) -> set[str]:
    return {keys for keys in (*table_keys(spec), spec.second_shortcut) if keys}


TABLE_KEYS = {keys for spec in ACTIONS for keys in keys_of(spec)}


def said() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """``(chapter, menu path, keys in the parentheses after it)``."""
    for name, text in TEXTS.items():
        for found in PATH.finditer(text):
            yield name, found[1], tuple(QUOTED.findall(found[2] or ""))


def test_every_key_exists() -> None:
    texts = [(name, text) for name in TEXTS for text in QUOTED.findall(TEXTS[name])]
    assert len(texts) > 60
    known = TABLE_KEYS | FIXED_KEYS | PANEL_KEYS
    assert [(name, text) for name, text in texts if text not in known and not CODE.fullmatch(text)] == []
    assert {
        text for _, text in texts if text in TABLE_KEYS and QKeySequence(text).toString() != text
    } == set()


def test_every_menu_path_exists_and_has_the_keys_named_after_it() -> None:
    paths = list(said())
    assert len(paths) > 50
    for chapter, path, keys in paths:
        if path in SUBMENUS:
            inside = {key for spec in ACTIONS if menu_text(spec, MENUS) == path for key in table_keys(spec)}
            assert set(keys) <= inside, (chapter, path, keys)
        else:
            assert path in SPECS, (chapter, path)
            assert set(keys) == keys_of(SPECS[path]) or not keys, (path, keys)


@pytest.mark.parametrize("menu", ["navigate", "view", "window", "slide"])
def test_every_way_of_viewing_has_its_place_in_the_manual(menu: str) -> None:
    everything = " ".join(TEXTS.values())
    named = {path for _, path, _ in said()}
    keys = set(QUOTED.findall(everything))
    for path, spec in SPECS.items():
        if spec.menu.split("/")[0] == menu:
            by_menu = path in named or menu_path(spec.menu) in named
            assert by_menu or keys & set(table_keys(spec)), path


def test_every_picture_is_there_small_used_once_and_has_words() -> None:
    used = [(found[2], found[1]) for text in TEXTS.values() for found in PICTURE.finditer(text)]
    there = {f"pictures/{path.name}" for path in (FOLDER / "pictures").iterdir()}
    assert sorted(name for name, _ in used) == sorted(there)
    assert all(words.strip() for _, words in used)
    assert {name for name in there if (FOLDER / name).stat().st_size > LARGEST_BYTES} == set()


def test_the_first_chapter_links_to_every_other_one() -> None:
    book = ManualBook([*CHAPTERS, Chapter.from_markdown("keys.md", "# Keys\n")])
    index = TEXTS["index.md"]
    assert [chapter.name for chapter in book.chapters if f"({chapter.name})" not in index] == ["index.md"]


def test_every_chapter_opens_with_its_pictures(driver: WindowDriver) -> None:
    driver.trigger("help.manual")
    manual = driver.window.guidance.manual
    assert manual is not None
    kind = QTextDocument.ResourceType.ImageResource.value
    for chapter in CHAPTERS:
        manual.go_to(chapter.name)
        assert manual.place[0] == chapter.name
        assert chapter.title in manual.page.toPlainText()
        assert "**" not in manual.page.toPlainText()
        for found in PICTURE.finditer(chapter.markdown):
            picture = manual.page.loadResource(kind, QUrl(found[2]))
            assert isinstance(picture, QImage), found[2]
            assert not picture.isNull(), found[2]
