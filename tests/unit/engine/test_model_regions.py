"""Regions come only from contributions, only above the threshold, only on a positive slide."""

from __future__ import annotations

import numpy as np
import pytest

from desktop_app.domain.bundle import ModelClass
from desktop_app.domain.prediction import Prediction
from desktop_app.domain.recipe import TileSettings
from desktop_app.domain.tiling import TileGrid
from desktop_app.engine.model_regions import draw_regions
from tests.support.engine_cases import fake_bundle

BOXES = TileGrid.over_slide((640, 64), (0.5, 0.5), TileSettings(64)).boxes()
CONTRIBUTIONS = np.array([[0.5], [0.6], [-1.0], [0.3], [0.1], [0.0], [0.9], [0.9], [0.9], [0.1]])


def additive(probability: float) -> Prediction:
    logit = np.log(probability / (1 - probability))
    return Prediction(
        ("Pattern",), np.array([logit]), np.array([probability]), "additive", contributions=CONTRIBUTIONS
    )


def bundle(threshold: float = 0.5) -> object:
    return fake_bundle(classes=(ModelClass("Pattern", (1, 2, 3), threshold, 0.25),))


def test_a_positive_slide_has_connected_areas_above_the_threshold() -> None:
    regions = draw_regions(additive(0.8), bundle(), boxes=BOXES, on_negative=False)
    assert [region.area.tiles.tolist() for region in regions] == [[6, 7, 8], [0, 1], [3]]
    assert {region.class_name for region in regions} == {"Pattern"}
    assert regions[0].measurements == {
        "tiles": 3.0,
        "contribution sum: Pattern": pytest.approx(2.7),
        "contribution max: Pattern": 0.9,
    }


def test_a_negative_slide_has_none_unless_asked() -> None:
    assert draw_regions(additive(0.4), bundle(), boxes=BOXES, on_negative=False) == ()
    assert len(draw_regions(additive(0.4), bundle(), boxes=BOXES, on_negative=True)) == 3


def test_the_decision_threshold_itself_is_positive() -> None:
    assert draw_regions(additive(0.8), bundle(0.8), boxes=BOXES, on_negative=False)
    assert not draw_regions(additive(0.8), bundle(0.81), boxes=BOXES, on_negative=False)


def test_attention_regions_have_a_name_and_no_class() -> None:
    attention = np.arange(10.0)
    prediction = Prediction(("Pattern",), np.array([3.0]), np.array([0.95]), "attention", attention)
    (region,) = draw_regions(prediction, bundle(), boxes=BOXES, on_negative=False)
    assert (region.class_name, region.name) == (None, "High attention")
    assert region.area.tiles.tolist() == [9]
    assert region.measurements["attention_percentile max"] == 100.0


def test_equal_attention_singles_nothing_out() -> None:
    prediction = Prediction(("Pattern",), np.array([3.0]), np.array([0.95]), "attention", np.ones(10))
    assert draw_regions(prediction, bundle(), boxes=BOXES, on_negative=False) == ()
