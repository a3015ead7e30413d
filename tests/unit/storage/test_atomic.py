"""Whole files or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.errors import StorageError
from desktop_app.storage.atomic import atomic_file, write_atomically


def test_the_file_is_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "결과 😐.json"
    write_atomically(path, b"first")
    write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_in_the_block_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")

    def write_half() -> None:
        with atomic_file(path) as temporary:
            temporary.write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_destination_stays_old_until_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    path.write_bytes(b"old")
    with atomic_file(path) as temporary:
        temporary.write_bytes(b"new")
        assert path.read_bytes() == b"old"
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".h5"
    assert path.read_bytes() == b"new"


def test_a_block_that_writes_nothing_is_an_error_and_not_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError), atomic_file(tmp_path / "a"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_a_storage_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "a.txt"
    with pytest.raises(StorageError, match=r"a\.txt cannot be used: No such file") as caught:
        write_atomically(path, b"")
    assert caught.value.path == path


def test_a_long_korean_name_still_fits(tmp_path: Path) -> None:
    path = tmp_path / ("가" * 80 + ".geojson")
    write_atomically(path, b"{}")
    assert path.read_bytes() == b"{}"
