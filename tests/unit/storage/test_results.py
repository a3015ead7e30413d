"""The rule that no file is ever lost."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from desktop_app.errors import StorageError
from desktop_app.storage.atomic import atomic_file
from desktop_app.storage.results import PublishedSet, Request, publish, read_report, sealed

REQUEST = Request("slide", "a" * 64, "digest-1")
OTHER_RECIPE = Request("slide", "a" * 64, "digest-2")
OTHER_SLIDE = Request("slide", "b" * 64, "digest-1")


def run(folder: Path, request: Request = REQUEST, text: str = "{}") -> PublishedSet:
    writers = {
        ".geojson": lambda path: path.write_text(text),
        ".h5": lambda path: path.write_text(f"{text} features"),
    }
    return publish(folder, request, writers, lambda note: {"schema": "test", "note": note})


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def test_a_set_has_plain_names_and_a_sealed_report(tmp_path: Path) -> None:
    folder = tmp_path / "out 결과" / "deep"
    published = run(folder)
    assert names(folder) == {"slide.geojson", "slide.h5", "slide.run.json"}
    assert published.note == ""
    report = read_report(published.paths[".run.json"])
    assert report is not None
    assert report["outputs"].keys() == {"slide.geojson", "slide.h5"}


def test_the_same_request_replaces_its_own_files(tmp_path: Path) -> None:
    run(tmp_path, text="first")
    published = run(tmp_path, text="second")
    assert names(tmp_path) == {"slide.geojson", "slide.h5", "slide.run.json"}
    assert published.paths[".geojson"].read_text() == "second"


@pytest.mark.parametrize("name", ["slide.geojson", "slide.h5", "slide.run.json"])
def test_a_changed_file_is_kept_and_the_whole_set_goes_beside_it(tmp_path: Path, name: str) -> None:
    run(tmp_path, text="first")
    changed = tmp_path / name
    changed.write_text(changed.read_text().replace("first", "mine") + " ")
    mine = changed.read_bytes()
    published = run(tmp_path, text="second")
    assert changed.read_bytes() == mine
    assert {path.name for path in published.paths.values()} == {
        "slide.2.geojson",
        "slide.2.h5",
        "slide.2.run.json",
    }
    assert "kept" in published.note
    assert "slide.2" in published.note
    assert read_report(published.paths[".run.json"])["note"] == published.note
    assert run(tmp_path, text="third").paths[".geojson"].name == "slide.2.geojson"
    assert changed.read_bytes() == mine


def test_a_file_of_someone_else_is_kept(tmp_path: Path) -> None:
    (tmp_path / "slide.geojson").write_text("drawn by hand")
    assert run(tmp_path).paths[".geojson"].name == "slide.2.geojson"
    assert (tmp_path / "slide.geojson").read_text() == "drawn by hand"


def test_a_picture_that_this_run_does_not_make_blocks_the_name_too(tmp_path: Path) -> None:
    (tmp_path / "slide.heatmap.png").write_bytes(b"someone's")
    assert run(tmp_path).paths[".h5"].name == "slide.2.h5"


def test_another_recipe_never_replaces_earlier_results(tmp_path: Path) -> None:
    run(tmp_path, text="first")
    second = run(tmp_path, OTHER_RECIPE, text="second")
    assert second.paths[".geojson"].name == "slide.2.geojson"
    assert run(tmp_path, text="third").paths[".geojson"].name == "slide.geojson"
    assert (tmp_path / "slide.2.geojson").read_text() == "second"


def test_slides_of_one_name_never_collide(tmp_path: Path) -> None:
    run(tmp_path, text="first")
    other = run(tmp_path, OTHER_SLIDE, text="other")
    assert other.paths[".geojson"].name == f"slide-{'b' * 8}.geojson"
    assert "Another slide" in other.note
    again = run(tmp_path, OTHER_SLIDE, text="again")
    assert again.paths == other.paths
    assert (tmp_path / "slide.geojson").read_text() == "first"


def test_a_failing_writer_leaves_the_earlier_set_whole(tmp_path: Path) -> None:
    run(tmp_path, text="first")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(path: Path) -> None:
        path.write_text("half")
        raise StorageError(path, "No space left on device")

    with pytest.raises(StorageError):
        publish(tmp_path, REQUEST, {".geojson": lambda path: path.write_text("x"), ".h5": fail}, lambda _: {})
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_error_names_the_destination(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        raise StorageError(path, "No space left on device")

    with pytest.raises(StorageError) as caught:
        publish(tmp_path, REQUEST, {".h5": fail}, lambda _: {})
    assert caught.value.path == tmp_path / "slide.h5"


@pytest.mark.skipif(os.name == "nt", reason="os.fork is not there")
def test_a_killed_process_leaves_nothing_that_lasts(tmp_path: Path) -> None:
    """Neither half a file under a final name nor, after the next run, any remains."""

    def die(path: Path) -> None:
        path.write_text("half")
        with atomic_file(path) as temporary:
            temporary.write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)

    child = multiprocessing.get_context("fork").Process(
        target=publish, args=(tmp_path, REQUEST, {".geojson": die}, lambda _: {})
    )
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert names(tmp_path) == set()
    run(tmp_path)
    assert {path.name for path in tmp_path.rglob("*")} == {
        ".coverslip.lock",
        "slide.geojson",
        "slide.h5",
        "slide.run.json",
    }


def test_runs_at_the_same_time_all_keep_their_files(tmp_path: Path) -> None:
    requests = [Request("slide", f"{number}{'0' * 56}", "digest") for number in range(90000000, 90000006)]
    found: list[PublishedSet] = []

    def work(request: Request) -> None:
        found.append(run(tmp_path, request, request.slide_id))

    threads = [threading.Thread(target=work, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({published.paths[".geojson"] for published in found}) == len(requests)
    texts = {path.read_text() for path in tmp_path.glob("*.geojson")}
    assert texts == {request.slide_id for request in requests}


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-5], lambda data: data.replace(b"1", b"2"), lambda data: b"[]"]
)
def test_a_report_that_was_touched_is_not_trusted(tmp_path: Path, damage: Any) -> None:
    path = tmp_path / "a.run.json"
    path.write_bytes(sealed({"value": 1, "name": "서울"}))
    assert read_report(path)["value"] == 1
    path.write_bytes(damage(path.read_bytes()))
    assert read_report(path) is None


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError):
        run(tmp_path / "file" / "out")
