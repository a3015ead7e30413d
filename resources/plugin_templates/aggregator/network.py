"""The network, its weights from a bundle, and its prediction for one bag."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from safetensors.torch import load_file
from torch import nn

from desktop_app.plugin_api import FloatArray, ModelBundle, ModelBundleError, Prediction


@dataclass(frozen=True)
class Output:
    """What ``forward`` gives."""

    logits: torch.Tensor  # (C,)
    attention_logits: torch.Tensor  # (N,)
    contributions: torch.Tensor | None = None


class AttentionNetwork(nn.Module):
    """Scores tiles, averages them, classifies the mean."""

    def __init__(self, n_features: int, n_classes: int, hidden: int) -> None:
        super().__init__()
        self.score = nn.Sequential(nn.Linear(n_features, hidden), nn.Tanh(), nn.Linear(hidden, 1, bias=False))
        self.classify = nn.Linear(n_features, n_classes)

    def forward(self, features: torch.Tensor) -> Output:
        """Float32 ``(N, D)`` in."""
        scores = self.score(features).squeeze(1)
        mean = torch.softmax(scores, dim=0) @ features
        return Output(self.classify(mean), scores)


def load(network: AttentionNetwork, bundle: ModelBundle) -> None:
    """Put a bundle's weights into the network and set it to evaluation."""
    try:
        network.load_state_dict(load_file(bundle.weights))
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelBundleError(bundle.path, f"its weights do not fit: {error}") from error
    network.eval()


@dataclass(frozen=True)
class OpenedModel:
    """A network with weights."""

    network: AttentionNetwork
    classes: tuple[str, ...]

    def predict(self, features: FloatArray) -> Prediction:
        """The prediction for one bag."""
        with torch.inference_mode():
            output = self.network(torch.from_numpy(features))
        logits = output.logits.double()
        return Prediction(
            classes=self.classes,
            logits=logits.numpy(),
            probabilities=torch.sigmoid(logits).numpy(),
            explanation="attention",
            attention_logits=output.attention_logits.double().numpy(),
        )
