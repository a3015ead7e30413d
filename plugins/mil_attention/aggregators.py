"""The two aggregators as the host builds them; torch is imported when one is put to use.

Parameters are the manifest's. Any thread may build; a built model belongs to the thread that uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop_app.plugin_api import BagModel, ModelBundle

if TYPE_CHECKING:
    from .networks import AbmilNetwork, AdditiveNetwork


@dataclass(frozen=True, slots=True)
class AttentionMil:
    """Attention MIL after Ilse, Tomczak and Welling (ICML 2018).

    Attributes
    ----------
    embedding : int
        Width of the layer in front of the attention, 0 for none.
    attention_hidden : int
        Width of the attention's hidden layer.
    attention : str
        ``"gated"`` or ``"plain"``.
    dropout : float
        0 to 0.9.
    """

    embedding: int = 256
    attention_hidden: int = 128
    attention: str = "gated"
    dropout: float = 0.0

    def build(self, n_features: int, n_classes: int) -> AbmilNetwork:
        """A trainable network with fresh weights.

        Its ``forward`` takes float32 ``(N, D)``, as the encoder gave them, and returns an object with
        ``logits``, ``attention_logits`` and ``contributions`` (None). Before training, call
        ``network.scaling.set_statistics(mean, std)`` with the training instances' statistics.
        """
        from .networks import AbmilNetwork, AttentionSettings

        settings = AttentionSettings(self.embedding, self.attention_hidden, self.attention, self.dropout)
        return AbmilNetwork(n_features, n_classes, settings)

    def open(self, bundle: ModelBundle) -> BagModel:
        """The network of a bundle with its weights, ready to predict.

        Raises
        ------
        ModelBundleError
            If the weights cannot be read, or their keys or shapes do not fit.
        """
        from .bag_models import AttentionBagModel, load_weights

        network = self.build(bundle.n_features, len(bundle.classes))
        load_weights(network, bundle)
        return AttentionBagModel(network, bundle)


@dataclass(frozen=True, slots=True)
class AdditiveMil:
    """Additive MIL after Javed et al. (NeurIPS 2022).

    Attributes
    ----------
    embedding : int
        Width of a layer in front of the attention, 0 for none.
    attention_hidden : int
        Width of the attention's hidden layers.
    attention : str
        ``"gated"``, ``"plain"`` or ``"pointer"``.
    contribution_hidden, contribution_layers : int
        Width and number of the hidden layers that turn a weighted tile into its contribution.
    hidden_bias : bool
        Whether those layers have biases.
    final_bias : bool
        Whether the last one has; it counts once per tile.
    scale_by_n : bool
        Weight tiles relative to uniform attention; a deviation from the paper, see the README.
    dropout : float
        0 to 0.9.
    """

    embedding: int = 0
    attention_hidden: int = 128
    attention: str = "gated"
    contribution_hidden: int = 128
    contribution_layers: int = 2
    hidden_bias: bool = True
    final_bias: bool = False
    scale_by_n: bool = False
    dropout: float = 0.0

    def build(self, n_features: int, n_classes: int) -> AdditiveNetwork:
        """A trainable network with fresh weights.

        Its ``forward`` takes float32 ``(N, D)``, as the encoder gave them, and returns an object with
        ``logits``, ``attention_logits`` and ``contributions`` of sum ``logits``. Before training, call
        ``network.scaling.set_statistics(mean, std)`` with the training instances' statistics.
        """
        from .networks import AdditiveNetwork, AttentionSettings, ContributionSettings

        return AdditiveNetwork(
            n_features,
            n_classes,
            settings=AttentionSettings(self.embedding, self.attention_hidden, self.attention, self.dropout),
            contribution=ContributionSettings(
                hidden=self.contribution_hidden,
                layers=self.contribution_layers,
                hidden_bias=self.hidden_bias,
                final_bias=self.final_bias,
                scale_by_n=self.scale_by_n,
                dropout=self.dropout,
            ),
        )

    def open(self, bundle: ModelBundle) -> BagModel:
        """The network of a bundle with its weights, ready to predict.

        Raises
        ------
        ModelBundleError
            If the weights cannot be read, or their keys or shapes do not fit.
        """
        from .bag_models import AdditiveBagModel, load_weights

        network = self.build(bundle.n_features, len(bundle.classes))
        load_weights(network, bundle)
        return AdditiveBagModel(network, bundle)
