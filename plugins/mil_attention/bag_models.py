"""Networks with the weights of a bundle, predicting bags of any size.

A model file of the plugin: it imports torch, and is itself imported only when a bundle is opened, in the
worker process. Everything is calculated in float64, in pieces, which makes the sum of the contributions the
logit to rounding and keeps memory bounded at a hundred thousand tiles.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from desktop_app.plugin_api import FloatArray, ModelBundle, ModelBundleError, PluginRunError, Prediction

from .networks import AbmilNetwork, AdditiveNetwork, AttentionNetwork

CHUNK = 4096
"""Instances per piece: 50 MB of float64 for features of 1536 components."""

_SHOWN_DIFFERENCES = 3


def load_weights(network: AttentionNetwork, bundle: ModelBundle) -> None:
    """Load a bundle's safetensors into a network and set it to evaluation in float64.

    Raises
    ------
    ModelBundleError
        If the file is not safetensors, its keys or shapes are not those of the network (the first differences
        are named), or a weight is not a finite number.
    """
    try:
        tensors = load_file(bundle.weights)
    except (OSError, SafetensorError) as error:
        raise ModelBundleError(bundle.path, f"{bundle.weights.name} cannot be read ({error})") from error
    differences = _differences(network.state_dict(), tensors)
    if differences:
        listed = "; ".join(differences[:_SHOWN_DIFFERENCES])
        more = len(differences) - _SHOWN_DIFFERENCES
        rest = f"; and {more} more" if more > 0 else ""
        raise ModelBundleError(
            bundle.path, f"its weights do not fit the architecture {bundle.architecture}: {listed}{rest}"
        )
    network.load_state_dict(tensors)
    network.double().eval()


def _differences(wanted: dict[str, Tensor], found: dict[str, Tensor]) -> list[str]:
    """One phrase for every tensor that is missing, superfluous, of another shape, or not finite numbers."""
    differences = []
    for key in sorted(wanted.keys() | found.keys()):
        if key not in found:
            differences.append(f"{key} {tuple(wanted[key].shape)} is missing")
        elif key not in wanted:
            differences.append(f"{key} {tuple(found[key].shape)} is not expected")
        elif wanted[key].shape != found[key].shape:
            differences.append(f"{key} is {tuple(found[key].shape)} instead of {tuple(wanted[key].shape)}")
        elif not (found[key].is_floating_point() and bool(torch.isfinite(found[key]).all())):
            differences.append(f"{key} holds something other than finite numbers")
    return differences


class AttentionBagModel:
    """Predicts with an ABMIL network; explains with attention only."""

    def __init__(self, network: AbmilNetwork, bundle: ModelBundle) -> None:
        self._network = network
        self._bundle = bundle

    def predict(self, features: FloatArray) -> Prediction:
        """Predict one bag.

        Parameters
        ----------
        features : FloatArray
            ``(N, D)``, N at least 1, as the encoder gave them.

        Returns
        -------
        Prediction
            With ``attention_logits``, without contributions.

        Raises
        ------
        PluginRunError
            If the features are empty, not finite, or not D per row.
        """
        checked = _checked(features, self._bundle)
        with torch.inference_mode():
            attention_logits, weights = _attend(self._network, checked)
            pooled = torch.zeros(self._network.width, dtype=torch.float64)
            for rows, instances in _instances(self._network, checked):
                pooled += weights[rows] @ instances
            logits = self._network.classify(pooled).numpy()
        return Prediction(
            classes=tuple(entry.name for entry in self._bundle.classes),
            logits=logits,
            probabilities=_sigmoid(logits),
            explanation="attention",
            attention_logits=attention_logits.numpy(),
        )


class AdditiveBagModel:
    """Predicts with an Additive MIL network; the contributions are the explanation."""

    def __init__(self, network: AdditiveNetwork, bundle: ModelBundle) -> None:
        self._network = network
        self._bundle = bundle

    def predict(self, features: FloatArray) -> Prediction:
        """Predict one bag.

        Parameters
        ----------
        features : FloatArray
            ``(N, D)``, N at least 1, as the encoder gave them.

        Returns
        -------
        Prediction
            With ``contributions`` whose sum over the instances is ``logits``.

        Raises
        ------
        PluginRunError
            If the features are empty, not finite, or not D per row.
        """
        checked = _checked(features, self._bundle)
        with torch.inference_mode():
            attention_logits, weights = _attend(self._network, checked)
            pieces = [
                self._network.contribute(instances, weights[rows], len(checked))
                for rows, instances in _instances(self._network, checked)
            ]
        contributions = torch.cat(pieces).numpy()
        logits = contributions.sum(axis=0)
        return Prediction(
            classes=tuple(entry.name for entry in self._bundle.classes),
            logits=logits,
            probabilities=_sigmoid(logits),
            explanation="additive",
            attention_logits=attention_logits.numpy(),
            contributions=contributions,
        )


def _checked(features: FloatArray, bundle: ModelBundle) -> FloatArray:
    """The features, if the network can take them."""
    if features.ndim != 2 or features.shape[1] != bundle.n_features or len(features) == 0:
        raise PluginRunError(
            "mil_attention",
            f"a bag must be (N, {bundle.n_features}) with at least one instance, not {features.shape}",
        )
    if not np.isfinite(features).all():
        raise PluginRunError("mil_attention", "the bag holds features that are not finite numbers")
    return features


def _instances(network: AttentionNetwork, features: FloatArray) -> Iterator[tuple[slice, Tensor]]:
    """Embedded instances piece by piece, with the rows they are."""
    for start in range(0, len(features), CHUNK):
        rows = slice(start, min(start + CHUNK, len(features)))
        yield rows, network.embed(torch.from_numpy(features[rows].astype(np.float64)))


def _attend(network: AttentionNetwork, features: FloatArray) -> tuple[Tensor, Tensor]:
    """Attention logits and weights of all instances, float64 ``(N,)`` each."""
    logits = torch.cat([network.score(instances) for _, instances in _instances(network, features)])
    return logits, torch.softmax(logits, dim=0)


def _sigmoid(logits: FloatArray) -> FloatArray:
    """Probabilities of logits, without overflow at either end."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))
