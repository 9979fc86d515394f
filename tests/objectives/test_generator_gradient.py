"""The written-out gradient of a generator against autograd, and autograd against finite differences."""

import itertools

import pytest
import torch

from suite.networks.generators import GeneratorNetwork
from suite.networks.mlp import MLP
from suite.networks.tape import NARROW
from suite.objectives.generator import Feed, by_autograd, generator_gradient, written_out
from suite.spec import schema

LOSSES = ["wasserstein", "minimax", "non_saturating", "least_squares", "hinge"]


def problem(activation: str, layers: int = 3, dimension: int = 2, blurred: bool = False, width: int = 8):
    """A critic and its parameters, a generator and its own, and what it is fed; three replicas."""
    source = torch.Generator().manual_seed(3)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=source, dtype=torch.float64)

    spec = schema.MLPGenerator(layers=layers, width=width, latent=4, activation=activation)
    network = MLP.of(spec, 4, dimension)
    critic = MLP((dimension, *[6] * (layers - 1), 1), activation, "none")
    feed = Feed(draw(3, 7, 4), draw(3, 7, dimension), draw(3, 7, dimension if blurred else 0))
    parameters = draw(3, critic.parameters) / 2, draw(3, network.parameters) / 2
    return critic, parameters[0], GeneratorNetwork(spec, network), parameters[1], feed


@pytest.mark.parametrize(
    ("activation", "name", "layers", "blurred"),
    list(itertools.product(["relu", "leaky_relu"], LOSSES, [2, 4], [False, True])),
)
def test_written_out_agrees_with_autograd(activation, name, layers, blurred) -> None:
    critic, judging, generator, flat, feed = problem(activation, layers, blurred=blurred)
    expected = by_autograd(critic, judging, generator, flat, name, feed)
    assert expected.flat.abs().max() > 1e-3
    found = written_out(critic, judging, generator.network, flat, name, feed)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", LOSSES)
def test_wide_replicas_are_worked_on_one_by_one_to_the_same_gradient(name: str) -> None:
    critic, judging, generator, flat, feed = problem("relu", width=NARROW + 1)
    # A wide network's outputs would be huge with weights of a narrow one.
    judging, flat = judging / 4, flat / 4
    expected = by_autograd(critic, judging, generator, flat, name, feed)
    assert expected.flat.abs().max() > 1e-3
    found = written_out(critic, judging, generator.network, flat, name, feed)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("dimension", [1, 2])
def test_its_loss_falls_along_it(dimension: int) -> None:
    critic, judging, generator, flat, feed = problem("relu", dimension=dimension)
    found = generator_gradient(critic, judging, generator, flat, "wasserstein", feed).flat.clone()
    step = 1e-6
    up, down = (
        by_autograd(critic, judging, generator, flat + sign * step * found, "wasserstein", feed).loss
        for sign in (1, -1)
    )
    torch.testing.assert_close((up - down) / (2 * step), found.square().sum(1), rtol=1e-5, atol=1e-6)


def test_a_nan_stays_in_its_replica() -> None:
    critic, judging, generator, flat, feed = problem("relu")
    clean = written_out(critic, judging, generator.network, flat, "wasserstein", feed)
    spoiled = judging.clone()
    spoiled[1] = float("nan")
    expected = clean.flat.clone()
    found = written_out(critic, spoiled, generator.network, flat, "wasserstein", feed)
    assert torch.isnan(found.flat[1]).any()
    assert torch.equal(found.flat[[0, 2]], expected[[0, 2]])
