"""From settings to the lookup that the canvas uses: quick first, exact soon, the latest wins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.display_settings import DisplaySettings
from desktop_app.domain.slide_info import Level, SlideInfo
from desktop_app.slides.icc import icc_color_map
from desktop_app.ui.canvas.display import DisplayLookup, build_table, widened
from desktop_app.ui.display_keeper import DisplayKeeper
from desktop_app.ui.display_tables import ColorRequest, DisplayTables
from tests.support.color_profiles import scanner_profile

INFO = SlideInfo(Path("a.svs"), "id", (100, 100), (Level(0, (100, 100), 1.0),), "test")
MANAGED = replace(INFO, icc_profile=scanner_profile())
PIXELS = np.random.default_rng(5).integers(0, 256, (64, 64, 4), dtype=np.uint8)


@pytest.fixture
def keep(qapp: object) -> Iterator[object]:
    made: list[DisplayKeeper] = []

    def make(info: SlideInfo, settings: DisplaySettings | None = None) -> DisplayKeeper:
        made.append(DisplayKeeper(info, DisplayTables(), settings=settings))
        made[-1].start()
        return made[-1]

    yield make
    for keeper in made:
        keeper.shutdown()


def shown_by(keeper: DisplayKeeper) -> np.ndarray:
    return keeper.lookup.apply(PIXELS)[..., 2::-1].reshape(-1, 3)


def test_a_slide_without_a_profile_needs_no_table(keep: object, qtbot: QtBot) -> None:
    keeper = keep(INFO)
    assert keeper.is_settled
    assert keeper.lookup.table is None
    assert keeper.color_state == "no_profile"


def test_the_profile_is_on_by_default_and_equals_littlecms(keep: object, qtbot: QtBot) -> None:
    keeper = keep(MANAGED)
    qtbot.waitUntil(lambda: keeper.is_settled, timeout=60_000)
    expected = icc_color_map(scanner_profile())(np.ascontiguousarray(PIXELS[..., 2::-1].reshape(-1, 3)))
    assert np.array_equal(shown_by(keeper), expected)
    assert keeper.color_state == "managed"
    keeper.set_settings(replace(keeper.settings, icc=False))
    assert keeper.color_state == "off"
    assert keeper.lookup.table is None


def test_a_change_is_seen_at_once_and_settles(keep: object, qtbot: QtBot) -> None:
    keeper = keep(INFO)
    seen: list[DisplayLookup] = []
    keeper.lookup_changed.connect(seen.append)
    keeper.set_settings(replace(keeper.settings, gamma=2.0, stain_view="first"))
    qtbot.waitUntil(lambda: keeper.is_settled, timeout=60_000)
    assert [lookup.bits for lookup in seen] == [6, 8]
    assert seen[0].generation < seen[1].generation


def test_the_last_of_many_changes_wins(keep: object, qtbot: QtBot) -> None:
    keeper = keep(INFO)
    for gamma in (1.1, 1.5, 2.0, 3.0):
        keeper.set_settings(replace(keeper.settings, gamma=gamma))
    qtbot.waitUntil(lambda: keeper.is_settled, timeout=60_000)
    plain = PIXELS[..., 2::-1].reshape(-1, 3)
    assert shown_by(keeper)[:, 0] == pytest.approx(255 * (plain[:, 0] / 255) ** (1 / 3), abs=1)


def test_a_damaged_profile_is_said_and_the_rest_is_shown(keep: object, qtbot: QtBot) -> None:
    keeper = keep(replace(INFO, icc_profile=b"damaged"), DisplaySettings(gamma=2.0))
    qtbot.waitUntil(lambda: keeper.is_settled, timeout=60_000)
    assert keeper.color_state == "unusable"
    assert "damaged" in keeper.color_note
    assert keeper.lookup.table is not None


def test_a_second_slide_of_the_scanner_finds_the_table_made() -> None:
    tables = DisplayTables()
    request = ColorRequest(DisplaySettings(gamma=1.2, stain_view="second"))
    tables.warm(request)
    preview, exact = tables.kept(request)
    assert preview is not None
    assert not exact
    made = tables.exact(request, lambda: True)
    assert tables.kept(request) == (made, True)


def test_an_unwanted_table_is_given_up() -> None:
    assert build_table(lambda colors: colors, wanted=lambda: False) is None


@pytest.mark.parametrize("bits", [3, 6, 7, 8])
def test_a_table_of_few_bits_is_right_to_its_cell(bits: int) -> None:
    lookup = DisplayLookup(1, build_table(lambda colors: 255 - colors, bits=bits))
    assert lookup.bits == bits
    mapped = lookup.apply(PIXELS)
    assert np.abs(mapped[..., :3].astype(int) - (255 - PIXELS[..., :3].astype(int))).max() <= 2 ** (
        7 - bits
    ) * (bits < 8)
    assert (mapped[..., 3] == 255).all()


@pytest.mark.parametrize("bits", [6, 7, 8])
def test_a_widened_table_maps_every_color_alike(bits: int) -> None:
    table = build_table(lambda colors: colors[:, ::-1] // 2, bits=bits)
    wide = DisplayLookup(1, widened(table))
    assert wide.bits == 8
    assert np.array_equal(wide.apply(PIXELS), DisplayLookup(1, table).apply(PIXELS))
