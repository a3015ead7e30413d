"""Awkward geometry: a color of the slide is seen where it is, at every magnification."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.viewport import Viewport
from desktop_app.slides import Slide
from desktop_app.slides.pyramid_builder import PyramidBuilder
from desktop_app.slides.pyramid_cache import open_made_levels
from desktop_app.ui.canvas import SlideCanvas
from tests.support.geometry_traps import TRAPS
from tests.support.pictures import pixels_of
from tests.support.slide_factory import textured, write_pyramid

DOWNSAMPLES = (0.5, 1.0, 1.6, 2.0, 3.0, 4.0, 6.5, 8.0, 13.0, 16.0)


@pytest.mark.parametrize("name", TRAPS)
def test_colors_are_seen_where_they_are(
    qtbot: QtBot, canvas: SlideCanvas, tmp_path: Path, open_slide: Callable[[Path], Slide], name: str
) -> None:
    trap = TRAPS[name](tmp_path / "a.tif")
    slide = open_slide(trap.path)
    made = open_made_levels(slide.info, tmp_path / "cache")
    slide.attach_made_levels(made)
    if made is not None:
        builder = threading.Thread(target=PyramidBuilder(slide, made).run)
        builder.start()
        builder.join(60)
    canvas.set_slide(slide)
    for downsample in DOWNSAMPLES:
        for (x, y), color in trap.squares(2):
            canvas.set_viewport(Viewport((x, y), downsample, 0.0, (600, 400)))
            qtbot.waitUntil(lambda: canvas.is_sharp, timeout=20_000)
            shown = pixels_of(canvas.grab().toImage())
            across, down = canvas.viewport.view_point((x, y))
            seen = shown[int(down), int(across)]
            assert np.abs(seen.astype(int) - color).max() <= 24, (downsample, x, y)


def test_a_slide_of_one_pixel_is_shown(
    qtbot: QtBot, canvas: SlideCanvas, tmp_path: Path, open_slide: Callable[[Path], Slide]
) -> None:
    slide = open_slide(write_pyramid(tmp_path / "1.tif", textured(1, 1), levels=1))
    canvas.set_slide(slide)
    qtbot.waitUntil(lambda: canvas.is_sharp, timeout=20_000)
    shown = pixels_of(canvas.grab().toImage())
    assert (shown[200, 300] == slide.read_region((0, 0), 0, (1, 1))[0, 0]).all()
    canvas.zoom_by(1000)
    canvas.zoom_by(1e-6)
    assert canvas.viewport.downsample > 0
