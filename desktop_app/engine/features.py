"""The one pass over a slide's tiles: read, judge, normalize, encode.

Each tile is read once, whatever is done with it. Runs on the thread of the job; the tiles arrive from
reader threads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from desktop_app.domain.arrays import FloatArray, IntArray, MaskArray, RgbArray
from desktop_app.engine.check_answers import check_features
from desktop_app.engine.job import JobControl
from desktop_app.engine.normalize import StainApplier
from desktop_app.engine.read_tiles import TileBatch, UnreadableTile, read_tiles
from desktop_app.engine.tiles import TilePlan
from desktop_app.errors import SlideReadError
from desktop_app.plugin_api.protocols import Encoder
from desktop_app.plugin_api.slide import SlidePixels


@dataclass(frozen=True, slots=True, eq=False)
class TilePass:
    """What became of a plan's tiles.

    Attributes
    ----------
    kept : IntArray
        int64 ``(N,)``, indices into the grid, ascending.
    shares : FloatArray
        float64 ``(N,)``, tissue share of each kept tile, by the mask or by its pixels.
    features : FloatArray | None
        float32 ``(N, D)``; None without an encoder.
    unreadable : tuple[UnreadableTile, ...]
        Tiles without pixels.
    background : int
        Tiles that their own pixels ruled out.
    """

    kept: IntArray
    shares: FloatArray
    features: FloatArray | None = None
    unreadable: tuple[UnreadableTile, ...] = ()
    background: int = 0


@dataclass(frozen=True, slots=True)
class PassSettings:
    """What is done with each tile.

    Attributes
    ----------
    applier : StainApplier | None
        None leaves the stain as it is.
    encoder : Encoder | None
        None only judges.
    encoder_use : str
        Named in errors.
    on_batch : Callable[[TilePass, int, int], None]
        Called after each batch with the pass so far, the tiles done and their total; ``features`` is a view
        that later batches do not change.
    """

    applier: StainApplier | None
    encoder: Encoder | None
    encoder_use: str
    on_batch: Callable[[TilePass, int, int], None]


def judge_and_encode(
    slide: SlidePixels, plan: TilePlan, settings: PassSettings, *, control: JobControl
) -> TilePass:
    """Read every candidate of a plan and say what became of it.

    Raises
    ------
    SlideReadError
        If not one tile could be read.
    PluginRunError
        If the encoder returns something its contract does not allow.
    JobCancelledError
        From ``control``.
    """
    if plan.pixel_rule is None and settings.encoder is None:
        return TilePass(plan.candidates, plan.shares[plan.candidates])
    collector = _Collector(plan, settings)
    for batch in read_tiles(slide, plan, plan.candidates, control=control):
        collector.add(batch)
        settings.on_batch(collector.so_far(), collector.done, len(plan.candidates))
    result = collector.so_far()
    if result.unreadable and len(result.unreadable) == len(plan.candidates):
        first = result.unreadable[0]
        raise SlideReadError(slide.info.path, first.reason, first.location)
    return result


class _Collector:
    """Grows the pass batch by batch; arrays are sized for every candidate from the start."""

    def __init__(self, plan: TilePlan, settings: PassSettings) -> None:
        self.done = 0
        self._plan = plan
        self._settings = settings
        self._count = 0
        self._kept = np.empty(len(plan.candidates), dtype=np.int64)
        self._shares = np.empty(len(plan.candidates), dtype=np.float64)
        self._features: FloatArray | None = None
        if settings.encoder is not None:
            self._features = np.empty((len(plan.candidates), settings.encoder.n_features), dtype=np.float32)
        self._unreadable: list[UnreadableTile] = []
        self._background = 0

    def add(self, batch: TileBatch) -> None:
        self.done += batch.done
        self._unreadable.extend(batch.unreadable)
        shares, keep = self._judge(batch)
        self._background += int((~keep).sum())
        if not keep.any():
            return
        rows = slice(self._count, self._count + int(keep.sum()))
        self._kept[rows] = batch.indices[keep]
        self._shares[rows] = shares[keep]
        if self._features is not None:
            self._features[rows] = self._encode(batch.pixels if keep.all() else batch.pixels[keep])
        self._count = rows.stop

    def so_far(self) -> TilePass:
        return TilePass(
            kept=self._kept[: self._count],
            shares=self._shares[: self._count],
            features=None if self._features is None else self._features[: self._count],
            unreadable=tuple(self._unreadable),
            background=self._background,
        )

    def _judge(self, batch: TileBatch) -> tuple[FloatArray, MaskArray]:
        rule = self._plan.pixel_rule
        if rule is None:
            return self._plan.shares[batch.indices], np.ones(len(batch.indices), dtype=bool)
        shares = rule.tissue_pixels(batch.pixels).mean(axis=(1, 2))
        return shares, shares > self._plan.settings.min_tissue

    def _encode(self, pixels: RgbArray) -> FloatArray:
        settings = self._settings
        assert settings.encoder is not None
        if settings.applier is not None:
            pixels = settings.applier.apply(pixels)
        features = settings.encoder.encode(pixels, self._plan.settings.mpp)
        return check_features(features, (len(pixels), settings.encoder.n_features), settings.encoder_use)
