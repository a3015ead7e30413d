"""Attention and Additive MIL: their identities, their invariances, their weights, and that they learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from desktop_app.domain.bundle import ModelBundle, ModelClass
from desktop_app.errors import ModelBundleError, PluginRunError
from plugins.mil_attention import bag_models
from plugins.mil_attention.aggregators import AdditiveMil, AttentionMil
from plugins.mil_attention.layers import FeatureScaling, GatedAttention

N_FEATURES = 6
CLASSES = ("Tumor", "종양")

ABMIL = AttentionMil(embedding=8, attention_hidden=5)
ADDITIVE = AdditiveMil(attention_hidden=5, contribution_hidden=7)
ADDITIVES = (
    ADDITIVE,
    replace(ADDITIVE, attention="pointer", contribution_layers=1),
    replace(ADDITIVE, hidden_bias=False),
    replace(ADDITIVE, final_bias=True, embedding=4),
    replace(ADDITIVE, scale_by_n=True, attention="plain"),
)
EVERY = (ABMIL, replace(ABMIL, embedding=0, attention="plain"), *ADDITIVES)


def fresh(aggregator: Any, n_classes: int = len(CLASSES), seed: int = 0) -> Any:
    """A network whose every weight, biases and scaling included, is random."""
    torch.manual_seed(seed)
    network = aggregator.build(N_FEATURES, n_classes)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.6)
    network.scaling.set_statistics(torch.randn(N_FEATURES), torch.rand(N_FEATURES) + 0.5)
    return network


def bundle_of(folder: Path, network: Any) -> ModelBundle:
    weights = folder / "weights.safetensors"
    save_file(network.state_dict(), weights)
    return ModelBundle(
        path=folder,
        bundle_id="test",
        name="Test",
        version="1",
        licence="Apache-2.0",
        kind="aggregator",
        architecture="mil_attention/additive",
        encoder="encoder_texture/texture",
        n_features=N_FEATURES,
        tile_px=256,
        mpp=0.5,
        classes=tuple(ModelClass(name, (1, 2, 3), 0.5, 0.0) for name in CLASSES),
        weights=weights,
        sha256="",
    )


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Any]:
    """Opens an aggregator with random weights: the way the engine does."""

    def open_model(aggregator: Any, seed: int = 0) -> Any:
        return aggregator.open(bundle_of(tmp_path, fresh(aggregator, seed=seed)))

    return open_model


def bag(n: int, seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).normal(size=(n, N_FEATURES)).astype(np.float32) * 2


@pytest.mark.parametrize("aggregator", ADDITIVES)
@settings(max_examples=12, deadline=None)
@given(n=st.integers(1, 60), seed=st.integers(0, 2**16))
def test_contributions_sum_to_logits(aggregator: AdditiveMil, n: int, seed: int) -> None:
    network = fresh(aggregator, seed=seed).double()
    with torch.no_grad():
        output = network(torch.from_numpy(bag(n, seed)).double())
    assert output.contributions.shape == (n, len(CLASSES))
    assert output.attention_logits.shape == (n,)
    torch.testing.assert_close(output.contributions.sum(0), output.logits, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("aggregator", ADDITIVES)
@pytest.mark.parametrize("n", [1, 2, 700])
def test_a_prediction_is_the_sum_of_its_contributions(
    opened: Callable[..., Any], aggregator: AdditiveMil, n: int
) -> None:
    prediction = opened(aggregator).predict(bag(n))
    assert prediction.explanation == "additive"
    assert prediction.classes == CLASSES
    assert prediction.contributions.dtype == prediction.logits.dtype == np.float64
    np.testing.assert_allclose(prediction.contributions.sum(axis=0), prediction.logits, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(prediction.probabilities, expit(prediction.logits), rtol=1e-9)


@pytest.mark.parametrize("aggregator", EVERY)
def test_order_of_the_instances_is_free(opened: Callable[..., Any], aggregator: Any) -> None:
    model, features = opened(aggregator), bag(50)
    order = np.random.default_rng(1).permutation(50)
    straight, permuted = model.predict(features), model.predict(features[order])
    np.testing.assert_allclose(permuted.logits, straight.logits, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(permuted.attention_logits, straight.attention_logits[order], rtol=1e-12)
    if straight.contributions is not None:
        np.testing.assert_allclose(
            permuted.contributions, straight.contributions[order], rtol=1e-9, atol=1e-12
        )


@pytest.mark.parametrize("aggregator", EVERY)
def test_equal_instances_are_treated_equally(opened: Callable[..., Any], aggregator: Any) -> None:
    features = np.concatenate([bag(5), bag(5)])
    prediction = opened(aggregator).predict(features)
    np.testing.assert_allclose(prediction.attention_logits[:5], prediction.attention_logits[5:], rtol=1e-12)
    if prediction.contributions is not None:
        np.testing.assert_allclose(prediction.contributions[:5], prediction.contributions[5:], rtol=1e-12)


@pytest.mark.parametrize("aggregator", [ABMIL, ADDITIVES[2]])
def test_doubling_a_bag_changes_nothing_where_pooling_is_a_mean(
    opened: Callable[..., Any], aggregator: Any
) -> None:
    model, features = opened(aggregator), bag(9)
    once, twice = model.predict(features), model.predict(np.concatenate([features, features]))
    np.testing.assert_allclose(twice.logits, once.logits, rtol=1e-9)


def test_relative_weights_also_make_pooling_a_mean(opened: Callable[..., Any]) -> None:
    model, features = opened(ADDITIVES[4]), bag(9)
    once, twice = model.predict(features), model.predict(np.concatenate([features, features]))
    np.testing.assert_allclose(twice.logits, once.logits, rtol=1e-9)


def test_abmil_explains_with_attention_only(opened: Callable[..., Any]) -> None:
    prediction = opened(ABMIL).predict(bag(4))
    assert prediction.explanation == "attention"
    assert prediction.contributions is None
    assert prediction.attention_logits.shape == (4,)


def test_abmil_is_a_linear_map_of_the_weighted_mean() -> None:
    network = fresh(replace(ABMIL, embedding=0)).double()
    features = torch.from_numpy(bag(8)).double()
    with torch.no_grad():
        output = network(features)
        scaled = (features - network.scaling.mean) / network.scaling.std
        weights = torch.exp(output.attention_logits) / torch.exp(output.attention_logits).sum()
        mean = (weights[:, None] * scaled).sum(0)
        expected = network.classifier.weight @ mean + network.classifier.bias
    torch.testing.assert_close(output.logits, expected)


def test_additive_is_the_perceptron_of_each_weighted_instance() -> None:
    network = fresh(replace(ADDITIVE, contribution_layers=1)).double()
    features = torch.from_numpy(bag(8)).double()
    first, last = network.contribution[0], network.contribution[-1]
    with torch.no_grad():
        output = network(features)
        scaled = (features - network.scaling.mean) / network.scaling.std
        weights = torch.softmax(output.attention_logits, 0)
        hidden = torch.clamp((weights[:, None] * scaled) @ first.weight.T + first.bias, min=0)
    torch.testing.assert_close(output.contributions, hidden @ last.weight.T)


def test_gated_attention_follows_its_equation() -> None:
    torch.manual_seed(0)
    layer = GatedAttention(N_FEATURES, 4, gated=True, dropout=0.0)
    h = torch.from_numpy(bag(3))
    assert layer.gate is not None
    with torch.no_grad():
        tanh = torch.tanh(h @ layer.value.weight.T + layer.value.bias)
        gate = 1 / (1 + torch.exp(-(h @ layer.gate.weight.T + layer.gate.bias)))
        torch.testing.assert_close(layer(h), (tanh * gate) @ layer.score.weight[0])


def test_psi_is_not_linear() -> None:
    network = fresh(ADDITIVE).double()
    with torch.no_grad():
        psi = network.contribution
        one, two = torch.from_numpy(bag(1, 1)).double(), torch.from_numpy(bag(1, 2)).double()
        zero = torch.zeros_like(one)
        assert not torch.allclose(psi(one + two) + psi(zero), psi(one) + psi(two), rtol=1e-3)


def test_final_bias_is_off_and_counts_once_per_instance_when_on() -> None:
    assert ADDITIVE.build(N_FEATURES, 2).contribution[-1].bias is None
    network = fresh(replace(ADDITIVE, final_bias=True)).double()
    features = torch.from_numpy(bag(30)).double()
    with torch.no_grad():
        before = network(features).logits
        network.contribution[-1].bias += 0.25
        torch.testing.assert_close(network(features).logits, before + 30 * 0.25)


def test_without_hidden_bias_an_unattended_instance_contributes_nothing() -> None:
    network = fresh(replace(ADDITIVE, hidden_bias=False)).double()
    instances = torch.from_numpy(bag(3)).double()
    with torch.no_grad():
        weights = torch.tensor([0.0, 0.3, 0.6], dtype=torch.float64)
        contributions = network.contribute(instances, weights, 3)
        whole = network.contribute(instances, torch.ones(3, dtype=torch.float64), 3)
    assert torch.equal(contributions[0], torch.zeros(2, dtype=torch.float64))
    torch.testing.assert_close(contributions, weights[:, None] * whole)


@pytest.mark.parametrize("aggregator", [ABMIL, *ADDITIVES])
def test_pieces_give_what_the_whole_bag_gives(
    opened: Callable[..., Any], aggregator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, features = opened(aggregator), bag(100)
    whole = model.predict(features)
    monkeypatch.setattr(bag_models, "CHUNK", 7)
    pieces = model.predict(features)
    np.testing.assert_allclose(pieces.logits, whole.logits, rtol=1e-10)
    network = fresh(aggregator).double()
    with torch.no_grad():
        forward = network.eval()(torch.from_numpy(features).double())
    np.testing.assert_allclose(whole.logits, forward.logits.numpy(), rtol=1e-6)
    np.testing.assert_allclose(whole.attention_logits, forward.attention_logits.numpy(), rtol=1e-6)


def test_a_hundred_thousand_instances_fit(opened: Callable[..., Any]) -> None:
    features = np.tile(bag(1000), (100, 1))
    prediction = opened(replace(ADDITIVE, hidden_bias=False)).predict(features)
    assert prediction.contributions.shape == (100_000, 2)
    np.testing.assert_allclose(prediction.contributions.sum(axis=0), prediction.logits, rtol=1e-6)


@pytest.mark.parametrize("aggregator", EVERY)
def test_every_weight_gets_a_gradient(aggregator: Any) -> None:
    network = fresh(aggregator)
    # Squares, so that no component of the loss is blind to a weight by symmetry.
    (network(torch.from_numpy(bag(40))).logits ** 2).sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().sum() > 0, name


def test_attention_ignores_a_shift_of_its_logits() -> None:
    network = fresh(ADDITIVE).double()
    features = torch.from_numpy(bag(6)).double()
    with torch.no_grad():
        output = network(features)
        instances = network.embed(features)
        for shift in (-800.0, 0.0, 800.0):
            weights = torch.softmax(output.attention_logits + shift, 0)
            torch.testing.assert_close(network.contribute(instances, weights, 6), output.contributions)


def test_scaling_travels_with_the_weights(opened: Callable[..., Any]) -> None:
    network = fresh(ADDITIVE)
    assert {"scaling.mean", "scaling.std"} <= network.state_dict().keys()
    assert not any(name.startswith("scaling") for name, _ in network.named_parameters())


def test_a_constant_feature_is_not_blown_up() -> None:
    scaling = FeatureScaling(3)
    scaling.set_statistics(torch.tensor([0.0, 1e4, 5.0]), torch.tensor([2.0, 1e-3, 0.0]))
    assert scaling.std.tolist() == [2.0, 1.0, 1.0]
    assert scaling(torch.tensor([[4.0, 1e4, 5.5]])).tolist() == [[2.0, 0.0, 0.5]]


@pytest.mark.parametrize("n_columns", [N_FEATURES - 1, N_FEATURES + 1])
def test_another_number_of_features_is_refused(opened: Callable[..., Any], n_columns: int) -> None:
    with pytest.raises(PluginRunError, match=r"must be \(N, 6\)"):
        opened(ADDITIVE).predict(np.zeros((3, n_columns), dtype=np.float32))


def test_empty_and_unfinite_bags_are_refused(opened: Callable[..., Any]) -> None:
    model = opened(ABMIL)
    with pytest.raises(PluginRunError, match="at least one instance"):
        model.predict(bag(0))
    features = bag(3)
    features[1, 2] = np.nan
    with pytest.raises(PluginRunError, match="not finite"):
        model.predict(features)


def test_missing_and_unexpected_weights_are_named(tmp_path: Path) -> None:
    network = fresh(ADDITIVE)
    bundle = bundle_of(tmp_path, network)
    state = network.state_dict()
    state["stray"] = state.pop("contribution.0.bias").clone()
    save_file(state, bundle.weights)
    with pytest.raises(
        ModelBundleError, match=r"contribution.0.bias \(7,\) is missing; stray \(7,\) is not exp"
    ):
        ADDITIVE.open(bundle)


def test_other_shapes_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    bundle = bundle_of(tmp_path, fresh(replace(ADDITIVE, attention_hidden=3)))
    with pytest.raises(ModelBundleError) as caught:
        ADDITIVE.open(bundle)
    assert "attention.gate.bias is (3,) instead of (5,)" in str(caught.value)
    assert "and 2 more" in str(caught.value)


def test_unfinite_or_whole_number_weights_are_refused(tmp_path: Path) -> None:
    network = fresh(ADDITIVE)
    bundle = bundle_of(tmp_path, network)
    state = {key: value.clone() for key, value in network.state_dict().items()}
    state["scaling.mean"][0] = torch.inf
    state["scaling.std"] = torch.ones(N_FEATURES, dtype=torch.int32)
    save_file(state, bundle.weights)
    with pytest.raises(ModelBundleError, match=r"scaling\.mean holds .*scaling\.std holds "):
        ADDITIVE.open(bundle)


def test_a_file_that_is_not_safetensors_is_refused(tmp_path: Path) -> None:
    bundle = bundle_of(tmp_path, fresh(ADDITIVE))
    bundle.weights.write_bytes(b"\x80\x04not tensors")
    with pytest.raises(ModelBundleError, match="cannot be read"):
        ADDITIVE.open(bundle)


def gaussian_bags(count: int, rng: np.random.Generator) -> list[tuple[torch.Tensor, float]]:
    """Bags of about 10 standard normal instances; a positive one holds a single instance about 3."""
    bags = []
    for number in range(count):
        features = rng.standard_normal((max(2, round(rng.normal(10, 2))), 10)).astype(np.float32)
        features[0] += 3.0 * (number % 2)
        bags.append((torch.from_numpy(features), float(number % 2)))
    return bags


def trained(aggregator: Any, bags: list[tuple[torch.Tensor, float]], epochs: int) -> Any:
    torch.manual_seed(0)
    network = aggregator.build(bags[0][0].shape[1], 1)
    every = torch.cat([features for features, _ in bags])
    network.scaling.set_statistics(every.mean(0), every.std(0))
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    for _ in range(epochs):
        for number in torch.randperm(len(bags)).tolist():
            features, label = bags[number]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                network(features).logits, torch.tensor([label])
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network.eval()


@pytest.mark.parametrize(
    "aggregator",
    [
        AttentionMil(embedding=16, attention_hidden=16),
        AdditiveMil(attention_hidden=16, contribution_hidden=16),
        AdditiveMil(attention_hidden=16, contribution_hidden=16, hidden_bias=False),
    ],
)
def test_gaussian_bags_are_learned_from_their_labels(aggregator: Any) -> None:
    rng = np.random.default_rng(0)
    network = trained(aggregator, gaussian_bags(60, rng), epochs=8)
    held_out = gaussian_bags(80, rng)
    with torch.no_grad():
        outputs = [network(features) for features, _ in held_out]
    labels = [label for _, label in held_out]
    assert roc_auc_score(labels, [output.logits.item() for output in outputs]) > 0.95
    if outputs[0].contributions is not None:
        found = [int(output.contributions[:, 0].argmax()) == 0 for output in outputs[1::2]]
        assert np.mean(found) > 0.9


def test_large_bags_are_learned_without_hidden_biases() -> None:
    rng = np.random.default_rng(3)
    bags = []
    for number in range(20):
        features = rng.standard_normal((rng.integers(600, 1800), 8)).astype(np.float32)
        features[: len(features) // 20] += 1.5 * (number % 2)
        bags.append((torch.from_numpy(features), float(number % 2)))
    aggregator = AdditiveMil(attention_hidden=16, contribution_hidden=16, hidden_bias=False)
    network = trained(aggregator, bags[:12], epochs=10)
    with torch.no_grad():
        logits = [network(features).logits.item() for features, _ in bags[12:]]
    assert min(logits[1::2]) > max(logits[0::2])
