"""From a bag to a prediction, at the end and, for the heat map, on the way.

A partial result is for looking only: it carries no probability and draws no region. Runs on the thread of
the job.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from desktop_app.domain.arrays import FloatArray, IntArray, MaskArray
from desktop_app.domain.bundle import ModelBundle, ModelClass
from desktop_app.domain.prediction import Prediction
from desktop_app.domain.tiling import TileGrid
from desktop_app.engine.check_answers import check_prediction
from desktop_app.engine.features import TilePass
from desktop_app.engine.job import HeatMapUpdate, MessageSink
from desktop_app.plugin_api.protocols import BagModel

UPDATE_SECONDS = 1.0
"""A partial heat map is recomputed at most this often."""

HIGH_ATTENTION_PERCENTILE = 95.0
"""Tiles above this percentile of attention are *High attention*."""

_SHARE_OF_TIME = 0.2
"""Partial predictions may take at most this share of a run."""


def predict(model: BagModel, bundle: ModelBundle, features: FloatArray) -> Prediction:
    """The prediction of a whole bag, checked against the bundle's classes.

    Raises
    ------
    ModelBundleError
        If the model answers with something its contract does not allow.
    """
    return check_prediction(model.predict(features), bundle, len(features))


def shown_class(prediction: Prediction) -> int:
    """The class whose contributions a heat map shows: the one with the highest logit."""
    return int(np.argmax(prediction.logits))


def attention_percentiles(attention_logits: FloatArray) -> FloatArray:
    """The share of tiles, in percent, whose attention is at most that of each tile.

    Ties share their mean rank, so equal tiles stay equal. float64 ``(N,)``, above 0, at most 100.
    """
    _, inverse, counts = np.unique(attention_logits, return_inverse=True, return_counts=True)
    last_rank = np.cumsum(counts)
    mean_rank = last_rank - (counts - 1) / 2
    percentiles: FloatArray = 100 * mean_rank[inverse] / len(attention_logits)
    return percentiles


def positive_classes(prediction: Prediction, bundle: ModelBundle) -> MaskArray:
    """Bool ``(C,)``: classes whose probability reaches their decision threshold."""
    thresholds = np.array([entry.decision_threshold for entry in bundle.classes])
    positive: MaskArray = np.asarray(prediction.probabilities) >= thresholds
    return positive


def region_tiles(prediction: Prediction, number: int, entry: ModelClass) -> MaskArray:
    """Bool ``(N,)``: tiles whose contribution to a class lies above its region threshold."""
    assert prediction.contributions is not None
    above: MaskArray = np.asarray(prediction.contributions)[:, number] > entry.region_threshold
    return above


@dataclass(frozen=True, slots=True, eq=False)
class HeatMapFrame:
    """What every heat map of one job has in common.

    Attributes
    ----------
    job_id : str
        The job.
    grid : TileGrid
        Where its tiles lie.
    demonstration : bool
        Whether the legend must warn.
    """

    job_id: str
    grid: TileGrid
    demonstration: bool

    def show(self, prediction: Prediction, kept: IntArray) -> HeatMapUpdate | None:
        """The heat map of a prediction on the tiles ``kept``; None if the model explains nothing.

        ``done`` and ``total`` are the number of tiles; a partial map replaces them.
        """
        class_name = ""
        if prediction.contributions is not None:
            number = shown_class(prediction)
            values, class_name = prediction.contributions[:, number], prediction.classes[number]
        elif prediction.attention_logits is not None:
            values = prediction.attention_logits
        else:
            return None
        return HeatMapUpdate(
            job_id=self.job_id,
            locations=self.grid.locations()[kept],
            tile_size=self.grid.tile,
            values=np.asarray(values, dtype=np.float32),
            quantity="contribution" if class_name else "attention",
            done=len(kept),
            total=len(kept),
            demonstration=self.demonstration,
            class_name=class_name,
        )


class PartialHeatMap:
    """Sends the aggregator's view of the tiles read so far, at most once a second.

    Parameters
    ----------
    model : BagModel
        The aggregator.
    frame : HeatMapFrame
        Where the values lie.
    send : MessageSink
        Takes each update.
    clock : Callable[[], float]
        Monotonic seconds.
    """

    def __init__(
        self,
        model: BagModel,
        frame: HeatMapFrame,
        *,
        send: MessageSink,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._frame = frame
        self._send = send
        self._clock = clock
        self._next = clock() + UPDATE_SECONDS

    def update(self, so_far: TilePass, done: int, total: int) -> None:
        """Send an update if it is time for one and the pass goes on."""
        started = self._clock()
        if started < self._next or done == total or so_far.features is None or not len(so_far.kept):
            return
        update = self._frame.show(self._model.predict(so_far.features), so_far.kept)
        if update is not None:
            self._send(replace(update, done=done, total=total))
        ended = self._clock()
        self._next = max(started + UPDATE_SECONDS, ended + (ended - started) / _SHARE_OF_TIME)
