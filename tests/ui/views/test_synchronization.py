"""Views that move together, and slides aligned by landmarks."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.domain.viewport import Point, Viewport
from desktop_app.ui.slide_view import SlideView
from tests.support.slide_factory import write_pyramid
from tests.support.window_driver import WindowDriver, window_driver

NONE = Qt.KeyboardModifier.NoModifier


def side_by_side(driver: WindowDriver, *paths: Path) -> tuple[SlideView, ...]:
    """Slides in one row, the first in front, each zoomed in about its middle."""
    driver.window.comparison.set_layout(1, len(paths))
    views = tuple(driver.open(path) for path in paths)
    driver.settle()
    for view in views:
        width, height = view.info.size
        view.canvas.set_viewport(Viewport((width / 2, height / 2), 0.5))
    driver.window.area.activate(views[0])
    return views


def follow(driver: WindowDriver) -> None:
    """Wait until the followers have been moved."""
    driver.wait(lambda: not driver.window.comparison.synchronizer._frame.isActive())


def center_um(view: SlideView) -> Point:
    mpp = view.info.mpp or (1.0, 1.0)
    x, y = view.canvas.viewport.center
    return x * mpp[0], y * mpp[1]


def click(view: SlideView, point: Point) -> None:
    canvas = view.canvas
    x, y = canvas.viewport.view_point(point)
    place = QPoint(round(x / canvas.dpr), round(y / canvas.dpr))
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, NONE, place)


def press(driver: WindowDriver, text: str) -> None:
    driver.qtbot.wait(10)
    button = next(b for b in driver.window.messages.findChildren(QPushButton) if b.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


# ---- moving together --------------------------------------------------------------------------------


def test_the_same_length_of_tissue_is_panned_and_the_zoom_ratio_stays(
    driver: WindowDriver, slide: Path, section: Path
) -> None:
    a, b = side_by_side(driver, slide, section)
    b.canvas.set_viewport(Viewport((500.0, 400.0), 0.25))
    start_a, start_b = center_um(a), center_um(b)
    driver.key(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    assert driver.window.comparison.synchronizer.is_on
    assert center_um(b) == pytest.approx(start_b)
    a.canvas.pan_by(40, -30)
    a.canvas.zoom_by(2)
    follow(driver)
    moved_a, moved_b = center_um(a), center_um(b)
    assert moved_b[0] - start_b[0] == pytest.approx(moved_a[0] - start_a[0])
    assert moved_b[1] - start_b[1] == pytest.approx(moved_a[1] - start_a[1])
    assert moved_a != pytest.approx(start_a)
    assert b.canvas.viewport.downsample == pytest.approx(0.125)


def test_either_view_leads_and_nothing_adds_up(driver: WindowDriver, slide: Path, section: Path) -> None:
    a, b = side_by_side(driver, slide, section)
    driver.trigger("layout.synchronize")
    before = a.canvas.viewport, b.canvas.viewport
    for _ in range(20):
        a.canvas.pan_by(7, 3)
        follow(driver)
        b.canvas.pan_by(-28, -12)
        follow(driver)
        a.canvas.pan_by(7, 3)
        follow(driver)
    assert a.canvas.viewport.center == pytest.approx(before[0].center, abs=1e-6)
    assert b.canvas.viewport.center == pytest.approx(before[1].center, abs=1e-6)


def test_turning_and_flipping_are_followed(driver: WindowDriver, slide: Path, section: Path) -> None:
    a, b = side_by_side(driver, slide, section)
    b.canvas.rotate_by(30)
    driver.trigger("layout.synchronize")
    a.canvas.rotate_by(17)
    follow(driver)
    assert b.canvas.viewport.rotation_deg == pytest.approx(47)
    a.canvas.set_viewport(a.canvas.viewport.flipped())
    follow(driver)
    assert b.canvas.viewport.mirrored
    # The angle between the two pictures stays what it was: flipped, it opens to the other side.
    turn = (b.canvas.viewport.rotation_deg - a.canvas.viewport.rotation_deg) % 360
    assert turn == pytest.approx(330)


def test_a_burst_of_movement_moves_the_followers_once_per_frame(
    driver: WindowDriver, slide: Path, section: Path
) -> None:
    a, b = side_by_side(driver, slide, section)
    driver.trigger("layout.synchronize")
    follow(driver)
    moved: list[Viewport] = []
    b.canvas.viewport_changed.connect(moved.append)
    for _ in range(100):
        a.canvas.pan_by(0.1, 0)
    assert len(moved) == 1
    follow(driver)
    assert len(moved) == 2
    assert center_um(b)[0] == pytest.approx(center_um(a)[0])


def test_a_new_size_of_a_view_moves_no_other(driver: WindowDriver, slide: Path, section: Path) -> None:
    a, b = side_by_side(driver, slide, section)
    driver.trigger("layout.synchronize")
    here = a.canvas.viewport.center, b.canvas.viewport.center
    driver.window.resize(1000, 700)
    driver.qtbot.wait(30)
    follow(driver)
    assert (a.canvas.viewport.center, b.canvas.viewport.center) == here


def test_a_view_behind_its_tab_comes_to_the_same_place(
    driver: WindowDriver, slide: Path, section: Path
) -> None:
    a, b = side_by_side(driver, slide, section)
    driver.trigger("layout.synchronize")
    driver.trigger("layout.grid_1x1")
    assert not b.isVisible()
    before = b.canvas.viewport.center
    a.canvas.pan_by(60, 0)
    follow(driver)
    assert b.canvas.viewport.center == before
    driver.window.area.activate(b)
    driver.qtbot.wait(30)
    follow(driver)
    assert center_um(b) == pytest.approx(center_um(a))


def test_views_move_alone_again_when_switched_off(driver: WindowDriver, slide: Path, section: Path) -> None:
    a, b = side_by_side(driver, slide, section)
    driver.trigger("layout.synchronize")
    driver.trigger("layout.synchronize")
    before = b.canvas.viewport
    a.canvas.pan_by(50, 50)
    driver.qtbot.wait(40)
    assert b.canvas.viewport == before


def test_without_a_pixel_size_views_move_by_what_is_seen(
    driver: WindowDriver, slide: Path, tmp_path: Path
) -> None:
    plain = write_pyramid(tmp_path / "plain.tiff", size=(1400, 1000), mpp=None)
    a, b = side_by_side(driver, slide, plain)
    b.canvas.set_viewport(Viewport((700.0, 500.0), 2.0))
    driver.trigger("layout.synchronize")
    a.canvas.pan_by(10, 0)
    follow(driver)
    assert b.canvas.viewport.center == pytest.approx((700 - 20, 500))


def test_views_in_windows_of_their_own_follow(driver: WindowDriver, slide: Path, section: Path) -> None:
    a, b = side_by_side(driver, slide, section)
    driver.trigger("layout.synchronize")
    driver.window.area.activate(b)
    driver.trigger("layout.own_window")
    driver.qtbot.wait(30)
    a.canvas.pan_by(-25, 10)
    follow(driver)
    assert center_um(b) == pytest.approx(center_um(a))


def test_a_closed_leader_leaves_the_others_together(driver: WindowDriver, slide: Path, section: Path) -> None:
    a, b = side_by_side(driver, slide, section)
    driver.trigger("layout.new_view")
    c = driver.view
    driver.window.area.activate(a)
    driver.trigger("layout.synchronize")
    driver.window.close_slide(a)
    driver.qtbot.wait(30)
    follow(driver)
    apart = math.dist(center_um(b), center_um(c))
    b.canvas.pan_by(30, 0)
    follow(driver)
    assert math.dist(center_um(b), center_um(c)) == pytest.approx(apart, abs=1e-6)


def test_the_same_magnification_everywhere(driver: WindowDriver, slide: Path, section: Path) -> None:
    a, b = side_by_side(driver, slide, section)
    for synchronized in (False, True):
        a.canvas.set_magnification(10)
        b.canvas.set_magnification(40)
        if synchronized:
            driver.trigger("layout.synchronize")
        driver.window.area.activate(a)
        driver.trigger("layout.match")
        assert a.canvas.magnification == pytest.approx(10 if not synchronized else a.canvas.magnification)
        assert b.canvas.magnification == pytest.approx(a.canvas.magnification)
    a.canvas.zoom_by(2)
    follow(driver)
    assert b.canvas.magnification == pytest.approx(a.canvas.magnification)


def test_the_mouse_is_marked_at_the_same_place_of_the_other_view(
    driver: WindowDriver, slide: Path, section: Path
) -> None:
    a, b = side_by_side(driver, slide, section)
    b.canvas.set_viewport(Viewport((700.0, 500.0), 1.0))
    driver.sharpen()
    driver.wait(lambda: b.canvas.is_sharp)
    place = b.canvas.viewport.view_point((640.0, 440.0))

    def marked() -> bool:
        color = b.canvas.grab().toImage().pixelColor(round(place[0]) + 8, round(place[1]))
        return color.red() > 200 > 100 > color.blue()

    a.canvas.cursor_moved.emit((320.0, 220.0))
    assert not marked()
    driver.trigger("layout.synchronize")
    a.canvas.cursor_moved.emit((320.0, 220.0))
    assert marked()
    a.canvas.cursor_moved.emit(None)
    assert not marked()
    a.canvas.cursor_moved.emit((320.0, 220.0))
    driver.trigger("layout.synchronize")
    assert not marked()


# ---- landmarks --------------------------------------------------------------------------------------


def test_two_points_in_each_slide_align_them_for_good(qtbot: QtBot, slide: Path, section: Path) -> None:
    with window_driver(qtbot) as driver:
        a, b = side_by_side(driver, slide, section)
        for view in (a, b):
            view.canvas.fit()
        driver.trigger("layout.align")
        guide = driver.window.comparison.guide
        assert guide.isVisible()
        assert "1 of 4" in guide.text.text()
        # The section lies turned by 90 degrees: right of a is below in b, at twice the pixels.
        for here, there in (((200, 150), (900, 200)), ((450, 150), (900, 700))):
            click(a, here)
            click(b, there)
        assert not guide.isVisible()
        assert driver.window.comparison.synchronizer.is_on
        assert any("agree within" in notice for notice in driver.notices)
        a.canvas.set_viewport(Viewport((325.0, 150.0), 0.5))
        follow(driver)
        assert b.canvas.viewport.center == pytest.approx((900, 450), abs=6)
        assert b.canvas.viewport.rotation_deg == pytest.approx(270, abs=1)
        assert b.canvas.viewport.downsample == pytest.approx(1)
        driver.settle()
    with window_driver(qtbot) as driver:
        b, a = (driver.open(path) for path in (section, slide))
        driver.settle()
        driver.trigger("layout.grid_1x2")
        driver.window.area.activate(a)
        driver.trigger("layout.synchronize")
        a.canvas.set_viewport(Viewport((325.0, 150.0), 0.5))
        follow(driver)
        assert b.canvas.viewport.center == pytest.approx((900, 450), abs=6)
        driver.trigger("layout.forget_alignment")
        assert not driver.window.actions_by_key["layout.forget_alignment"].isEnabled()
        driver.settle()
    with window_driver(qtbot) as driver:
        a, b = side_by_side(driver, slide, section)
        assert driver.window.comparison.alignments.between(a.document_id, b.document_id) is None


def test_a_flipped_section_is_mirrored_on_request(driver: WindowDriver, slide: Path, section: Path) -> None:
    a, b = side_by_side(driver, slide, section)
    for view in (a, b):
        view.canvas.fit()
    driver.trigger("layout.align")
    for here, there in (((350, 100), (700, 200)), ((350, 350), (700, 700))):
        click(a, here)
        click(b, there)
    press(driver, "It is flipped over")
    a.canvas.set_viewport(Viewport((300.0, 200.0), 0.5))
    follow(driver)
    assert b.canvas.viewport.mirrored
    assert b.canvas.viewport.center == pytest.approx((800, 400), abs=6)


def test_wrong_clicks_are_told_and_can_be_taken_back(
    driver: WindowDriver, slide: Path, section: Path
) -> None:
    a, b = side_by_side(driver, slide, section)
    for view in (a, b):
        view.canvas.fit()
    driver.trigger("layout.align")
    guide = driver.window.comparison.guide
    click(a, (200, 150))
    click(a, (300, 250))
    assert "same slide" in guide.text.text()
    click(b, (400, 300))
    click(a, (205, 152))
    assert "too close" in guide.text.text()
    assert "3 of 4" in guide.text.text()
    QTest.mouseClick(guide.back_button, Qt.MouseButton.LeftButton)
    assert "2 of 4" in guide.text.text()
    click(b, (400, 300))
    click(a, (500, 400))
    click(b, (600, 500))
    assert any("distances differ" in notice for notice in driver.notices)


def test_aligning_can_be_given_up(driver: WindowDriver, slide: Path, section: Path) -> None:
    a, b = side_by_side(driver, slide, section)
    driver.trigger("layout.synchronize")
    guide = driver.window.comparison.guide
    ways: list[Callable[[], None]] = [
        lambda: driver.key(Qt.Key.Key_Escape),
        lambda: QTest.mouseClick(guide.cancel_button, Qt.MouseButton.LeftButton),
        lambda: driver.window.set_mode("annotate"),
        lambda: driver.window.close_slide(b),
    ]
    for give_up in ways:
        driver.trigger("layout.align")
        before = b.canvas.viewport
        a.canvas.pan_by(5, 0)
        driver.qtbot.wait(30)
        assert b.canvas.viewport == before, "while landmarks are set each view moves alone"
        give_up()
        assert not guide.isVisible()
        assert a.canvas.lent_tool is None
        assert not driver.window.comparison.synchronizer.paused
    assert driver.window.comparison.alignments.between(a.document_id, b.document_id) is None


def test_a_drag_pans_while_landmarks_are_set(driver: WindowDriver, slide: Path, section: Path) -> None:
    a, _b = side_by_side(driver, slide, section)
    driver.trigger("layout.align")
    before = a.canvas.viewport.center
    driver.drag(before, (before[0] + 40, before[1]))
    assert a.canvas.viewport.center[0] == pytest.approx(before[0] - 40, abs=3)
    assert "1 of 4" in driver.window.comparison.guide.text.text()


def test_slides_aligned_to_a_third_are_aligned_to_each_other(
    driver: WindowDriver, slide: Path, section: Path, tmp_path: Path
) -> None:
    third = write_pyramid(tmp_path / "third.tiff", size=(800, 600), mpp=0.5)
    _, b, c = side_by_side(driver, slide, section, third)
    b.canvas.set_viewport(Viewport((600.0, 480.0), 0.25))
    c.canvas.set_viewport(Viewport((410.0, 290.0), 0.5))
    driver.trigger("layout.align_as_shown")
    known = driver.window.comparison.alignments
    between = known.between(b.document_id, c.document_id)
    assert between is not None
    assert between.point((600.0, 480.0)) == pytest.approx((410, 290))
    assert between.scale == pytest.approx(0.5)
    assert not known.are_paired(b.document_id, c.document_id)
