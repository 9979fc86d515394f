"""The written-out gradient of a generator against autograd, and autograd against finite differences."""

import itertools

import msgspec
import pytest
import torch

from suite.networks import tape
from suite.networks.generators import GeneratorNetwork
from suite.networks.mlp import MLP
from suite.objectives import generator as module
from suite.objectives.auxiliary import Told
from suite.objectives.generator import Feed, blurred, by_autograd, generator_gradient, written_out
from suite.spec import schema
from tests.objectives.means import loss, of_generator

LOSSES = ["wasserstein", "minimax", "non_saturating", "least_squares", "hinge"]


def problem(activation: str, layers: int = 3, dimension: int = 2, blurred: bool = False):
    """A critic and its parameters, a generator and its own, and what it is fed; three replicas."""
    source = torch.Generator().manual_seed(3)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=source, dtype=torch.float64)

    spec = schema.MLPGenerator(layers=layers, width=8, latent=4, activation=activation)
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
    torch.testing.assert_close(of_generator(found), of_generator(expected), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("most", [1, 2])
def test_replicas_are_worked_on_in_groups_to_the_same_gradient(name: str, most: int, monkeypatch) -> None:
    critic, judging, generator, flat, feed = problem("relu")
    whole = written_out(critic, judging, generator.network, flat, name, feed)
    expected = whole.flat.clone(), whole.losses
    monkeypatch.setattr(tape, "at_once", lambda *_: most)
    tape.tapes_of.cache_clear()
    assert all(map(torch.equal, written_out(critic, judging, generator.network, flat, name, feed), expected))


@pytest.mark.parametrize("dimension", [1, 2])
def test_its_loss_falls_along_it(dimension: int) -> None:
    critic, judging, generator, flat, feed = problem("relu", dimension=dimension)
    found = generator_gradient(critic, judging, generator, flat, "wasserstein", feed).flat.clone()
    step = 1e-6
    up, down = (
        loss(by_autograd(critic, judging, generator, flat + sign * step * found, "wasserstein", feed))
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


def test_the_blur_is_added_to_what_the_critic_sees() -> None:
    made, none = torch.tensor([[[1.0, 2.0]]]), torch.zeros(1, 1, 0)
    assert blurred(made, torch.tensor([[[0.5, -1.0]]])).tolist() == [[[1.5, 1.0]]]
    assert blurred(made, none) is made


class Spare(GeneratorNetwork):
    """With two parameters that play no part."""

    def split(self, flat):
        return [*super().split(flat[:, :-2]), flat[:, -2:]]

    def generate(self, tensors, *rest):
        return super().generate(tensors[:-1], *rest)


def test_parameters_without_a_part_have_a_gradient_of_zero() -> None:
    critic, judging, generator, flat, feed = problem("tanh")
    expected = by_autograd(critic, judging, generator, flat, "hinge", feed)
    longer = torch.cat([flat, flat[:, :2]], dim=1)
    spare = Spare(generator.spec, generator.network)
    found = by_autograd(critic, judging, spare, longer, "hinge", feed)
    assert torch.equal(found.flat[:, -2:], torch.zeros(3, 2, dtype=torch.float64))
    torch.testing.assert_close(found.flat[:, :-2], expected.flat)


BARE = schema.MLPGenerator(layers=3, width=8, latent=4, activation="relu")


@pytest.mark.parametrize(
    ("generator", "critic", "told", "fast"),
    [
        ({}, (2, 5, 1), False, True),
        ({"layers": 2}, (2, 5, 5, 1), False, True),
        ({"layers": 1}, (2, 5, 1), False, False),
        ({"activation": "tanh"}, (2, 5, 1), False, False),
        ({"normalization": "batch"}, (2, 5, 1), False, False),
        ({"output": "tanh"}, (2, 5, 1), False, False),
        ({"labels": "concatenate"}, (2, 5, 1), False, False),
        ({}, (2, 1), False, False),
        ({}, (2, 5, 1), True, False),
    ],
)
def test_what_can_be_written_out_is(monkeypatch, generator, critic, told, fast) -> None:
    """The network is that of the spec without labels: where a spec has some, it is by their being there."""
    spec = msgspec.structs.replace(BARE, **generator)
    made = GeneratorNetwork(spec, MLP.of(spec, 4, 2))
    feed = problem("relu")[-1]
    if told:
        feed = feed._replace(told=Told(torch.zeros(3, 7, dtype=torch.long), schema.Auxiliary()))
    ways: list[str] = []
    for way in ("by_autograd", "written_out"):
        monkeypatch.setattr(module, way, lambda *_, way=way: ways.append(way))
    judge = MLP(critic, "relu", "none")
    generator_gradient(judge, torch.zeros(3, 1), made, torch.zeros(3, 1), "hinge", feed)
    assert ways == ["written_out" if fast else "by_autograd"]


def test_a_curved_critic_and_a_fixed_source_are_not_written_out() -> None:
    assert not module.is_straight(MLP((2, 5, 1), "tanh", "none"))
    assert not module.is_straight(None)
    assert not module.is_bare(schema.Resampled())


@pytest.mark.parametrize("change", [{"output": "tanh"}, {"layers": 1}, {"activation": "tanh"}])
def test_what_cannot_be_written_out_has_the_gradient_of_differences(change) -> None:
    critic, judging, _, _, feed = problem("relu")
    spec = msgspec.structs.replace(BARE, **change)
    generator = GeneratorNetwork(spec, MLP.of(spec, 4, 2))
    size = generator.network.parameters
    flat = torch.linspace(-1, 1, 3 * size, dtype=torch.float64).sin().view(3, size)
    found = generator_gradient(critic, judging, generator, flat, "wasserstein", feed)
    step = 1e-6
    up, down = (
        loss(by_autograd(critic, judging, generator, flat + sign * step * found.flat, "wasserstein", feed))
        for sign in (1, -1)
    )
    torch.testing.assert_close((up - down) / (2 * step), found.flat.square().sum(1), rtol=1e-5, atol=1e-6)
