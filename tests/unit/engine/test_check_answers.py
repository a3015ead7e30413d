"""Wrong answers of plugins: each is refused by name before it can reach a file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from shapely import Polygon, box

from desktop_app.domain.color_maps import LabMap, LevelCurves, SparseMap
from desktop_app.domain.prediction import Prediction
from desktop_app.domain.stain import FittedStain
from desktop_app.domain.tissue import Tissue
from desktop_app.engine.check_answers import (
    check_encoder,
    check_features,
    check_prediction,
    check_stain,
    check_tissue,
)
from desktop_app.errors import ModelBundleError, PluginRunError
from tests.support.engine_cases import AdditiveModel, AttentionModel, FakeEncoder, fake_bundle

TISSUE = Tissue(np.ones((4, 5), dtype=bool), (4.0, 4.0), 7.0, (box(0, 0, 9, 9),))
STAIN = FittedStain("fake", np.eye(3))


def additive(n_tiles: int = 3) -> Prediction:
    return AdditiveModel().predict(np.zeros((n_tiles, 3)))


def test_right_answers_pass_unchanged() -> None:
    features = np.ones((2, 3), dtype=np.float32)
    encoder = FakeEncoder()
    assert check_tissue(TISSUE, "a/b") is TISSUE
    assert check_stain(STAIN, "a/b") is STAIN
    by_map = replace(STAIN, color_map=LabMap(np.ones(3), np.zeros(3)))
    assert check_stain(by_map, "a/b") is by_map
    assert check_encoder(encoder, "a/b") is encoder
    assert check_features(features, (2, 3), "a/b") is features
    for prediction in (additive(), AttentionModel().predict(np.zeros((3, 3)))):
        assert check_prediction(prediction, fake_bundle(), 3) is prediction


@pytest.mark.parametrize(
    "answer",
    [
        None,
        replace(TISSUE, mask=np.ones((4, 5, 3), dtype=bool)),
        replace(TISSUE, mask=np.full((4, 5), 0.5)),
        replace(TISSUE, mask=np.zeros((0, 0), dtype=bool)),
        replace(TISSUE, polygons=("x",)),
        replace(TISSUE, polygons=(Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]),)),
        replace(TISSUE, polygons=(Polygon([(0, 0), (9, float("inf")), (9, 0)]),)),
        replace(TISSUE, threshold=float("nan")),
        replace(TISSUE, extent=(float("nan"), 0.0, 1.0, 1.0)),
    ],
)
def test_wrong_tissue_is_refused(answer: Any) -> None:
    with pytest.raises(PluginRunError, match="The plugin a failed: b must give") as caught:
        check_tissue(answer, "a/b")
    assert caught.value.plugin_id == "a"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        replace(STAIN, matrix=np.full((3, 3), np.nan)),
        replace(STAIN, matrix=np.ones((2, 3))),
        replace(STAIN, intensity=0.0),
        replace(STAIN, color_map=LabMap(np.full(3, np.nan), np.zeros(3))),
        replace(STAIN, color_map=LevelCurves(np.zeros((3, 4), np.uint8))),
        replace(STAIN, color_map=SparseMap(np.eye(3)[:, :2], np.eye(3)[:, :2], price=float("inf"))),
        replace(STAIN, color_map="x"),
    ],
)
def test_a_wrong_stain_is_refused(answer: Any) -> None:
    with pytest.raises(PluginRunError, match="b must give"):
        check_stain(answer, "a/b")


@pytest.mark.parametrize(
    "encoder", [FakeEncoder((), 0), FakeEncoder((), "four"), FakeEncoder(("red", "green"), 3)]
)
def test_an_encoder_that_contradicts_itself_is_refused(encoder: Any) -> None:
    with pytest.raises(PluginRunError, match="b must give"):
        check_encoder(encoder, "a/b")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [[1.0, 2.0, 3.0]] * 2,
        np.ones((2, 4)),
        np.full((2, 3), np.nan),
        np.full((2, 3), 1e300),
        np.full((2, 3), "x"),
    ],
)
def test_wrong_features_are_refused(answer: Any) -> None:
    with pytest.raises(PluginRunError, match="finite float32 numbers"):
        check_features(answer, (2, 3), "a/b")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "it must predict"),
        (replace(additive(), classes=("Other",)), "it must predict"),
        (replace(additive(), logits=np.zeros(2)), "finite logits"),
        (replace(additive(), probabilities=np.full(1, np.nan)), "finite probabilities"),
        (replace(additive(), attention_logits=np.zeros(2)), "finite attention"),
        (replace(additive(), contributions=np.zeros((2, 1))), "finite contributions"),
        (replace(additive(), contributions=np.ones((3, 1))), "contributions sum to"),
    ],
)
def test_wrong_predictions_are_refused(answer: Any, reason: str) -> None:
    with pytest.raises(ModelBundleError, match=reason):
        check_prediction(answer, fake_bundle(), 3)
