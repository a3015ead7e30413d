"""Pixel sizes by table: what spreadsheets write is read, what is wrong is named with its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_app.domain.mpp import with_table_mpp
from desktop_app.domain.slide_info import Level, SlideInfo
from desktop_app.errors import StorageError
from desktop_app.slides import OpenSlideReader, SlideOpener
from desktop_app.storage.mpp_table import (
    TABLE_NAME,
    MppTable,
    folder_mpp,
    parse_mpp,
    read_folder_table,
    read_mpp_table,
    write_folder_table,
    write_mpp_table,
)
from tests.support.slide_factory import aperio_description, write_pyramid

PLAIN = {"a.svs": (0.25, 0.25), "b": (0.5, 0.5)}


@pytest.mark.parametrize(
    ("content", "sizes"),
    [
        (b"slide,mpp\na.svs,0.25\nb,0.5\n", PLAIN),
        (b"\xef\xbb\xbfslide,mpp\r\na.svs,0.25\r\nb,0.5\r\n", PLAIN),
        (b"Slide;MPP\na.svs;0.25\nb;.5\n", PLAIN),
        (b"slide\tmpp\na.svs\t0.25\nb\t0.5\n", PLAIN),
        ("slide\tmpp\r\na.svs\t0.25\r\nb\t0.5\r\n".encode("utf-16"), PLAIN),
        (b"mpp,case,file\n0.25,9,a.svs\n0.5,,b\n", PLAIN),
        (b"\n\nslide,mpp\n a.svs , 0.25 \nb,0.5\n\n", PLAIN),
        (b"slide,mpp\n,\nC:\\scans\\a.svs,0.25\nscans/b,0.5\nempty,\n", PLAIN),
        (b"slide,mpp_x,mpp_y\na,0.25,0.26\n", {"a": (0.25, 0.26)}),
        (b'slide,mpp\n"S1, left.svs",0.25\n', {"S1, left.svs": (0.25, 0.25)}),
        ("slide,mpp\nM\u00fcller,0.25\n".encode("cp1252"), {"M\u00fcller": (0.25, 0.25)}),
        ("slide,mpp\n슬라이드.svs,0.25\n".encode(), {"슬라이드.svs": (0.25, 0.25)}),
        (b"slide,mpp\na,0.25\na,0.25\n", {"a": (0.25, 0.25)}),
    ],
)
def test_tables_as_spreadsheets_write_them(
    tmp_path: Path, content: bytes, sizes: dict[str, tuple[float, float]]
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert dict(read_mpp_table(path).sizes) == sizes


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("slide;mpp\na;0,25\n", "line 2: 0,25 has a comma where a number has a point; write 0.25."),
        ("slide,mpp\na,0,25\n", "line 2 has 3 fields where the first line has 2"),
        ("slide,mpp\na,0.25\nb,fine\n", "line 3: 'fine' is no number"),
        ("slide,mpp\na,250\n", "line 2: 250 µm per pixel is not between 0.05 and 50."),
        ("slide,mpp\na,nan\n", "is not between"),
        ("slide,mpp_x,mpp_y\na,0.25,\n", "line 2: '' is no number"),
        ("slide,size\na,0.25\n", "must name the columns: slide,mpp"),
        ("a,0.25\n", "must name the columns"),
        ("", "it is empty"),
        ("slide,mpp\na,0.25\na,0.5\n", "line 3: a stands in it twice with different values."),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be used") as caught:
        read_mpp_table(path)
    assert said in caught.value.reason


def test_a_file_that_is_no_table_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    with path.open("wb") as file:
        file.truncate(11 * 2**20)
    with pytest.raises(StorageError, match="too large"):
        read_mpp_table(path)
    with pytest.raises(StorageError):
        read_mpp_table(tmp_path / "missing.csv")


def test_a_slide_is_found_by_its_name_with_or_without_ending() -> None:
    table = MppTable({"a.svs": (1, 1), "a": (2, 2), "B": (3, 3), "c.ome.tif": (4, 4), "d": (5, 5)})
    assert table.mpp_of(Path("x/a.svs")) == (1, 1)
    assert table.mpp_of(Path("x/a.tif")) == (2, 2)
    assert table.mpp_of(Path("x/b.svs")) == (3, 3), "Windows does not tell cases apart"
    assert table.mpp_of(Path("x/c.ome.tif")) == (4, 4)
    assert table.mpp_of(Path("x/d.ome.tif")) == (5, 5)
    assert table.mpp_of(Path("x/e.svs")) is None
    assert table.name_for(Path("x/b.svs")) == "B"


def test_a_written_table_reads_back(tmp_path: Path) -> None:
    for sizes in (PLAIN, {"x, y": (0.2527, 0.2531), "z": (0.5, 0.5)}, {}):
        path = tmp_path / TABLE_NAME
        write_mpp_table(path, MppTable(sizes))
        assert dict(read_mpp_table(path).sizes) == sizes
    assert path.read_text() == "slide,mpp\n"


def test_a_folders_table_lies_beside_its_slides(tmp_path: Path) -> None:
    folder, own = tmp_path / "scans", tmp_path / "own"
    folder.mkdir()
    assert read_folder_table(folder, own) == MppTable()
    assert write_folder_table(folder, own, MppTable(PLAIN)) == folder / TABLE_NAME
    assert not own.exists()
    assert folder_mpp(folder / "b.svs", own) == (0.5, 0.5)
    assert folder_mpp(tmp_path / "b.svs", own) is None


def test_a_folder_that_cannot_be_written_has_its_table_with_the_users_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, own = tmp_path / "scans", tmp_path / "own"
    folder.mkdir()

    def refuse(path: Path, data: bytes) -> None:
        if path.parent == folder:
            raise StorageError(path, "Read-only file system")
        path.write_bytes(data)

    monkeypatch.setattr("desktop_app.storage.mpp_table.write_atomically", refuse)
    written = write_folder_table(folder, own, MppTable(PLAIN))
    assert written.parent == own
    assert "scans" not in written.name
    assert folder_mpp(folder / "b.svs", own) == (0.5, 0.5)
    (folder / TABLE_NAME).write_text("slide,mpp\nb,0.75\n")
    assert folder_mpp(folder / "b.svs", own) == (0.75, 0.75), "the one beside the slides goes first"
    with pytest.raises(StorageError, match="Read-only"):
        write_folder_table(folder, own, MppTable({}))


def test_what_a_person_types_is_checked() -> None:
    assert parse_mpp(" 0.25 ") == 0.25
    for text, said in (
        ("0,25", "write 0.25"),
        ("", "no number"),
        ("1e9", "not between"),
        ("0", "not between"),
    ):
        with pytest.raises(ValueError, match=said):
            parse_mpp(text)


@pytest.mark.parametrize(
    ("stated", "table", "mpp", "force", "wanted"),
    [
        (None, (0.3, 0.31), None, False, ((0.3, 0.31), "table")),
        (None, (0.3, 0.3), 0.4, False, ((0.3, 0.3), "table")),
        (None, (0.3, 0.3), 0.4, True, ((0.4, 0.4), "given")),
        (None, None, 0.4, False, ((0.4, 0.4), "given")),
        (0.25, (0.3, 0.3), 0.4, False, ((0.25, 0.25), "metadata")),
        (0.25, (0.3, 0.3), 0.4, True, ((0.4, 0.4), "given")),
    ],
)
def test_who_is_believed(
    tmp_path: Path,
    stated: float | None,
    table: tuple[float, float] | None,
    mpp: float | None,
    force: bool,
    wanted: tuple[tuple[float, float], str],
) -> None:
    """Force, then the file, then the table (which names this slide), then a value meant for many."""
    path = write_pyramid(tmp_path / "a.svs", mpp=None, description=aperio_description(mpp=stated))
    opener = SlideOpener([OpenSlideReader()])
    with opener.open(path, mpp=mpp, force_mpp=force, table_mpp=table) as slide:
        assert (slide.info.mpp, slide.info.mpp_source) == wanted
        slide.forget_mpp()
        assert slide.info.mpp == (None if stated is None else (stated, stated))


def test_a_table_fills_in_for_a_refused_tag(tmp_path: Path) -> None:
    path = write_pyramid(tmp_path / "screen.tif", mpp=25_400 / 72)
    with SlideOpener([OpenSlideReader()]).open(path, table_mpp=(0.3, 0.3)) as slide:
        assert (slide.info.mpp, slide.info.mpp_source, slide.info.mpp_note) == ((0.3, 0.3), "table", "")
        slide.forget_mpp()
        assert slide.info.mpp is None
        assert "72 dpi" in slide.info.mpp_note


def test_a_table_with_nonsense_is_no_pixel_size() -> None:
    info = SlideInfo(Path("a"), "id", (1, 1), (Level(0, (1, 1), 1.0),), "x")
    with pytest.raises(ValueError, match="no pixel size"):
        with_table_mpp(info, (0.3, 400.0))


@pytest.mark.skipif(os.name == "nt", reason="Windows folders have no such permission")
def test_names_of_folders_do_not_get_into_the_users_data(tmp_path: Path) -> None:
    from desktop_app.storage.mpp_table import table_paths

    beside, own = table_paths(tmp_path / "Patient Name", tmp_path / "own")
    assert beside.name == TABLE_NAME
    assert "Patient" not in str(own.relative_to(tmp_path / "own"))
