"""Grid, field circle, crosshair and measurements as they are painted."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.viewport import Viewport
from desktop_app.storage.overlay_settings import OverlaySettings
from desktop_app.ui.canvas_layers.field_layer import FieldLayer, area_of, diameter_mm
from desktop_app.ui.canvas_layers.grid_layer import CLOSEST, GridLayer
from desktop_app.ui.models.measurements import Measurement, measured_text
from desktop_app.ui.overlays.view_overlays import ViewOverlays
from tests.support.annotation_bench import Bench

SHOWN = OverlaySettings(grid=True, grid_spacing_um=250.0)


def is_dark(bench: Bench, x: float, y: float) -> bool:
    """Whether a line runs within a pixel of a slide position."""
    view = bench.canvas.viewport.view_point((x, y))
    column, row = (math.floor(at) for at in view)
    around = bench.picture()[row - 1 : row + 2, column - 1 : column + 2]
    return bool((around.max(axis=2) < 150).any())


@pytest.mark.parametrize(
    ("rotation", "mirrored"), [(0, False), (90, False), (180, True), (270, True), (17, True)]
)
def test_the_grid_lies_on_the_slide_however_it_is_turned(
    bench: Bench, overlays: ViewOverlays, rotation: float, mirrored: bool
) -> None:
    overlays.apply(SHOWN)
    bench.canvas.set_viewport(Viewport((600.0, 600.0), 1.0, rotation, (600, 400), mirrored))
    for x, y in ((500, 560), (500, 640), (640, 500), (560, 500)):
        assert is_dark(bench, x, y)
    for x, y in ((560, 560), (640, 560), (520, 520)):
        assert not is_dark(bench, x, y)


def test_the_grid_ends_with_the_slide(bench: Bench, overlays: ViewOverlays) -> None:
    overlays.apply(SHOWN)
    bench.canvas.set_viewport(Viewport((1900.0, 600.0), 1.0))
    assert is_dark(bench, 1990, 500)
    assert not is_dark(bench, 2030, 500)


def test_the_grid_can_begin_anywhere(bench: Bench, overlays: ViewOverlays) -> None:
    overlays.apply(SHOWN)
    overlays.move_grid((460.0, 410.0))
    assert "grid_moved" in set(overlays.facts())
    assert is_dark(bench, 460, 350)
    assert is_dark(bench, 400, 410)
    assert not is_dark(bench, 500, 450)


@given(st.floats(0.02, 4000), st.floats(1, 1e5), st.floats(0.1, 5), st.sampled_from([1.0, 1.5, 2.0]))
def test_lines_never_come_too_close(downsample: float, spacing: float, mpp: float, dpr: float) -> None:
    grid = GridLayer((50_000, 50_000))
    grid.mpp, grid.spacing_um = (mpp, mpp), spacing
    shown = grid.shown_spacing(Viewport((0, 0), downsample), dpr)
    assert shown / mpp / downsample >= CLOSEST * dpr * (1 - 1e-9)
    factor = shown / spacing
    assert factor == pytest.approx(1) or f"{factor:.0e}"[0] in "125"
    assert factor == pytest.approx(1) or shown / mpp / downsample < CLOSEST * dpr * 2.5 * (1 + 1e-9)


def test_the_grid_says_what_it_is() -> None:
    grid = GridLayer((5000, 5000))
    near, far = Viewport((0, 0), 1.0), Viewport((0, 0), 200.0)
    assert grid.text(near, 1.0) == "Grid 1000 px, pixel size unknown"
    grid.mpp = (0.5, 0.5)
    assert grid.text(near, 1.0) == "Grid 250 µm"
    assert grid.text(far, 1.0) == "Grid 1.25 mm (too fine here: 250 µm)"


def test_pixels_that_are_not_square_make_a_grid_that_is(bench: Bench, overlays: ViewOverlays) -> None:
    overlays.apply(SHOWN)
    overlays.grid.mpp = (0.5, 1.0)
    assert is_dark(bench, 500, 300)
    assert is_dark(bench, 350, 250)
    assert is_dark(bench, 350, 500)
    assert not is_dark(bench, 350, 375)


@given(st.floats(0.001, 100))
def test_area_and_diameter_are_of_one_circle(area: float) -> None:
    assert area_of(diameter_mm(area)) == pytest.approx(area)


def test_the_field_of_an_eyepiece_of_22_mm_at_40x() -> None:
    assert diameter_mm(0.2376) == pytest.approx(0.55, abs=5e-5)
    field = FieldLayer()
    assert field.text() == "No field circle: pixel size unknown"
    assert len(field.outline(Viewport((0, 0), 1.0))) == 0
    field.mpp = (0.25, 0.5)
    assert field.text() == "Field 0.2376 mm², ⌀ 0.55 mm"
    outline = (field.outline(Viewport((3000.0, 2000.0), 1.0)) - (3000, 2000)) * field.mpp
    assert np.hypot(*outline.T) == pytest.approx(275.0, abs=0.1)
    field.pinned = (5.0, 6.0)
    assert field.text() == "Field 0.2376 mm², ⌀ 0.55 mm, pinned"
    assert field.outline(Viewport((3000.0, 2000.0), 1.0)).mean(axis=0) == pytest.approx((5, 6))


def test_the_circle_follows_the_view_until_it_is_pinned(bench: Bench, overlays: ViewOverlays) -> None:
    overlays.apply(OverlaySettings(field=True, field_area_mm2=area_of(0.1)))
    # 0.1 mm are 200 px across.
    assert is_dark(bench, 400, 400)
    assert is_dark(bench, 500, 300)
    assert not is_dark(bench, 500, 400)
    bench.canvas.center_on((600.0, 400.0))
    assert is_dark(bench, 500, 400)
    overlays.pin_field((600.0, 400.0))
    bench.canvas.center_on((650.0, 420.0))
    assert is_dark(bench, 500, 400)
    assert is_dark(bench, 600, 400)
    assert set(overlays.facts()) == {"field_pinned"}


def test_the_crosshair_marks_the_middle_and_leaves_it_free(bench: Bench, overlays: ViewOverlays) -> None:
    overlays.apply(OverlaySettings(crosshair=True))
    x, y = bench.canvas.viewport.center
    assert is_dark(bench, x + 15, y)
    assert is_dark(bench, x, y - 15)
    assert not is_dark(bench, x, y)
    assert not is_dark(bench, x + 40, y)


def test_nothing_is_painted_that_was_not_asked_for(bench: Bench, overlays: ViewOverlays) -> None:
    overlays.apply(OverlaySettings())
    assert (bench.picture() == 255).all()


def test_the_notes_stand_above_the_scale_bar(bench: Bench, overlays: ViewOverlays) -> None:
    bench.canvas.scale_bar.visible = True
    before = bench.picture()
    overlays.apply(replace(SHOWN, field=True))
    assert overlays.notes.lines(bench.canvas.viewport, 1.0) == ["Grid 250 µm", "Field 0.2376 mm², ⌀ 0.55 mm"]
    after = bench.picture()
    assert np.array_equal(before[358:380, 20:100], after[358:380, 20:100])
    plate = after[310:350, 20:120]
    assert (plate < 90).all(axis=2).any()


def test_lengths_have_the_digits_that_a_hand_can_place() -> None:
    assert measured_text(12.345, calibrated=True) == "12.3 µm"
    assert measured_text(1234.5, calibrated=True) == "1.234 mm"
    assert measured_text(45.67, calibrated=False) == "45.7 px"
    assert measured_text(4567.8, calibrated=False) == "4568 px"


def test_a_measurement_is_painted_with_its_value(bench: Bench, overlays: ViewOverlays) -> None:
    overlays.measurements.add(Measurement("length", ((300.0, 300.0), (600.0, 300.0))))
    assert overlays.measurements.items[0].text((0.5, 0.5)) == "150.0 µm"
    picture = bench.picture()
    yellow = (picture[..., 0] > 200) & (picture[..., 1] > 170) & (picture[..., 2] < 90)
    rows, columns = np.nonzero(yellow)
    assert (columns.min(), columns.max()) == pytest.approx((100, 400), abs=2)
    # Line and ticks lie about y = 300, and the label's plate above them.
    assert np.median(rows) == pytest.approx(100, abs=1)
    assert (picture[70:92, 230:270] < 90).all(axis=2).any()
