"""The layers that both aggregators are made of: feature scaling, embedding, attention, perceptrons.

A model file of the plugin: it imports torch, and is itself imported only when a network is built, in the
worker process or in training.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn


class FeatureScaling(nn.Module):
    """Standardization of the features with the training set's statistics, stored with the weights.

    Until :meth:`set_statistics` is called it leaves features as they are. The buffers ``mean`` and ``std``,
    float32 ``(D,)``, travel in the safetensors file, so a bundle takes features as the encoder gives them.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_features))
        self.register_buffer("std", torch.ones(n_features))

    def set_statistics(self, mean: Tensor, std: Tensor) -> None:
        """Set what :meth:`forward` subtracts and divides by.

        Parameters
        ----------
        mean, std : Tensor
            ``(D,)``, of the training instances. A feature that hardly varied in training (a deviation below a
            millionth of its mean, or of 1) is divided by 1: dividing by it would turn rounding into signal.
        """
        varied = std > 1e-6 * torch.clamp(mean.abs(), min=1.0)
        self.mean.copy_(mean)
        self.std.copy_(torch.where(varied, std, torch.ones_like(std)))

    def forward(self, features: Tensor) -> Tensor:
        """Standardized features, same shape and type."""
        return (features - self.mean) / self.std


def embedding_layer(n_features: int, width: int, dropout: float) -> tuple[nn.Module, int]:
    """A linear layer with ReLU and dropout and its output width; the identity for width 0."""
    if width == 0:
        return nn.Identity(), n_features
    return nn.Sequential(nn.Linear(n_features, width), nn.ReLU(), nn.Dropout(dropout)), width


class GatedAttention(nn.Module):
    """One attention logit per instance, plain or gated.

    Notes
    -----
    Source: Ilse, Tomczak and Welling, ICML 2018, equations 8 (plain: ``w' tanh(V h)``) and 9 (gated:
    ``w' (tanh(V h) * sigm(U h))``). Deviation: ``V`` and ``U`` have biases, as in the authors' code; ``w``
    has none, since the softmax over the instances would cancel it.
    """

    def __init__(self, width: int, hidden: int, *, gated: bool, dropout: float) -> None:
        super().__init__()
        self.value = nn.Linear(width, hidden)
        self.gate = nn.Linear(width, hidden) if gated else None
        self.dropout = nn.Dropout(dropout)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, instances: Tensor) -> Tensor:
        """Attention logits ``(N,)`` of instances ``(N, width)``."""
        hidden = torch.tanh(self.value(instances))
        if self.gate is not None:
            hidden = hidden * torch.sigmoid(self.gate(instances))
        return cast("Tensor", self.score(self.dropout(hidden)).squeeze(-1))


class PointerAttention(nn.Module):
    """One attention logit per instance from two hidden layers with leaky ReLU.

    Notes
    -----
    Source: the pointer module of Additive MIL (Javed et al., NeurIPS 2022). Deviation: no batch
    normalization, which would make an instance's attention depend on the other instances of its bag.
    """

    def __init__(self, width: int, hidden: int, *, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(width, hidden),
            nn.LeakyReLU(0.2),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.LeakyReLU(0.2),
            nn.Dropout(dropout),
            nn.Linear(hidden, 1, bias=False),
        )

    def forward(self, instances: Tensor) -> Tensor:
        """Attention logits ``(N,)`` of instances ``(N, width)``."""
        return cast("Tensor", self.layers(instances).squeeze(-1))
