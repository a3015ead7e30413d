"""Mixing fluorescence channels to a picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.channels import PALETTE, SHOWN_AT_FIRST, composite, default_displays
from desktop_app.domain.display_settings import ChannelDisplay
from desktop_app.domain.slide_info import Channel

RED, GREEN, WHITE = (255, 0, 0), (0, 255, 0), (255, 255, 255)


def column(*values: int, dtype: str = "uint16") -> np.ndarray:
    return np.array(values, dtype).reshape(-1, 1, 1)


def test_a_value_becomes_a_shade_of_its_color() -> None:
    mixed = composite(column(0, 1000, 2000, 3000, 65535), [ChannelDisplay(True, WHITE, 1000, 3000)])
    assert mixed[:, 0].tolist() == [[0, 0, 0, 255]] * 2 + [[128, 128, 128, 255]] + [[255, 255, 255, 255]] * 2


def test_bytes_are_in_the_order_of_the_screen() -> None:
    mixed = composite(column(255, dtype="uint8"), [ChannelDisplay(True, (10, 20, 30), 0, 255)])
    assert mixed.tolist() == [[[30, 20, 10, 255]]]


def test_channels_add_up_and_are_cut_off() -> None:
    values = np.array([[[255, 255, 255]]], np.uint8)
    displays = [ChannelDisplay(True, color, 0, 255) for color in (RED, GREEN, (200, 0, 0))]
    assert composite(values, displays)[0, 0].tolist() == [0, 255, 255, 255]


def test_a_hidden_channel_adds_nothing() -> None:
    values = np.full((2, 2, 2), 255, np.uint8)
    displays = [ChannelDisplay(False, RED, 0, 255), ChannelDisplay(True, GREEN, 0, 255)]
    assert composite(values, displays)[0, 0].tolist() == [0, 255, 0, 255]
    none = [ChannelDisplay(False, RED, 0, 255)] * 2
    assert composite(values, none)[..., :3].max() == 0


def test_channels_stored_one_behind_the_other_are_mixed_the_same() -> None:
    values = np.random.default_rng(1).integers(0, 65536, (20, 30, 4)).astype(np.uint16)
    apart = np.ascontiguousarray(values.transpose(2, 0, 1)).transpose(1, 2, 0)
    displays = [ChannelDisplay(True, PALETTE[index], 100 * index, 50_000) for index in range(4)]
    assert np.array_equal(composite(values, displays), composite(apart, displays))


@given(
    st.lists(
        st.tuples(
            st.integers(0, 65535),
            st.tuples(*[st.integers(0, 255)] * 3),
            st.floats(0, 60_000),
            st.floats(1, 70_000),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_it_is_the_sum_of_linear_shades(layers: list[tuple[int, tuple[int, int, int], float, float]]) -> None:
    values = np.array([[[value for value, *_ in layers]]], np.uint16)
    displays = [ChannelDisplay(True, color, low, low + span) for _, color, low, span in layers]
    expected = np.zeros(3)
    for value, color, low, span in layers:
        expected += np.rint(np.clip((value - low) / span, 0, 1) * np.array(color))
    mixed = composite(values, displays)[0, 0]
    assert np.abs(mixed[2::-1].astype(int) - np.minimum(expected, 255)).max() <= 1
    assert mixed[3] == 255


def test_it_needs_one_display_for_each_channel() -> None:
    with pytest.raises(ValueError, match="1 displays do not fit"):
        composite(np.zeros((2, 2, 2), np.uint8), [ChannelDisplay(True, RED, 0, 255)])


def test_at_first_each_channel_is_shown_as_the_file_says_but_not_too_many() -> None:
    channels = [Channel(f"c{index}", RED, 65535, (5, 900)) for index in range(SHOWN_AT_FIRST + 3)]
    displays = default_displays(channels)
    assert displays[0] == ChannelDisplay(True, RED, 5, 900)
    assert [display.visible for display in displays] == [True] * SHOWN_AT_FIRST + [False] * 3
    assert default_displays(()) == ()
