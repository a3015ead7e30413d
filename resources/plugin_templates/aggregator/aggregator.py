"""Attention pooling: a tile's weight is learned, the slide is the weighted mean of its tiles."""

from __future__ import annotations

from desktop_app.plugin_api import BagModel, ModelBundle

from .network import AttentionNetwork, OpenedModel, load


class Aggregator:
    """Attention pooling.

    Parameters
    ----------
    hidden : int
        Width of the layer that scores a tile.
    """

    def __init__(self, hidden: int = 64) -> None:
        self.hidden = hidden

    def build(self, n_features: int, n_classes: int) -> AttentionNetwork:
        """A trainable network."""
        return AttentionNetwork(n_features, n_classes, self.hidden)

    def open(self, bundle: ModelBundle) -> BagModel:
        """The network of a bundle, ready to predict."""
        network = self.build(bundle.n_features, len(bundle.classes))
        load(network, bundle)
        return OpenedModel(network, tuple(entry.name for entry in bundle.classes))
