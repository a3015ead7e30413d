"""Bookmarks and what is kept of them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import orjson
import pytest

from desktop_app.domain.bookmark import LONGEST_NAME, Bookmark, checked_name
from desktop_app.domain.viewport import Viewport

VIEW = Viewport((1234.5, 678.25), 0.75, 17.0, (800, 600), mirrored=True)


def test_a_bookmark_shows_its_place_again_in_a_view_of_any_size() -> None:
    bookmark = Bookmark.of(VIEW, "종양")
    shown = bookmark.applied_to(Viewport((0.0, 0.0), 9.0, 0.0, (300, 200)))
    assert shown == replace(VIEW, size=(300, 200))


def test_what_is_kept_is_the_whole_bookmark() -> None:
    bookmark = Bookmark.of(VIEW, "종양 1")
    kept = orjson.loads(orjson.dumps(bookmark.as_record()))
    back = Bookmark.from_record(kept)
    assert back is not None
    assert back == replace(bookmark, made=bookmark.made.replace(microsecond=0))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "  "},
        {"center": [1]},
        {"center": ["a", "b"]},
        {"center": [math.nan, 0]},
        {"downsample": 0},
        {"downsample": None},
        {"made": "yesterday"},
        {"key": ...},
    ],
)
def test_a_damaged_record_is_left_out(change: dict[str, Any]) -> None:
    record = Bookmark.of(VIEW, "a").as_record() | change
    assert Bookmark.from_record({name: value for name, value in record.items() if value is not ...}) is None


def test_names_are_one_line_of_sensible_length() -> None:
    assert checked_name("  two\n lines\t") == "two lines"
    assert len(checked_name("x" * 999)) == LONGEST_NAME
