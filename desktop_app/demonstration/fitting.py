"""Fitting Additive MIL to labelled bags: slide labels in, weights out.

Nothing here sees where the pattern is. torch is imported inside functions. Runs on the caller's thread; the
same seed on the same machine gives the same weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from desktop_app.demonstration.examples import Example
from desktop_app.domain.arrays import FloatArray
from desktop_app.plugin_api.protocols import Aggregator

ARCHITECTURE = "mil_attention/additive"

ARCHITECTURE_PARAMS: Mapping[str, Any] = {
    "embedding": 48,
    "attention_hidden": 32,
    "attention": "gated",
    "contribution_hidden": 32,
    "contribution_layers": 2,
    "hidden_bias": False,
    "dropout": 0.25,
}
"""A small network: about 10,000 weights. Without hidden biases a tile of no attention contributes nothing, so
the number of tiles, which differs tenfold between slides, does not move the logit."""


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How a network is fitted.

    Attributes
    ----------
    seed : int
        Of weights, order and noise.
    restarts : int
        Networks fitted from different weights; the one with the least validation loss is kept.
    steps : int
        Optimizer steps per network.
    bags_per_step : int
        Bags whose losses are averaged.
    most_merged : int
        A training bag is one slide or the union of up to so many, so that bags are as large as those of whole
        slides; it is positive if one of its slides is. Bags are single slides at first and reach this size
        half way, because attention does not find a rare tile in a large bag from nothing.
    noise : float
        Standard deviation of the noise on features, in units of each feature's own.
    learning_rate, weight_decay : float
        Of AdamW.
    check_every : int
        Steps between looks at the validation loss; the best weights are kept.
    """

    seed: int = 0
    restarts: int = 2
    steps: int = 500
    bags_per_step: int = 8
    most_merged: int = 10
    noise: float = 0.25
    learning_rate: float = 4e-3
    weight_decay: float = 5e-2
    check_every: int = 25


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A fitted network.

    Attributes
    ----------
    network : Any
        ``torch.nn.Module`` in evaluation mode.
    validation_loss : float
        Mean binary cross-entropy of the validation slides and of unions of them, natural logarithm.
    history : tuple[tuple[int, float, float], ...]
        Step, training loss since the last look, validation loss.
    restart : int
        Which of the restarts it is.
    """

    network: Any
    validation_loss: float
    history: tuple[tuple[int, float, float], ...] = field(default=())
    restart: int = 0


def fit(
    train: Sequence[Example],
    validation: Sequence[Example],
    *,
    aggregator: Aggregator,
    settings: FitSettings,
    progress: Callable[[str], None] | None = None,
) -> Fitted:
    """Fit from several starting weights and keep the best on the validation slides.

    Parameters
    ----------
    train, validation : Sequence[Example]
        Only ``features`` and ``label`` are used.
    aggregator : Aggregator
        Builds networks whose contributions sum to the logit.
    settings : FitSettings
        How.
    progress : Callable[[str], None] | None
        Takes a line for each restart.
    """
    best: Fitted | None = None
    for restart in range(settings.restarts):
        with _one_thread():
            fitted = _Fit(train, validation, aggregator=aggregator, settings=settings, restart=restart).run()
        if progress is not None:
            progress(f"restart {restart + 1}: validation loss {fitted.validation_loss:.4f}")
        if best is None or fitted.validation_loss < best.validation_loss:
            best = fitted
    if best is None:
        raise ValueError("at least one restart is needed")
    return best


def explain(network: Any, features: FloatArray) -> tuple[float, FloatArray]:
    """Logit and contributions float64 ``(N,)`` of one bag by a network in evaluation mode."""
    import torch

    with torch.inference_mode():
        output = network(torch.from_numpy(np.ascontiguousarray(features, dtype=np.float32)))
    contributions = output.contributions[:, 0].double().numpy()
    return float(contributions.sum()), contributions


@contextmanager
def _one_thread() -> Iterator[None]:
    """Torch on one thread: faster for a network so small, and the same sums whatever the number of cores."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


class _Fit:
    """One restart."""

    def __init__(
        self,
        train: Sequence[Example],
        validation: Sequence[Example],
        *,
        aggregator: Aggregator,
        settings: FitSettings,
        restart: int,
    ) -> None:
        import torch

        self._settings, self._restart = settings, restart
        self._rng = np.random.default_rng([settings.seed, restart])
        torch.manual_seed(1000 * settings.seed + restart)
        everything = np.concatenate([example.features for example in train]).astype(np.float64)
        mean, std = everything.mean(axis=0), everything.std(axis=0)
        self._std = torch.from_numpy(std.astype(np.float32))
        self._network = aggregator.build(everything.shape[1], 1)
        self._network.scaling.set_statistics(torch.from_numpy(mean), torch.from_numpy(std))
        self._bags = [torch.from_numpy(example.features) for example in train]
        labels = np.array([example.label for example in train])
        self._positive, self._negative = np.flatnonzero(labels), np.flatnonzero(~labels)
        self._validation = _validation_bags(validation, settings.most_merged)

    def run(self) -> Fitted:
        """Fit, looking at the validation bags now and then, and return to the best weights."""
        import torch

        settings = self._settings
        optimizer = torch.optim.AdamW(
            self._network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        rates = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, settings.steps, eta_min=1e-5)
        history: list[tuple[int, float, float]] = []
        losses: list[float] = []
        best, best_loss = deepcopy(self._network.state_dict()), float("inf")
        for step in range(1, settings.steps + 1):
            grown = min(1.0, 2 * step / settings.steps)
            losses.append(self._step(optimizer, 1 + round(grown * (settings.most_merged - 1))))
            rates.step()
            if step % settings.check_every == 0:
                loss = self._validation_loss()
                history.append((step, float(np.mean(losses)), loss))
                losses.clear()
                if loss < best_loss:
                    best, best_loss = deepcopy(self._network.state_dict()), loss
        self._network.load_state_dict(best)
        self._network.eval()
        return Fitted(self._network, best_loss, tuple(history), self._restart)

    def _step(self, optimizer: Any, most_merged: int) -> float:
        """One optimizer step on a few merged bags; the mean loss."""
        self._network.train()
        optimizer.zero_grad()
        total = 0.0
        for index in range(self._settings.bags_per_step):
            bag, label = self._merged_bag(most_merged, positive=index % 2 == 0)
            loss = _loss(self._network(bag).logits[0], label) / self._settings.bags_per_step
            loss.backward()
            total += float(loss.detach())
        optimizer.step()
        return total

    def _merged_bag(self, most_merged: int, *, positive: bool) -> tuple[Any, float]:
        """One slide, or the union of several, with noise on its features."""
        import torch

        rng = self._rng
        merged = 1 if rng.random() < 0.5 else int(rng.integers(1, most_merged + 1))
        if positive:
            others = rng.integers(0, len(self._bags), merged - 1)
            chosen = np.append(others, rng.choice(self._positive))
        else:
            chosen = rng.choice(self._negative, merged)
        bag = torch.cat([self._bags[int(index)] for index in chosen])
        noise = torch.from_numpy(rng.standard_normal(tuple(bag.shape), dtype=np.float32))
        return bag + self._settings.noise * self._std * noise, float(positive)

    def _validation_loss(self) -> float:
        import torch

        self._network.eval()
        with torch.inference_mode():
            losses = [float(_loss(self._network(bag).logits[0], label)) for bag, label in self._validation]
        return float(np.mean(losses))


def _validation_bags(validation: Sequence[Example], most_merged: int) -> list[tuple[Any, float]]:
    """Each slide, and each slide in a union with negative ones."""
    import torch

    rng = np.random.default_rng(len(validation))
    bags = [(torch.from_numpy(item.features), float(item.label)) for item in validation]
    negative = [bag for bag, label in bags if not label]
    for bag, label in tuple(bags):
        others = rng.integers(0, len(negative), most_merged - 1)
        bags.append((torch.cat([bag, *(negative[int(index)] for index in others)]), label))
    return bags


def _loss(logit: Any, label: float) -> Any:
    """Binary cross-entropy of one bag."""
    import torch

    return torch.nn.functional.binary_cross_entropy_with_logits(logit, torch.tensor(label))
