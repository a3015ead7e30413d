"""Fluorescence on the canvas: channels mixed on the loader threads, anew when their display changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from desktop_app.domain.channels import composite, default_displays
from desktop_app.domain.display_settings import ChannelDisplay
from desktop_app.domain.tile_requests import TileKey
from desktop_app.slides import Slide
from desktop_app.ui.canvas import SlideCanvas
from desktop_app.ui.canvas.channel_view import ChannelView
from desktop_app.ui.canvas.tile_source import SlideTileSource
from desktop_app.worker import slide_opener
from tests.support.pictures import pixels_of
from tests.support.plugin_cases import bundled_host
from tests.support.slide_factory import write_pyramid
from tests.support.tiff_factory import channel_values, write_ome

RGB = NDArray[np.uint8]
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
SIZE = (400, 300)


@pytest.fixture
def values() -> NDArray[np.uint16]:
    return channel_values(SIZE)


@pytest.fixture
def fluorescent(tmp_path: Path, values: NDArray[np.uint16]) -> Iterator[Slide]:
    path = write_ome(tmp_path / "a.ome.tif", values, levels=1, names=("a", "b", "c"))
    with slide_opener(bundled_host(tmp_path)).open(path) as opened:
        yield opened


@pytest.fixture
def shown(
    canvas: SlideCanvas, fluorescent: Slide, picture: Callable[[SlideCanvas], RGB]
) -> Iterator[Callable[[], RGB]]:
    """The slide at its own scale, as it is on the canvas now: uint8 (300, 400, 3)."""
    canvas.set_slide(fluorescent)
    canvas.one_to_one()

    def grab() -> RGB:
        whole = picture(canvas)
        x, y = (round(side) for side in canvas.viewport.view_point((0.0, 0.0)))
        return whole[y : y + SIZE[1], x : x + SIZE[0]]

    yield grab
    canvas.set_slide(None)


def expected(values: NDArray[np.uint16], displays: tuple[ChannelDisplay, ...]) -> RGB:
    return composite(values.transpose(1, 2, 0), displays)[..., 2::-1]


def test_at_first_it_shows_what_the_slide_says(
    shown: Callable[[], RGB], fluorescent: Slide, values: NDArray[np.uint16]
) -> None:
    assert np.array_equal(shown(), expected(values, default_displays(fluorescent.info.channels)))


def test_another_display_is_shown_in_every_tile(
    canvas: SlideCanvas, shown: Callable[[], RGB], values: NDArray[np.uint16]
) -> None:
    shown()
    displays = tuple(ChannelDisplay(True, color, 100, 900) for color in (RED, GREEN, BLUE))
    canvas.set_channels(displays)
    assert not canvas.is_sharp
    assert np.array_equal(shown(), expected(values, displays))
    hidden = (displays[0], replace(displays[1], visible=False), displays[2])
    canvas.set_channels(hidden)
    assert np.array_equal(shown(), expected(values, hidden))
    canvas.set_channels(())
    assert np.array_equal(shown()[100], expected(values, default_displays(canvas.slide.info.channels))[100])


def test_levels_that_are_made_follow_too(tmp_path: Path, qtbot: QtBot) -> None:
    path = write_ome(tmp_path / "large.ome.tif", channel_values((1300, 900)), levels=1)
    with slide_opener(bundled_host(tmp_path)).open(path) as opened:
        source = SlideTileSource(opened)
        made = next(index for index, level in enumerate(source.pyramid.levels) if level.shrink > 1)
        source.set_channels([ChannelDisplay(True, RED, 0, 3000)] * 3)
        tile = source.read(TileKey(made, 0, 0), lambda: True)
    assert tile is not None
    pixels = pixels_of(tile.image)
    assert pixels[..., 0].max() > 0
    assert pixels[..., 1:].max() == 0


def test_the_next_slide_begins_with_its_own(
    canvas: SlideCanvas, shown: Callable[[], RGB], fluorescent: Slide, values: NDArray[np.uint16]
) -> None:
    canvas.set_channels(tuple(ChannelDisplay(False, RED, 0, 1) for _ in range(3)))
    assert shown().max() == 0
    canvas.set_slide(fluorescent)
    canvas.one_to_one()
    assert np.array_equal(shown(), expected(values, default_displays(fluorescent.info.channels)))


def test_a_display_too_few_changes_nothing(
    canvas: SlideCanvas, shown: Callable[[], RGB], fluorescent: Slide
) -> None:
    before = shown()
    with pytest.raises(ValueError, match="2 displays do not fit 3 channels"):
        canvas.set_channels(default_displays(fluorescent.info.channels)[:2])
    assert np.array_equal(shown(), before)


def test_a_brightfield_slide_has_nothing_to_mix(
    canvas: SlideCanvas, open_slide: Callable[[Path], Slide], tmp_path: Path, qtbot: QtBot
) -> None:
    canvas.set_channels((ChannelDisplay(True, RED, 0, 1),))
    canvas.set_slide(open_slide(write_pyramid(tmp_path / "a.tiff")))
    canvas.set_channels((ChannelDisplay(True, RED, 0, 1),))
    qtbot.waitUntil(lambda: canvas.is_sharp, timeout=20_000)
    canvas.set_slide(None)


def test_a_view_of_channels_gives_levels_on_their_own_grid(
    fluorescent: Slide, values: NDArray[np.uint16]
) -> None:
    view = ChannelView(fluorescent, default_displays(fluorescent.info.channels))
    assert np.array_equal(view.read_level((30, 40), 0, (50, 20)), view.read_argb((30, 40), 0, (50, 20)))
    assert view.read_shrunk((0, 0), 0, (10, 10), 2) is None
    assert view.info is fluorescent.info
