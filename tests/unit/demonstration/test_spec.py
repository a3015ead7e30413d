"""Factors of a synthetic slide: drawn from the seed alone, never from the label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.demonstration.layout import Layout
from desktop_app.demonstration.spec import SlideSpec, factor_stream


@given(st.integers(0, 2**31))
def test_label_changes_no_factor(seed: int) -> None:
    positive = SlideSpec.draw(seed, label=True)
    assert positive.label
    assert SlideSpec.draw(seed, label=False) == replace(positive, label=False)


@given(st.integers(0, 2**31))
def test_factors_are_in_range(seed: int) -> None:
    spec = SlideSpec.draw(seed, label=True)
    assert 0.01 <= spec.pattern_share <= 0.15
    assert 0.3 < spec.tissue_share < 0.7
    assert 0.0 <= spec.fat_share <= 0.3
    assert spec.blur_um >= 0.0


def test_factors_vary_and_do_not_follow_each_other() -> None:
    specs = [SlideSpec.draw(seed, label=False) for seed in range(400)]
    table = np.array(
        [
            [
                spec.stain == "rose",
                spec.pen != "none",
                spec.tissue_share,
                spec.fat_share,
                spec.gland_share,
                spec.follicle_share,
                spec.blur_um,
                spec.pattern_share,
                spec.seed % 2,
            ]
            for spec in specs
        ],
        dtype=float,
    )
    correlation = np.corrcoef(table.T) - np.eye(table.shape[1])
    assert np.isfinite(correlation).all()
    assert np.abs(correlation).max() < 0.2


def test_streams_of_two_factors_differ() -> None:
    assert factor_stream(1, "pen").random() != factor_stream(1, "fat").random()
    assert factor_stream(1, "pen").random() == factor_stream(1, "pen").random()


def test_size_in_um() -> None:
    assert SlideSpec(seed=1, label=False, size=(400, 200), mpp=0.5).size_um == (200.0, 100.0)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_layout_but_the_nests_is_the_same_with_either_label(seed: int) -> None:
    spec = SlideSpec.draw(seed, label=True, size=(5000, 4000))
    positive, negative = Layout.draw(spec), Layout.draw(replace(spec, label=False))
    assert positive.nests
    assert not negative.nests
    assert np.array_equal(positive.tissue, negative.tissue)
    assert np.array_equal(positive.fat, negative.fat)
    assert np.array_equal(positive.tone, negative.tone)
    assert all(np.array_equal(a, b) for a, b in zip(positive.follicles, negative.follicles, strict=True))


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_pattern_covers_one_to_fifteen_percent_of_the_tissue(seed: int) -> None:
    layout = Layout.draw(SlideSpec.draw(seed, label=True, size=(6000, 5000)))
    assert 0.01 <= layout.pattern_region().area / layout.tissue_area_um2 <= 0.15


def test_tissue_share_is_as_asked() -> None:
    spec = SlideSpec.draw(3, label=False, size=(5000, 4000))
    assert np.mean(Layout.draw(spec).tissue > 0) == pytest.approx(spec.tissue_share, abs=0.01)


def test_a_positive_slide_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        Layout.draw(SlideSpec.draw(3, label=True, size=(400, 300)))
