"""Privacy mode: a telltale name is seen nowhere and written nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings, Qt

from desktop_app.domain.recipe import Recipe, Step
from desktop_app.domain.shapes import drawn
from desktop_app.domain.slide_info import Level, SlideInfo
from desktop_app.errors import UnsupportedSlideError
from desktop_app.storage.geojson import write_geojson
from desktop_app.storage.settings import read_settings
from desktop_app.ui.dialogs.associated_image import AssociatedImageDialog
from desktop_app.ui.dialogs.run_recipe import RegionChoice, RunChoice
from desktop_app.ui.privacy import Privacy
from tests.support.shown_words import shown_words
from tests.support.slide_factory import aperio_description, write_pyramid
from tests.support.window_driver import WindowDriver

TELLTALE = "Telltale"


@pytest.fixture(autouse=True)
def own_qt_settings(tmp_path: Path) -> Path:
    """Where Qt keeps what its own file dialogs visited."""
    folder = tmp_path / "qt"
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(folder))
    return folder


@pytest.fixture
def patient(tmp_path: Path) -> Path:
    """A slide whose name, folder and metadata tell who it is of."""
    folder = tmp_path / "Telltale family" / "1955"
    folder.mkdir(parents=True)
    description = aperio_description(mpp=0.5) + f"|Filename = {TELLTALE}|User = Dr. {TELLTALE}"
    return write_pyramid(folder / f"{TELLTALE} Hans.svs", size=(700, 500), mpp=0.5, description=description)


def telling(words: Iterator[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(where, text) for where, text in words if TELLTALE.lower() in text.lower()}


def telling_files(*folders: Path) -> list[str]:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert files
    named = [str(path) for folder in folders for path in folder.rglob("*") if TELLTALE in path.name]
    held = [str(path) for path in files if TELLTALE.lower().encode() in path.read_bytes().lower()]
    return named + held


def show_everything(driver: WindowDriver) -> None:
    """Bring up whatever lists or names slides."""
    window = driver.window
    for panel in window.panels.docks:
        window.panels.show(panel)
        driver.qtbot.wait(10)
    window.actions_by_key.menu("file/recent").aboutToShow.emit()
    if window.guidance.palette is None:
        driver.trigger("help.palette")


def test_nothing_of_a_name_is_seen_or_written(
    driver: WindowDriver, patient: Path, tmp_path: Path, own_home: Path, own_qt_settings: Path
) -> None:
    window, out = driver.window, tmp_path / "out"
    out.mkdir()
    driver.trigger("view.privacy")
    view = driver.open(patient)
    assert window.windowTitle().startswith("Slide 1")
    # Errors, imports, exports, runs: whatever makes a sentence or a file.
    window.open_paths([patient.with_name(f"{TELLTALE} missing.svs")])
    driver.wait(lambda: not window.opening.under_way)
    driver.settle()
    assert any(TELLTALE in notice for notice in driver.notices), "the error itself names the file"
    error = UnsupportedSlideError(patient, f"see {patient}, or {patient.parent}/other")
    window.messages.tell(str(error), "warning")
    ring = np.array([(10, 10), (90, 10), (90, 90)], dtype=np.float64)
    geojson = patient.with_suffix(".geojson")
    write_geojson(geojson, [drawn("polygon", ((ring,),), class_name=None, author="me")], {})
    window.open_paths([geojson])
    driver.settle()
    assert len(view.document.snapshot) == 1
    damaged = tmp_path / f"of {TELLTALE}.geojson"
    damaged.write_text("nonsense", encoding="utf-8")
    window.open_paths([damaged])
    driver.settle()
    assert TELLTALE in driver.notices[-1], "so does this one"
    proposed: list[Path] = []
    driver.files.annotations_to_write = lambda _parent, path: proposed.append(path) or out / path.name  # type: ignore[method-assign,func-returns-value]
    driver.trigger("file.save")
    driver.settle()
    assert [path.name for path in proposed] == ["slide-1.geojson"]
    assert "slide-1.geojson" in driver.notices[-1]
    choice = RunChoice(
        Recipe("quick", Step("x/y")), RegionChoice("slide"), window.dialogs._out_folder(view), "auto"
    )
    window.dialogs._run(view, choice)
    driver.wait(lambda: window.engine.is_idle)
    driver.settle()
    job = window.engine.records[-1].job
    assert job.slide_name == view.info.slide_id[:12]
    assert job.out == driver.locations.user_data / "results"
    show_everything(driver)
    assert telling(shown_words()) == set()
    driver.window.dialogs.ask_pixel_size()
    assert telling(shown_words()) == set()
    driver.window.dialogs.close_all()
    own_results = window.results._registry.of_slide(view.document_id)
    assert [entry.out for entry in own_results] == [str(job.out)]
    driver.close()
    assert telling_files(own_home, out, own_qt_settings) == []
    settings = read_settings(driver.locations.user_config / "settings.json")
    assert settings.privacy
    assert (settings.recent, settings.folder, settings.out_folder) == ((), "", "")


def test_switching_it_on_hides_what_stands_and_off_brings_it_back(
    driver: WindowDriver, patient: Path, slide: Path
) -> None:
    driver.open(patient)
    driver.open(slide)
    driver.window.messages.tell(f"{patient.name} was read from {patient}.", "warning")
    window = driver.window
    assert telling(shown_words())
    driver.trigger("view.privacy")
    show_everything(driver)
    assert telling(shown_words()) == set()
    assert window.status.privacy.isVisible()
    assert [window.area.tabs.tabText(index) for index in (0, 1)] == ["Slide 1", "Slide 2"]
    assert "Slide 1 was read from Slide 1." in {text for _, text in shown_words()}
    window.guidance.close_all()
    driver.key(Qt.Key.Key_F9)
    driver.wait(lambda: not window.privacy.is_on)
    assert not window.status.privacy.isVisible()
    assert window.area.tabs.tabText(0) == patient.name
    window.close_slide()
    window.close_slide()
    driver.trigger("view.privacy")
    driver.qtbot.wait(20)
    assert telling(shown_words()) == set()
    driver.trigger("view.privacy")
    assert telling(shown_words())


def test_label_pictures_close_and_cannot_be_asked_for(driver: WindowDriver, patient: Path) -> None:
    driver.open(patient)
    window = driver.window
    pixels = np.zeros((40, 60, 3), np.uint8)
    window.dialogs.show(AssociatedImageDialog("label", pixels, window))
    driver.trigger("view.privacy")
    assert window.dialogs.shown is None
    window.details._show_picture(driver.view, "label", pixels)
    assert window.dialogs.shown is None


def test_folders_that_the_user_chose_are_not_written_down(driver: WindowDriver, patient: Path) -> None:
    view = driver.open(patient)
    driver.trigger("view.privacy")
    own = patient.parent / "results"
    window = driver.window
    window.dialogs._run(view, RunChoice(Recipe("quick", Step("x/y")), RegionChoice("slide"), own, "auto"))
    driver.wait(lambda: window.engine.is_idle)
    driver.settle()
    assert window.results._registry.of_slide(view.document_id)
    registry = driver.locations.run_registry
    assert not registry.exists() or TELLTALE not in registry.read_text(encoding="utf-8")
    assert window.settings.out_folder == ""


def test_forgetting_the_recent_slides(driver: WindowDriver, patient: Path) -> None:
    driver.open(patient)
    assert driver.window.recent.paths == (patient,)
    driver.trigger("file.forget_recent")
    assert driver.window.recent.paths == ()
    assert driver.window.settings.folder == ""
    assert not driver.window.actions_by_key["file.forget_recent"].isEnabled()


# ---- the texts themselves ----------------------------------------------------------------------------


@pytest.fixture
def privacy(qapp: object, tmp_path: Path) -> Privacy:
    made = Privacy(tmp_path / "data")
    made.set_on(True)
    return made


def test_texts_lose_names_paths_and_folders_but_not_other_words(privacy: Privacy) -> None:
    path = Path("/patients/Kim Min-ji/scan/Kim 01.ome.tif")
    assert privacy.name(path) == "Slide 1"
    assert privacy.hide(f"{path} cannot be read") == "Slide 1 cannot be read"
    assert privacy.hide("Kim 01.ome.tif, Kim 01.ome, Kim 01!") == "Slide 1, Slide 1, Slide 1!"
    assert privacy.hide("/patients/Kim Min-ji/scan/results/x.h5") == "…/results/x.h5"
    assert privacy.hide("/patients/Kim Min-ji/other") == "…/other"
    assert privacy.hide("Kim 012 and scanning") == "Kim 012 and scanning"
    privacy.set_on(False)
    assert privacy.hide(str(path)) == str(path)


def test_short_names_do_not_eat_the_words_around_them(privacy: Privacy) -> None:
    privacy.name(Path("/data/in/1.svs"))
    assert privacy.hide("1 of 11 annotations in 1.svs") == "1 of 11 annotations in Slide 1"


def test_names_of_files_and_metadata(privacy: Privacy, tmp_path: Path) -> None:
    path = Path("/data/Mueller.svs")
    assert privacy.stem(path) == "slide-1"
    assert privacy.file(Path("/x/slide-1.geojson.gz")) == "slide-1.geojson.gz"
    assert privacy.file(Path("/x/Mueller.geojson")) == "a file"
    info = SlideInfo(path, "0123456789abcdef", (9, 9), (Level(0, (9, 9), 1.0),), "x")
    assert privacy.info(info).path.name == "Slide 1"
    assert privacy.job_name(info) == "0123456789ab"
    assert privacy.may_remember(tmp_path / "data" / "results")
    assert not privacy.may_remember(path)
    privacy.set_on(False)
    assert privacy.info(info) is info
    assert privacy.job_name(info) == ""
    assert privacy.may_remember(path)
    assert replace(info) == info
