"""The two networks: gated attention MIL and Additive MIL.

A model file of the plugin: it imports torch, and is itself imported only when a network is built, in the
worker process or in training. Besides ``forward`` each network can be run in pieces, so that a bag of any
size fits in memory when it only predicts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from .layers import FeatureScaling, GatedAttention, PointerAttention, embedding_layer


@dataclass(frozen=True, slots=True)
class BagOutput:
    """What a network says of one bag.

    Attributes
    ----------
    logits : Tensor
        ``(C,)``.
    attention_logits : Tensor
        ``(N,)``, before the softmax over the instances.
    contributions : Tensor | None
        ``(N, C)`` of sum ``logits`` over the instances; Additive MIL only.
    """

    logits: Tensor
    attention_logits: Tensor
    contributions: Tensor | None = None


@dataclass(frozen=True, slots=True)
class AttentionSettings:
    """The part in front of the pooling.

    Attributes
    ----------
    embedding : int
        Width of the embedding, 0 for none.
    hidden : int
        Width of the attention's hidden layers.
    attention : str
        ``"gated"``, ``"plain"`` or ``"pointer"``.
    dropout : float
        0 to 1.
    """

    embedding: int
    hidden: int
    attention: str
    dropout: float


@dataclass(frozen=True, slots=True)
class ContributionSettings:
    """The map from a weighted instance to its contribution.

    Attributes
    ----------
    hidden, layers : int
        Width and number of the hidden layers.
    hidden_bias, final_bias : bool
        Whether the hidden layers and the last one have biases.
    scale_by_n : bool
        Whether instances are weighted by N times the attention and contributions divided by N.
    dropout : float
        0 to 1.
    """

    hidden: int
    layers: int
    hidden_bias: bool
    final_bias: bool
    scale_by_n: bool
    dropout: float


class AttentionNetwork(nn.Module):
    """Scaling, embedding and attention: what both networks share."""

    def __init__(self, n_features: int, settings: AttentionSettings) -> None:
        super().__init__()
        self.scaling = FeatureScaling(n_features)
        self.embedding, self.width = embedding_layer(n_features, settings.embedding, settings.dropout)
        self.attention: nn.Module
        if settings.attention == "pointer":
            self.attention = PointerAttention(self.width, settings.hidden, dropout=settings.dropout)
        else:
            gated = settings.attention == "gated"
            self.attention = GatedAttention(
                self.width, settings.hidden, gated=gated, dropout=settings.dropout
            )

    def embed(self, features: Tensor) -> Tensor:
        """Instances ``(N, width)`` of features ``(N, D)`` as the encoder gave them."""
        return cast("Tensor", self.embedding(self.scaling(features)))

    def score(self, instances: Tensor) -> Tensor:
        """Attention logits ``(N,)`` of embedded instances."""
        return cast("Tensor", self.attention(instances))


class AbmilNetwork(AttentionNetwork):
    """Attention MIL: a linear classifier on the attention-weighted mean of the instances.

    Notes
    -----
    Source: Ilse, Tomczak and Welling, *Attention-based deep multiple instance learning*, ICML 2018, equations
    7 to 9. Deviations: the embedding of given features stands in for their convolutional one; several classes
    share one attention and each has its own logit.
    """

    def __init__(self, n_features: int, n_classes: int, settings: AttentionSettings) -> None:
        super().__init__(n_features, settings)
        self.classifier = nn.Linear(self.width, n_classes)

    def classify(self, pooled: Tensor) -> Tensor:
        """Logits ``(C,)`` of the weighted mean ``(width,)``."""
        return cast("Tensor", self.classifier(pooled))

    def forward(self, features: Tensor) -> BagOutput:
        """The whole bag at once: features ``(N, D)``, N at least 1."""
        instances = self.embed(features)
        attention_logits = self.score(instances)
        pooled = torch.softmax(attention_logits, dim=0) @ instances
        return BagOutput(self.classify(pooled), attention_logits)


class AdditiveNetwork(AttentionNetwork):
    """Additive MIL: the slide's logit is the sum of what each instance contributes.

    ``alpha = softmax(attention(h))``, ``m_i = alpha_i h_i``, ``contribution_i = psi(m_i)`` with ``psi`` a
    perceptron, ``logits = sum_i contribution_i``.

    Notes
    -----
    Source: Javed et al., *Additive MIL: intrinsically interpretable multiple instance learning for
    pathology*, NeurIPS 2022 (arXiv 2206.01794), section 3. Deviations: ``psi`` has no bias in its last
    layer unless asked for, since it would be counted once per instance; the hidden biases of ``psi`` start at
    zero for the same reason. ``scale_by_n`` (off by default) replaces ``m_i`` by ``N alpha_i h_i`` and the
    contribution by ``psi(m_i) / N``; the identity holds in every setting.
    """

    def __init__(
        self,
        n_features: int,
        n_classes: int,
        *,
        settings: AttentionSettings,
        contribution: ContributionSettings,
    ) -> None:
        super().__init__(n_features, settings)
        self.contribution = _perceptron(self.width, n_classes, contribution)
        self._scale_by_n = contribution.scale_by_n

    def contribute(self, instances: Tensor, weights: Tensor, count: int) -> Tensor:
        """Contributions of some instances of a bag.

        Parameters
        ----------
        instances : Tensor
            ``(n, width)``, embedded.
        weights : Tensor
            ``(n,)``, their attention after the softmax over the whole bag.
        count : int
            Number of instances of the whole bag.

        Returns
        -------
        Tensor
            ``(n, C)`` in logit units.
        """
        factor = count if self._scale_by_n else 1
        weighted = (weights * factor).unsqueeze(-1) * instances
        return cast("Tensor", self.contribution(weighted)) / factor

    def forward(self, features: Tensor) -> BagOutput:
        """The whole bag at once: features ``(N, D)``, N at least 1."""
        instances = self.embed(features)
        attention_logits = self.score(instances)
        weights = torch.softmax(attention_logits, dim=0)
        contributions = self.contribute(instances, weights, len(features))
        return BagOutput(contributions.sum(dim=0), attention_logits, contributions)


def _perceptron(width: int, n_classes: int, settings: ContributionSettings) -> nn.Sequential:
    """``psi``: hidden layers with ReLU, then a linear layer to the classes."""
    layers: list[nn.Module] = []
    for _ in range(settings.layers):
        linear = nn.Linear(width, settings.hidden, bias=settings.hidden_bias)
        if settings.hidden_bias:
            nn.init.zeros_(linear.bias)
        layers += [linear, nn.ReLU(), nn.Dropout(settings.dropout)]
        width = settings.hidden
    return nn.Sequential(*layers, nn.Linear(width, n_classes, bias=settings.final_bias))
