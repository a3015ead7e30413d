"""The file of made levels: kept, resumed, checked, thrown away when damaged, and kept small."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from desktop_app.slides.pyramid_store import (
    PartKey,
    PyramidStore,
    StoredPart,
    store_path,
    trim_folder,
)

IDENTITY = {"size": [10, 20]}
KEY = PartKey(0, 3, 4)
PART = StoredPart(KEY, b"picture", b"summary")


def stored(path: Path) -> PyramidStore:
    return PyramidStore(path, IDENTITY)


def test_parts_outlive_the_store(tmp_path: Path) -> None:
    path = store_path(tmp_path / "made" / "here", "id")
    first = stored(path)
    assert first.is_on_disk
    assert first.picture(KEY) is None
    first.add([PART, StoredPart(PartKey(0, 0, 0), b"other", b"short")])
    first.close()
    second = stored(path)
    assert second.picture(KEY) == b"picture"
    assert dict(second.summaries()) == {KEY: b"summary", PartKey(0, 0, 0): b"short"}
    second.close()
    second.close()


def test_what_was_made_for_another_slide_is_thrown_away(tmp_path: Path) -> None:
    path = tmp_path / "a.pyramid"
    first = stored(path)
    first.add([PART])
    first.close()
    other = PyramidStore(path, {"size": [11, 20]})
    assert other.picture(KEY) is None
    other.close()


@pytest.mark.parametrize("damage", ["garbage", "empty", "cut"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.pyramid"
    first = stored(path)
    first.add([StoredPart(PartKey(0, column, 0), os.urandom(20_000), b"s") for column in range(10)])
    first.close()
    whole = path.read_bytes()
    path.write_bytes({"garbage": os.urandom(9000), "empty": b"", "cut": whole[: len(whole) // 2]}[damage])
    second = stored(path)
    # What is gone is found out at the latest when it is asked for, and can be stored again.
    pictures = [second.picture(PartKey(0, column, 0)) for column in range(10)]
    assert any(picture is None for picture in pictures)
    second.add([PART])
    assert second.picture(KEY) == b"picture"
    second.close()


def test_flipped_bytes_are_noticed_by_their_checksum(tmp_path: Path) -> None:
    path = tmp_path / "a.pyramid"
    first = stored(path)
    first.add([StoredPart(KEY, b"PICTURE" * 50, b"SUMMARY" * 50)])
    first.close()
    content = path.read_bytes()
    assert content.count(b"PICTURE") >= 50
    path.write_bytes(content.replace(b"PICTURE", b"PICTURF").replace(b"SUMMARY", b"SUMMARZ"))
    second = stored(path)
    assert list(second.summaries()) == []
    assert second.picture(KEY) is None
    second.close()


def test_where_the_folder_cannot_be_made_parts_stay_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = stored(tmp_path / "file" / "a.pyramid")
    assert not store.is_on_disk
    store.add([PART])
    assert store.picture(KEY) == b"picture"
    store.forget(KEY)
    assert store.picture(KEY) is None
    store.close()


def test_what_a_busy_file_refuses_stays_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.slides.pyramid_store._BUSY_S", 0.05)
    path = tmp_path / "a.pyramid"
    store = stored(path)
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    store.add([PART])
    assert store.picture(KEY) == b"picture"
    blocker.execute("ROLLBACK")
    blocker.close()
    # Nothing is wrong with the file: later parts go there again.
    store.add([StoredPart(PartKey(0, 9, 9), b"later", b"s")])
    store.close()
    again = stored(path)
    assert again.picture(PartKey(0, 9, 9)) == b"later"
    again.close()


def test_hatched_parts_are_not_kept_for_the_next_opening(tmp_path: Path) -> None:
    path = tmp_path / "a.pyramid"
    store = stored(path)
    store.add_in_memory(PART)
    assert store.picture(KEY) == b"picture"
    store.close()
    again = stored(path)
    assert again.picture(KEY) is None
    again.close()


def test_the_folder_is_trimmed_from_the_longest_unused_on(tmp_path: Path) -> None:
    for age, name in enumerate(["new", "old", "older", "kept"]):
        path = tmp_path / f"{name}.pyramid"
        path.write_bytes(bytes(1000))
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    (tmp_path / "older.pyramid-wal").write_bytes(bytes(500))
    os.utime(tmp_path / "older.pyramid-wal", (1, 1))
    (tmp_path / "unrelated.txt").write_bytes(bytes(9000))
    trim_folder(tmp_path, keep=tmp_path / "kept.pyramid", limit=2100)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"new.pyramid", "kept.pyramid", "unrelated.txt"}
    trim_folder(tmp_path / "missing")
