"""Reading and writing annotation files in the window: how far it is, stopping it, and damaged files."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from desktop_app.domain.annotation_snapshot import AnnotationSnapshot
from desktop_app.storage import geojson_blocks
from desktop_app.storage.geojson import read_geojson, write_geojson, write_snapshot
from desktop_app.ui.transfer_bar import TransferBar
from tests.support.annotation_samples import square
from tests.support.window_driver import WindowDriver


def bars(driver: WindowDriver) -> list[TransferBar]:
    return [bar for bar in driver.window.findChildren(TransferBar) if bar.isVisible()]


def press(driver: WindowDriver, start: str) -> None:
    buttons = driver.window.messages.findChildren(QPushButton)
    (button,) = [button for button in buttons if button.text().startswith(start) and button.isVisible()]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def damaged_file(path: Path) -> Path:
    write_geojson(path, [square(100, 100), square(300, 100), square(500, 100, class_name="Gland")], {})
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[2] = lines[2].replace('"type":"Polygon"', '"type":"Blob"')
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def slow_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that takes some seconds, since it is read in blocks of two features."""
    monkeypatch.setattr(geojson_blocks, "BLOCK_BYTES", 600)
    path = tmp_path / "세포.geojson"
    cells = [square(x * 12, y * 9, 8, object_type="detection") for x in range(80) for y in range(80)]
    write_snapshot(path, AnnotationSnapshot.of(cells))
    return path


def test_the_rest_of_a_damaged_file_is_imported_if_the_user_wants_it(
    driver: WindowDriver, slide: Path, tmp_path: Path
) -> None:
    document = driver.open(slide).document
    driver.files.read_answer = damaged_file(tmp_path / "in.geojson")
    driver.trigger("file.import")
    driver.settle()
    assert len(document.snapshot) == 0
    expected = "Features of in.geojson that cannot be read: 1. The first is feature 2 (line 3, byte "
    assert driver.notices[-1].startswith(expected)
    press(driver, "Import the other 2")
    driver.settle()
    assert len(document.snapshot) == 2
    assert document.undo_stack.count() == 1
    assert "Gland" in [entry.name for entry in document.snapshot.classes]


@pytest.mark.parametrize("name", ["in.zip", "in.geojson.gz", "in.json.gz"])
def test_packed_files_are_imported_where_they_are_dropped(
    driver: WindowDriver, slide: Path, tmp_path: Path, name: str
) -> None:
    document, plain, packed = driver.open(slide).document, tmp_path / "in.geojson", tmp_path / name
    write_geojson(plain, [square(100, 100), square(300, 100)], {})
    if name.endswith(".zip"):
        with zipfile.ZipFile(packed, "w") as file:
            file.write(plain, plain.name)
    else:
        packed.write_bytes(gzip.compress(plain.read_bytes()))
    driver.window.open_paths([packed])
    driver.wait(lambda: len(document.snapshot) == 2)
    driver.settle()
    assert document.undo_stack.undoText() == f"Import {name}"


def test_nothing_of_a_damaged_file_is_imported_if_the_question_is_dismissed(
    driver: WindowDriver, slide: Path, tmp_path: Path
) -> None:
    document = driver.open(slide).document
    driver.files.read_answer = damaged_file(tmp_path / "in.geojson")
    driver.trigger("file.import")
    driver.settle()
    press(driver, "Dismiss")
    driver.settle()
    assert len(document.snapshot) == 0
    assert document.undo_stack.count() == 0


def test_an_import_shows_how_far_it_is_and_can_be_stopped(
    driver: WindowDriver, slide: Path, slow_file: Path
) -> None:
    document = driver.open(slide).document
    driver.files.read_answer = slow_file
    driver.trigger("file.import")
    driver.wait(lambda: bool(bars(driver)))
    (bar,) = bars(driver)
    assert bar.label.text() == "Reading 세포.geojson"
    first = bar.bar.value()
    driver.wait(lambda: bar.bar.value() > first)
    assert bar.bar.value() < bar.bar.maximum()
    QTest.mouseClick(bar.stop_button, Qt.MouseButton.LeftButton)
    driver.settle()
    assert not bars(driver)
    assert len(document.snapshot) == 0
    assert driver.notices[-1] == "It was stopped; nothing was changed."


def test_closing_stops_what_is_being_read(driver: WindowDriver, slide: Path, slow_file: Path) -> None:
    driver.open(slide)
    driver.files.read_answer = slow_file
    driver.trigger("file.import")
    driver.wait(lambda: bool(bars(driver)))
    (bar,) = bars(driver)
    driver.window.close()
    assert bar.bar.value() < bar.bar.maximum()
    assert driver.window.background.is_idle or not driver.window.isVisible()


def test_saving_and_importing_again_refreshes_what_is_there(
    driver: WindowDriver, slide: Path, tmp_path: Path
) -> None:
    document = driver.open(slide).document
    document.add([square(100, 100), square(300, 100, locked=True)], "Draw")
    driver.files.write_answer = driver.files.read_answer = tmp_path / "out.geojson.gz"
    driver.trigger("file.save")
    driver.settle()
    ids = {annotation.id for annotation in read_geojson(tmp_path / "out.geojson.gz").annotations}
    assert ids == set(document.snapshot.ids())
    driver.trigger("file.import")
    driver.settle()
    assert set(document.snapshot.ids()) == ids
    assert document.undo_stack.undoText() == "Import out.geojson.gz"
    lefts = sorted(found.parts[0][0][:, 0].min() for found in document.snapshot.iter_annotations())
    np.testing.assert_array_equal(lefts, [100, 300])
