"""The bag of a slide and what an aggregator makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from desktop_app.domain.arrays import FloatArray, IntArray

Explanation: TypeAlias = Literal["additive", "attention", "none"]
"""What the per-instance values mean: parts of the logit, attention only, or there are none."""


@dataclass(frozen=True, slots=True)
class Bag:
    """All instances of a slide.

    Attributes
    ----------
    features : FloatArray
        float32 ``(N, D)``, one row per tile.
    locations : IntArray
        int64 ``(N, 2)``, each tile's top left ``(x, y)`` in level-0 pixels.
    tile_size : tuple[float, float]
        Each tile's extent ``(width, height)`` in level-0 pixels.
    feature_names : tuple[str, ...]
        D names, empty where the encoder has none.
    """

    features: FloatArray
    locations: IntArray
    tile_size: tuple[float, float]
    feature_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of one bag.

    Attributes
    ----------
    classes : tuple[str, ...]
        C class names.
    logits : FloatArray
        float64 ``(C,)``.
    probabilities : FloatArray
        float64 ``(C,)``, each its own sigmoid of the logit (one class against the rest).
    explanation : Explanation
        ``"additive"``: ``contributions`` sums to ``logits`` over the instances.
    attention_logits : FloatArray | None
        float64 ``(N,)`` before normalization.
    contributions : FloatArray | None
        float64 ``(N, C)`` in logit units; Additive MIL only.
    """

    classes: tuple[str, ...]
    logits: FloatArray
    probabilities: FloatArray
    explanation: Explanation
    attention_logits: FloatArray | None = None
    contributions: FloatArray | None = None
