"""The checks of what works on bags: aggregators and slide encoders.

torch is imported inside the checks that need it.
"""

from __future__ import annotations

import numpy as np

from desktop_app.conformance.case import Case
from desktop_app.engine.check_answers import check_features


def builds_a_network(case: Case) -> None:
    """It builds a network that answers with a finite logit per class and an attention per tile."""
    import torch

    for instances, classes in ((1, 1), (17, 1), (40, 3)):
        network = case.build().build(12, classes)
        case.demand(isinstance(network, torch.nn.Module), "build() must give a torch.nn.Module")
        network.eval()
        with torch.no_grad():
            output = network(torch.randn(instances, 12, generator=torch.Generator().manual_seed(0)))
        where = f"for {instances} tiles and {classes} classes"
        case.demand(tuple(output.logits.shape) == (classes,), f"{where} the logits are {output.logits.shape}")
        case.demand(bool(torch.isfinite(output.logits).all()), f"{where} the logits are not finite")
        attention = tuple(output.attention_logits.shape)
        case.demand(attention == (instances,), f"{where} the attention logits are {attention}")
        if output.contributions is not None:
            sums = output.contributions.sum(dim=0)
            fits = tuple(sums.shape) == (classes,) and torch.allclose(
                sums, output.logits, rtol=1e-4, atol=1e-4
            )
            case.demand(fits, f"{where} the contributions do not sum to the logits")


def does_not_mind_the_order(case: Case) -> None:
    """Its logits do not depend on the order of the tiles, and its attention follows it."""
    import torch

    network = case.build().build(8, 2).eval()
    features = torch.randn(25, 8, generator=torch.Generator().manual_seed(0))
    order = torch.randperm(25, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        straight, shuffled = network(features), network(features[order])
    same = torch.allclose(shuffled.logits, straight.logits, rtol=1e-4, atol=1e-5)
    case.demand(same, "the logits change with the order of the tiles")
    follows = torch.allclose(
        shuffled.attention_logits, straight.attention_logits[order], rtol=1e-4, atol=1e-5
    )
    case.demand(follows, "the attention does not follow the tiles")


def learns(case: Case) -> None:
    """Every trainable weight of its network has a finite gradient."""
    import torch

    network = case.build().build(8, 2)
    network.train()
    network(torch.randn(30, 8, generator=torch.Generator().manual_seed(0))).logits.square().sum().backward()
    for name, parameter in network.named_parameters():
        trained = parameter.grad is not None and bool(torch.isfinite(parameter.grad).all())
        case.demand(trained, f"the weight {name} gets no finite gradient")


def encodes_a_slide(case: Case) -> None:
    """It gives one finite vector of the length it states, whatever the order of the tiles."""
    encoder = case.build()
    rng = np.random.default_rng(0)
    for count in (1, 30):
        features = rng.normal(size=(count, 12)).astype(np.float32)
        locations = rng.integers(0, 10_000, (count, 2))
        vector = encoder.encode(features, locations, 256.0)
        check_features(np.atleast_2d(vector), (1, encoder.n_features), case.use)
        order = rng.permutation(count)
        shuffled = encoder.encode(features[order], locations[order], 256.0)
        same = np.allclose(shuffled, vector, rtol=1e-3, atol=1e-4)
        case.demand(same, "the vector changes with the order of the tiles")


AGGREGATOR_CHECKS = (builds_a_network, does_not_mind_the_order, learns)
SLIDE_ENCODER_CHECKS = (encodes_a_slide,)
