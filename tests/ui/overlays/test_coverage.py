"""What has been seen: recorded when the view rests, kept, shown on the minimap, forgotten on request."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from desktop_app.domain.coverage import Coverage, step_of
from desktop_app.domain.viewport import Viewport
from desktop_app.ui.overlays.coverage_desk import share_lines
from desktop_app.ui.overlays.coverage_record import CoverageRecord
from tests.support.pictures import pixels_of
from tests.support.slide_factory import aperio_description, write_pyramid
from tests.support.window_driver import WindowDriver


def record(driver: WindowDriver) -> CoverageRecord:
    return driver.window.overlays.coverage.record_of(driver.view)


def look(driver: WindowDriver, x: float, y: float, downsample: float) -> None:
    """Go to a place and stay until it counts as seen."""
    driver.view.canvas.set_viewport(Viewport((x, y), downsample, 0.0, driver.view.canvas.viewport.size))
    seen = driver.view.canvas.viewport.downsample
    driver.wait(lambda: record(driver).coverage.steps[cell(record(driver).coverage, x, y)] >= step_of(seen))


def cell(coverage: Coverage, x: float, y: float) -> tuple[int, int]:
    return int(y / coverage.cell), int(x / coverage.cell)


def test_a_view_counts_once_it_has_rested(driver: WindowDriver, slide: Path, qtbot: QtBot) -> None:
    view = driver.open(slide)
    look(driver, 2000, 1500, 1.0)
    assert record(driver).coverage.steps[cell(record(driver).coverage, 100, 100)] < step_of(2.0)
    # Passing over a place without a stop is not looking.
    for x in range(2000, 3600, 40):
        view.canvas.center_on((float(x), 2800.0))
        qtbot.wait(5)
    look(driver, 400, 400, 1.0)
    coverage = record(driver).coverage
    assert coverage.steps[cell(coverage, 2800, 2900)] < step_of(2.0)
    assert coverage.steps[cell(coverage, 400, 400)] >= step_of(1.0)


def test_it_is_kept_from_one_opening_to_the_next(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    look(driver, 2000, 1500, 1.0)
    before = record(driver).coverage.steps.copy()
    folder = driver.locations.slide_memory / driver.view.document_id
    driver.window.close_slide()
    driver.settle()
    assert [path.name for path in folder.iterdir() if path.name.startswith("coverage")] == ["coverage.json"]
    assert "환자" not in (folder / "coverage.json").read_text(encoding="utf-8")
    driver.open(slide)
    driver.wait(lambda: bool((record(driver).coverage.steps >= before).all()))


def test_two_views_of_a_slide_share_a_record(driver: WindowDriver, slide: Path) -> None:
    first = driver.open(slide)
    driver.trigger("layout.new_view")
    second = driver.view
    desk = driver.window.overlays.coverage
    assert second is not first
    assert desk.record_of(first) is desk.record_of(second)
    driver.window.close_slide(second)
    look(driver, 2000, 1500, 1.0)
    assert not desk.record_of(first).coverage.is_empty


def test_nothing_is_recorded_where_the_user_does_not_want_it(
    driver: WindowDriver, slide: Path, qtbot: QtBot
) -> None:
    driver.window.overlays.change(record_coverage=False)
    view = driver.open(slide)
    view.canvas.set_magnification(20)
    driver.sharpen()
    qtbot.wait(450)
    assert record(driver).coverage.is_empty
    driver.window.close_slide()
    driver.settle()
    assert not list(driver.locations.slide_memory.rglob("coverage.json"))


def test_forgetting_can_be_undone_for_a_while(driver: WindowDriver, slide: Path) -> None:
    driver.open(slide)
    look(driver, 2000, 1500, 1.0)
    before = record(driver).coverage.steps.copy()
    driver.trigger("coverage.forget")
    assert record(driver).coverage.is_empty
    (offer,) = driver.window.messages.notices[-1].offers
    offer.act()
    assert (record(driver).coverage.steps >= before).all()


def test_the_minimap_colors_what_was_seen_and_tells_how_much(driver: WindowDriver, slide: Path) -> None:
    view = driver.open(slide)
    look(driver, 3000, 1500, 1.0)
    minimap = view.canvas.minimap
    driver.qtbot.wait(250)
    height = minimap.height()
    plain = pixels_of(minimap.grab().toImage()).astype(int)
    driver.window.overlays.change(minimap_coverage=True)
    driver.wait(lambda: record(driver).tissue is not None)
    driver.qtbot.wait(150)
    assert minimap.height() > height
    assert view.canvas.rect().contains(minimap.geometry())
    colored = pixels_of(minimap.grab().toImage()).astype(int)
    scale = minimap.width() / 4000
    row, column = round(1400 * scale), round(2900 * scale)
    assert np.abs(colored[row, column] - plain[row, column]).max() > 40
    lines = share_lines(record(driver), (0.5, 0.5))
    tissue = record(driver).tissue
    assert tissue is not None
    # The stamp's squares and disc are tissue; the glass between them is not.
    assert 0.1 < tissue.mean() < 0.4
    share = round(100 * record(driver).coverage.share(1.0, tissue))
    assert lines[1] == f"≥ 20×: {share} % of the tissue"
    assert lines[1] in minimap.toolTip()
    driver.window.overlays.change(minimap_coverage=False)
    assert minimap.height() == height
    assert minimap.toolTip() == "Click or drag to move the view"


def test_a_click_on_the_minimap_with_its_legend_goes_where_it_was_meant(
    driver: WindowDriver, slide: Path
) -> None:
    view = driver.open(slide)
    driver.window.overlays.change(minimap_coverage=True)
    look(driver, 2000, 1500, 1.0)
    minimap = view.canvas.minimap
    polygon = minimap.view_polygon().boundingRect()
    scale = minimap.width() / 4000
    assert polygon.center().x() == minimap.width() / 2
    assert abs(polygon.center().y() - 1500 * scale) < 1.5


def test_slides_without_a_pixel_size_are_told_in_ratios(driver: WindowDriver, tmp_path: Path) -> None:
    driver.open(slide_without_mpp(tmp_path))
    driver.window.overlays.change(minimap_coverage=True)
    look(driver, 320, 240, 1.0)
    assert share_lines(record(driver), None)[0].startswith("≥ 1:4: ")


def slide_without_mpp(folder: Path) -> Path:
    description = aperio_description(mpp=None, objective=None)
    return write_pyramid(folder / "plain.tiff", size=(1640, 1480), mpp=None, description=description)
