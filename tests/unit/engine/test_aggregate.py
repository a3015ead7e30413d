"""Predictions, percentiles, and the partial heat map that comes at most once a second."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.prediction import Prediction
from desktop_app.domain.recipe import TileSettings
from desktop_app.domain.tiling import TileGrid
from desktop_app.engine.aggregate import HeatMapFrame, PartialHeatMap, attention_percentiles, predict
from desktop_app.engine.features import TilePass
from desktop_app.engine.job import HeatMapUpdate
from desktop_app.errors import ModelBundleError
from tests.support.engine_cases import AdditiveModel, AttentionModel, Messages, fake_bundle

GRID = TileGrid.over_slide((640, 640), (0.5, 0.5), TileSettings(64))


class Clock:
    """Seconds that pass when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def pass_of(count: int) -> TilePass:
    return TilePass(np.arange(count), np.ones(count), np.zeros((count, 3), np.float32))


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=40))
def test_percentiles_rank_tiles_and_keep_equal_ones_equal(values: list[int]) -> None:
    logits = np.array(values, dtype=float)
    percentiles = attention_percentiles(logits)
    for i in range(len(logits)):
        below, equal = (logits < logits[i]).sum(), (logits == logits[i]).sum()
        assert percentiles[i] == pytest.approx(100 * (below + (equal + 1) / 2) / len(logits))
    assert percentiles.max() <= 100


def test_a_partial_map_comes_once_a_second_and_says_n_of_n() -> None:
    clock, messages = Clock(), Messages()
    partial = PartialHeatMap(AdditiveModel(), HeatMapFrame("job", GRID, True), send=messages, clock=clock)
    for tenth in range(35):
        clock.now = tenth / 10
        partial.update(pass_of(10 + tenth), 20 + tenth, 100)
    assert [(update.done, len(update.values)) for update in messages.sent] == [(30, 20), (40, 30), (50, 40)]
    update = messages.sent[0]
    assert isinstance(update, HeatMapUpdate)
    assert (update.total, update.quantity, update.class_name) == (100, "contribution", "Synthetic pattern")
    assert update.demonstration
    assert update.values.sum() == pytest.approx(2.0)


def test_the_last_batch_and_an_empty_pass_send_no_partial_map() -> None:
    clock, messages = Clock(), Messages()
    partial = PartialHeatMap(AdditiveModel(), HeatMapFrame("job", GRID, False), send=messages, clock=clock)
    clock.now = 10.0
    partial.update(pass_of(0), 5, 100)
    partial.update(pass_of(100), 100, 100)
    assert messages.sent == []


def test_a_slow_model_is_asked_less_often() -> None:
    clock, messages = Clock(), Messages()

    class SlowModel(AdditiveModel):
        def predict(self, features: np.ndarray) -> Prediction:
            clock.now += 2.0
            return super().predict(features)

    partial = PartialHeatMap(SlowModel(), HeatMapFrame("job", GRID, False), send=messages, clock=clock)
    for second in range(1, 26):
        clock.now = max(clock.now, float(second))
        partial.update(pass_of(10), 10, 100)
    assert len(messages.sent) == 3


def test_attention_is_shown_as_attention() -> None:
    update = HeatMapFrame("job", GRID, False).show(AttentionModel().predict(np.zeros((4, 3))), np.arange(4))
    assert update is not None
    assert (update.quantity, update.class_name, update.done, update.total) == ("attention", "", 4, 4)
    assert update.locations.tolist() == [[0, 0], [64, 0], [128, 0], [192, 0]]


def test_a_model_that_explains_nothing_has_no_heat_map() -> None:
    prediction = Prediction(("A",), np.zeros(1), np.full(1, 0.5), "none")
    assert HeatMapFrame("job", GRID, False).show(prediction, np.arange(4)) is None


@pytest.mark.parametrize("logits", [(1.0, 2.0), (float("nan"),)])
def test_an_answer_that_does_not_fit_the_classes_is_refused(logits: tuple[float, ...]) -> None:
    with pytest.raises(ModelBundleError, match="finite logits"):
        predict(AdditiveModel(logits), fake_bundle(), np.zeros((3, 3)))
