"""The manual as text: chapters in order, links, search, and the shipped chapters themselves."""

from __future__ import annotations

import re

import pytest

from desktop_app.storage.locations import Locations
from desktop_app.ui.manual_book import Chapter, ManualBook, anchor_of, keys_chapter, read_chapters

INDEX = "# Start\n\nSee [zoom](view.md#zoom), then [keys](keys.md). Read [more](https://example.org/a_b).\n"
VIEW = "# Seeing\n\n## Zoom\n\nTurn the *wheel*.\n\n```\n## no heading\n```\n\n## Move\n\nDrag it.\n"


@pytest.fixture
def book() -> ManualBook:
    keys = keys_chapter("keys.md", "Keys", [("File", [("Action", "Key"), ("A | b", "Ctrl+*")])])
    texts = {"other.md": "# Other\n", "view.md": VIEW, "index.md": INDEX}
    return ManualBook([keys, *(Chapter.from_markdown(name, text) for name, text in texts.items())])


def test_the_order_is_that_of_the_first_chapters_links(book: ManualBook) -> None:
    assert [chapter.name for chapter in book.chapters] == ["index.md", "view.md", "keys.md", "other.md"]
    assert [section.title for section in book.chapters[1].sections] == ["Seeing", "Zoom", "Move"]


def test_addresses_outside_are_written_out_and_those_inside_stay(book: ManualBook) -> None:
    text = book.chapters[0].markdown
    assert "more (`https://example.org/a_b`)" in text
    assert "](https" not in text
    assert "[zoom](view.md#zoom)" in text


def test_found_are_headings_first_and_lines_without_marks(book: ManualBook) -> None:
    hits = book.find("ZOOM")
    assert next((hit.chapter.name, hit.snippet) for hit in hits) == ("view.md", "Zoom")
    wheel = book.find("wheel")
    assert [(hit.section.anchor, hit.snippet) for hit in wheel] == [("zoom", "Turn the wheel.")]
    assert book.find("  ") == ()
    assert book.find("nowhere at all") == ()


def test_a_table_keeps_its_columns_whatever_is_in_the_cells(book: ManualBook) -> None:
    chapter = book.chapter("keys.md")
    assert chapter is not None
    rows = [line for line in chapter.markdown.splitlines() if line.startswith("|")]
    assert rows[-1] == r"| A \| b | Ctrl+\* |"
    assert [hit.snippet for hit in book.find("ctrl+*")] == ["A | b Ctrl+*"]


def test_the_shipped_chapters_link_only_to_what_is_there() -> None:
    folder = Locations.default().manual
    chapters = {chapter.name: chapter for chapter in read_chapters(folder)}
    assert {"index.md", "viewing.md"} <= set(chapters)
    for chapter in chapters.values():
        for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)]+)\)", chapter.markdown):
            name, _, anchor = target.partition("#")
            if name == "keys.md":
                continue
            linked = chapters[name or chapter.name]
            assert not anchor or anchor in {section.anchor for section in linked.sections}, target
        for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", chapter.markdown):
            assert (folder / picture).is_file(), picture


def test_a_missing_folder_is_an_empty_book() -> None:
    assert ManualBook(read_chapters(Locations.default().manual / "nowhere")).chapters == ()
    assert anchor_of("Names that must not be seen!") == "names-that-must-not-be-seen"
