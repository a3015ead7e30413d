"""Transparent pixels on the background."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.slides.compositing import rgb_on_background


def test_opaque_pixels_change_their_order_only() -> None:
    argb = np.array([[[1, 2, 3, 255], [40, 50, 60, 255]]], np.uint8)
    assert rgb_on_background(argb, (9, 9, 9)).tolist() == [[[3, 2, 1], [60, 50, 40]]]


def test_clear_pixels_are_the_background() -> None:
    argb = np.array([[[0, 0, 0, 0], [1, 2, 3, 255]]], np.uint8)
    assert rgb_on_background(argb, (10, 20, 30)).tolist() == [[[10, 20, 30], [3, 2, 1]]]


@pytest.mark.parametrize("alpha", [1, 64, 128, 254])
def test_half_clear_pixels_are_blended(alpha: int) -> None:
    color, background = np.array([200, 100, 0]), (0, 250, 255)
    premultiplied = np.rint(color * alpha / 255).astype(np.uint8)
    argb = np.array([[[*premultiplied[::-1], alpha]]], np.uint8)
    expected = color * alpha / 255 + np.array(background) * (1 - alpha / 255)
    assert np.abs(rgb_on_background(argb, background)[0, 0] - expected).max() <= 1


def test_sums_never_wrap_around() -> None:
    argb = np.array([[[255, 255, 255, 128]]], np.uint8)
    assert rgb_on_background(argb, (255, 255, 255)).tolist() == [[[255, 255, 255]]]


@pytest.mark.parametrize("shape", [(0, 5, 4), (5, 0, 4)])
def test_no_pixels_give_no_pixels(shape: tuple[int, int, int]) -> None:
    assert rgb_on_background(np.empty(shape, np.uint8), (0, 0, 0)).shape == (*shape[:2], 3)
