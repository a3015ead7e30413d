"""The copy beside the slide: whole or not at all, and never over somebody else's file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.errors import ForeignFileError, StorageError
from desktop_app.storage import folder_copy as folder_copy_module
from desktop_app.storage.folder_copy import SUFFIXES, FolderCopy
from desktop_app.storage.geojson import read_geojson
from tests.support.annotation_samples import one_of_each, square

ONE = AnnotationSnapshot.of([square(0, 0)])
TWO = AnnotationSnapshot.of([square(0, 0), square(500, 0)])
EMPTY = AnnotationSnapshot.empty()


@pytest.fixture
def copy(tmp_path: Path) -> FolderCopy:
    for name in ("환자", "journal"):
        (tmp_path / name).mkdir()
    return FolderCopy(tmp_path / "환자" / "slide.svs", tmp_path / "journal")


def names(copy: FolderCopy) -> list[str]:
    return sorted(path.name for path in copy.slide.parent.iterdir())


def test_a_copy_holds_everything_in_the_coordinates_of_qupath(copy: FolderCopy) -> None:
    moved = FolderCopy(copy.slide, copy.memory, (100.0, 50.0))
    made = one_of_each()
    path = moved.write(AnnotationSnapshot.of(made), "a")
    assert path == copy.slide.with_name("slide.svs.coverslip.geojson")
    back = read_geojson(path, offset=(100.0, 50.0)).annotations
    assert {found.id for found in back} == {found.id for found in made}
    assert moved.is_current("a")
    assert not moved.is_current("b")


def test_where_nothing_was_drawn_nothing_is_written(copy: FolderCopy) -> None:
    assert copy.write(EMPTY, "start") is None
    assert names(copy) == []
    copy.write(ONE, "a")
    path = copy.write(EMPTY, "start")
    assert path is not None
    assert len(read_geojson(path).annotations) == 0, "what was deleted is not left in the copy"


def test_our_own_copy_is_written_over_and_anybody_elses_is_not(copy: FolderCopy) -> None:
    path = copy.write(ONE, "a")
    assert path is not None
    copy.write(TWO, "b")
    assert len(read_geojson(path).annotations) == 2
    path.write_bytes(path.read_bytes() + b"\n")
    theirs = path.read_bytes()
    assert not copy.is_current("b")
    with pytest.raises(ForeignFileError):
        copy.write(ONE, "c")
    assert path.read_bytes() == theirs
    copy.write(ONE, "c", replace=True)
    assert len(read_geojson(path).annotations) == 1
    copy.write(TWO, "d")


def test_a_file_of_that_name_from_before_is_not_touched(copy: FolderCopy) -> None:
    path = copy.path(SUFFIXES[0])
    path.write_text("mine")
    with pytest.raises(ForeignFileError):
        copy.write(ONE, "a")
    assert path.read_text() == "mine"
    assert names(copy) == [path.name]


def test_another_journal_of_the_slide_does_not_own_the_copy(copy: FolderCopy, tmp_path: Path) -> None:
    copy.write(ONE, "a")
    elsewhere = tmp_path / "another workstation"
    elsewhere.mkdir()
    with pytest.raises(ForeignFileError):
        FolderCopy(copy.slide, elsewhere).write(TWO, "a")


def test_a_copy_whose_writer_died_before_it_got_its_name_is_still_ours(
    copy: FolderCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy.write(ONE, "a")

    class DeadError(BaseException):
        """The process ends here."""

    def die(_finished: Path, _path: Path) -> None:
        raise DeadError

    with monkeypatch.context() as patched:
        patched.setattr("desktop_app.storage.atomic.replace_durably", die)
        patched.setattr(folder_copy_module, "write_atomically", lambda path, data: path.write_bytes(data))
        patched.setattr(
            folder_copy_module, "write_snapshot", lambda path, *_args, **_options: path.write_bytes(b"{}")
        )
        with pytest.raises(DeadError):
            copy.write(TWO, "b")
    assert not copy.is_current("b")
    assert copy.is_current("a")
    copy.write(TWO, "b")
    assert copy.is_current("b")


def test_many_objects_are_packed_and_the_plain_copy_goes(
    copy: FolderCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy.write(ONE, "a")
    monkeypatch.setattr(folder_copy_module, "PACKED_FROM", 400)
    path = copy.write(TWO, "b")
    assert names(copy) == ["slide.svs.coverslip.geojson.gz"]
    assert path is not None
    assert len(read_geojson(path).annotations) == 2


def test_what_a_killed_writer_left_is_tidied_away_later(copy: FolderCopy) -> None:
    folder = copy.slide.parent
    old, fresh, other = (folder / f".{letter * 12}.tmp.geojson" for letter in "abz")
    for path in (old, fresh, other):
        path.write_text("half")
    os.utime(old, (0, 0))
    os.utime(other, (0, 0))
    copy.write(ONE, "a")
    assert names(copy) == [fresh.name, other.name, "slide.svs.coverslip.geojson"]


def test_a_folder_that_is_gone_or_a_file_is_told_and_the_next_try_works(copy: FolderCopy) -> None:
    folder = copy.slide.parent
    gone = folder.rename(folder.with_name("gone"))
    with pytest.raises(StorageError) as refused:
        copy.write(ONE, "a")
    assert isinstance(refused.value.__cause__, FileNotFoundError)
    gone.rename(folder)
    copy.write(ONE, "a")
    assert copy.is_current("a")


def test_what_is_remembered_does_not_name_the_slide(copy: FolderCopy) -> None:
    copy.write(ONE, "a")
    for path in copy.memory.iterdir():
        assert "slide" not in path.name
        assert b"slide" not in path.read_bytes()
        assert "환자".encode() not in path.read_bytes()
