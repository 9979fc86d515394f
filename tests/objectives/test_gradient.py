"""The written-out gradient against autograd, and autograd against finite differences."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
import torch

from suite.networks import tape
from suite.networks.image import ImageNetwork
from suite.networks.mlp import MLP
from suite.networks.tape import at_once
from suite.objectives import gradient
from suite.objectives.auxiliary import Told
from suite.objectives.gradient import Penalty, by_autograd, critic_gradient, written_out
from suite.spec import schema
from suite.streams import stream
from tests.objectives.means import loss as loss_of
from tests.objectives.means import of_critic

LOSSES = ["wasserstein", "minimax", "least_squares"]
SIZES = [(2, 5, 1), (1, 8, 8, 1), (2, 16, 16, 16, 1), (2, 257, 3, 1)]


def problem(sizes: tuple[int, ...], activation: str, normalization: str = "none"):
    generator = torch.Generator().manual_seed(3)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    network = MLP(sizes, activation, normalization)
    flat = draw(3, network.parameters) / 2
    real, fake, points = (draw(3, 7, sizes[0]) for _ in range(3))
    weight = torch.tensor([[0.1], [1.0], [10.0]], dtype=torch.float64)
    floor = torch.tensor([[-1.0], [0.0], [-1.0]], dtype=torch.float64)
    return network, flat, real, fake, Penalty(points, weight, floor)


@pytest.mark.parametrize(
    ("activation", "sizes", "loss", "penalised"),
    list(itertools.product(["relu", "leaky_relu"], SIZES, LOSSES, [False, True])),
)
def test_written_out_agrees_with_autograd(activation, sizes, loss, penalised) -> None:
    network, flat, real, fake, extra = problem(sizes, activation)
    extra = extra if penalised else None
    expected = by_autograd(network, flat, loss, real, fake, extra)
    found = written_out(network, flat, loss, real, fake, extra)
    torch.testing.assert_close(of_critic(found), of_critic(expected), rtol=1e-10, atol=1e-10)


def test_written_out_agrees_with_autograd_where_the_penalty_has_its_centre_at_zero() -> None:
    network, flat, real, fake, extra = problem((2, 8, 8, 1), "relu")
    extra = extra._replace(points=real, centre=0.0)
    expected = by_autograd(network, flat, "hinge", real, fake, extra)
    found = written_out(network, flat, "hinge", real, fake, extra)
    torch.testing.assert_close(of_critic(found), of_critic(expected), rtol=1e-10, atol=1e-10)


class Doubled(MLP):
    """As a pack may bring one."""

    def outputs(
        self, tensors: Sequence[torch.Tensor], x: torch.Tensor, labels: torch.Tensor | None = None
    ) -> torch.Tensor:
        return 2 * super().outputs(tensors, x, labels)


def test_a_perceptron_with_outputs_of_its_own_is_heard() -> None:
    network, flat, real, fake, _ = problem((2, 8, 8, 1), "relu")
    own = Doubled(network.sizes, network.activation, network.normalization)
    plain, doubled = (
        critic_gradient(each, flat, "wasserstein", real, fake, None).flat.clone() for each in (network, own)
    )
    torch.testing.assert_close(doubled, 2 * plain, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("batch", [64, 100, 256])
@pytest.mark.parametrize("penalised", [False, True])
def test_biases_that_change_nothing_have_no_gradient(penalised: bool, batch: int) -> None:
    """All rows pass all units: real and fake ones cancel. A rounding left of them is a step of RMSProp's."""
    network, generator = MLP((2, 64, 64, 1), "relu", "none"), torch.Generator().manual_seed(7)
    flat = torch.randn(3, network.parameters, generator=generator) / 100
    real, fake, points = (torch.randn(3, batch, 2, generator=generator) for _ in range(3))
    biases = network.split(flat)[1::2]
    for bias in biases:
        bias.fill_(1.0)
    extra = Penalty(points, torch.full((3, 1), 10.0), torch.full((3, 1), -1.0)) if penalised else None
    found = written_out(network, flat, "wasserstein", real, fake, extra)
    assert all((gradient == 0).all() for gradient in network.split(found.flat)[1::2])
    assert all((gradient != 0).any() for gradient in network.split(found.flat)[::2])


@pytest.mark.parametrize("sizes", [(2, 257, 5, 1), (1, 64, 33, 1), (3, 2, 2, 1), (2, 1, 7, 1)])
def test_replicas_have_the_bits_that_each_has_alone(sizes: tuple[int, ...]) -> None:
    network, *tensors, extra = problem(sizes, "relu")
    flat, real, fake, points = (each.float() for each in (*tensors, extra.points))
    extra = Penalty(points, extra.weight.float(), extra.floor.float())
    together = critic_gradient(network, flat, "wasserstein", real, fake, extra)
    for replica in range(3):
        one = slice(replica, replica + 1)
        alone = Penalty(points[one], extra.weight[one], extra.floor[one])
        own = critic_gradient(network, flat[one], "wasserstein", real[one], fake[one], alone)
        assert all(map(torch.equal, own, (each[one] for each in together)))


@pytest.mark.parametrize("width", [48, 128, 257, 512])
@pytest.mark.parametrize("batch", [50, 64, 256])
@pytest.mark.parametrize("penalised", [False, True])
def test_replicas_have_the_same_bits_in_groups_of_any_size(
    width: int, batch: int, penalised: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, source = MLP((2, width, width, 1), "relu", "none"), torch.Generator().manual_seed(5)
    flat = torch.randn(5, network.parameters, generator=source) / width**0.5
    real, fake, points = (torch.randn(5, batch, 2, generator=source) for _ in range(3))
    extra = Penalty(points, torch.full((5, 1), 10.0), None) if penalised else None
    found = []
    for most in (5, 3, 1):
        monkeypatch.setattr(tape, "at_once", lambda *_, most=most: most)
        tape.tapes_of.cache_clear()
        one = written_out(network, flat, "wasserstein", real, fake, extra)
        found.append((one.flat.clone(), one.losses, one.estimates))
    assert all(map(torch.equal, found[0], found[1]))
    assert all(map(torch.equal, found[0], found[2]))


def test_a_core_works_on_what_its_caches_hold_and_a_device_on_all(monkeypatch: pytest.MonkeyPatch) -> None:
    network = MLP((2, 10, 10, 1), "relu", "none")  # 151 parameters, and 20 activations a row
    monkeypatch.setattr(tape, "CACHED", 1000)
    assert at_once(torch.zeros(8, 151), (network, 10)) == 2
    assert at_once(torch.zeros(2, 151), (network, 1)) == 2
    assert at_once(torch.zeros(8, 151), (network, 100)) == 1
    assert at_once(torch.zeros(8, 151), (network, 1), (network, 20)) == 1
    assert at_once(torch.zeros(8, 151, device="meta"), (network, 100)) == 8


@pytest.mark.parametrize("activation", ["tanh", "softplus", "elu", "relu"])
@pytest.mark.parametrize("normalization", ["none", "layer", "batch"])
def test_autograd_agrees_with_finite_differences(activation: str, normalization: str) -> None:
    network, flat, real, fake, extra = problem((2, 6, 6, 1), activation, normalization)
    found = critic_gradient(network, flat, "wasserstein", real, fake, extra).flat
    direction = torch.randn(flat.shape, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    step = 1e-6
    up = loss_of(by_autograd(network, flat + step * direction, "wasserstein", real, fake, extra))
    down = loss_of(by_autograd(network, flat - step * direction, "wasserstein", real, fake, extra))
    torch.testing.assert_close((up - down) / (2 * step), (found * direction).sum(1), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["wasserstein", "non_saturating"])
@pytest.mark.parametrize("normalization", ["none", "layer", "batch"])
def test_a_convolutional_critic_agrees_with_finite_differences(name, normalization) -> None:
    spec = schema.DCGANCritic(width=2, activation="tanh", normalization=normalization)
    network = ImageNetwork.of_critic(spec, (8, 8, 1))
    _, _, real, fake, extra = problem((64, 1), "relu")
    start = [network.initialize(schema.TFLibInit(), stream("test", str(replica))) for replica in range(3)]
    flat = torch.from_numpy(np.stack(start)).double()
    found = critic_gradient(network, flat, name, real, fake, extra)
    assert not found.losses.requires_grad
    assert not found.estimates.requires_grad
    direction = torch.randn(flat.shape, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    step = 1e-6
    up, down = (
        loss_of(critic_gradient(network, flat + sign * step * direction, name, real, fake, extra))
        for sign in (1, -1)
    )
    torch.testing.assert_close(
        (up - down) / (2 * step), (found.flat * direction).sum(1), rtol=1e-5, atol=1e-6
    )


def test_a_linear_critics_gradient_is_known() -> None:
    """D(x) = w x + b: by w it is the means' difference, and the penalty's 2 weight (|w| - 1) w / |w|."""
    network, _, real, fake, extra = problem((2, 1), "relu")
    slope = torch.tensor([[3.0, 4.0], [0.3, 0.4], [0.6, 0.0]], dtype=torch.float64)
    flat = torch.cat([slope, torch.full((3, 1), 7.0, dtype=torch.float64)], dim=1)
    size = slope.norm(dim=1, keepdim=True)
    beyond = torch.maximum(size - 1, extra.floor)
    found = critic_gradient(network, flat, "wasserstein", real, fake, extra)
    apart = fake.mean(1) - real.mean(1)
    torch.testing.assert_close(found.flat[:, :2], apart + 2 * extra.weight * beyond * slope / size)
    torch.testing.assert_close(found.flat[:, 2], torch.zeros(3, dtype=torch.float64), atol=1e-12, rtol=0)
    torch.testing.assert_close(found.estimates.mean(1), -(apart * slope).sum(1))
    torch.testing.assert_close(loss_of(found), (apart * slope).sum(1) + (extra.weight * beyond**2)[:, 0])


class Spare(MLP):
    """With two parameters that play no part."""

    def split(self, flat):
        return [*super().split(flat[:, :-2]), flat[:, -2:]]

    def layers(self, tensors):
        return super().layers(tensors[:-1])


def test_parameters_without_a_part_have_a_gradient_of_zero() -> None:
    network, flat, real, fake, extra = problem((2, 6, 1), "tanh")
    expected = by_autograd(network, flat, "hinge", real, fake, extra)
    longer = torch.cat([flat, flat[:, :2]], dim=1)
    found = by_autograd(Spare((2, 6, 1), "tanh", "none"), longer, "hinge", real, fake, extra)
    assert torch.equal(found.flat[:, -2:], torch.zeros(3, 2, dtype=torch.float64))
    torch.testing.assert_close(found.flat[:, :-2], expected.flat)


@pytest.mark.parametrize(
    ("sizes", "activation", "told", "fast"),
    [
        ((2, 5, 1), "relu", False, True),
        ((2, 5, 5, 1), "leaky_relu", False, True),
        ((2, 1), "relu", False, False),
        ((2, 5, 1), "tanh", False, False),
        ((2, 5, 1), "relu", True, False),
    ],
)
def test_what_can_be_written_out_is(monkeypatch, sizes, activation, told, fast) -> None:
    network, flat, real, fake, extra = problem(sizes, activation)
    labels = Told(torch.zeros(3, 7, dtype=torch.long), schema.Auxiliary()) if told else None
    ways: list[str] = []
    for way in ("by_autograd", "written_out"):
        monkeypatch.setattr(gradient, way, lambda *_, way=way: ways.append(way))
    critic_gradient(network, flat, "hinge", real, fake, extra, labels)
    assert ways == ["written_out" if fast else "by_autograd"]


def test_a_dead_critic_has_a_finite_gradient() -> None:
    network, flat, real, fake, extra = problem((2, 8, 8, 1), "relu")
    found = critic_gradient(network, torch.zeros_like(flat), "wasserstein", real, fake, extra)
    assert torch.isfinite(found.flat).all()
    torch.testing.assert_close(loss_of(found), extra.weight[:, 0] * (extra.floor[:, 0] < 0))


def test_a_nan_stays_in_its_replica() -> None:
    network, flat, real, fake, extra = problem((2, 8, 8, 1), "relu")
    clean = critic_gradient(network, flat, "wasserstein", real, fake, extra)
    spoiled = flat.clone()
    spoiled[1] = float("nan")
    found = critic_gradient(network, spoiled, "wasserstein", real, fake, extra)
    assert torch.isnan(found.flat[1]).any()
    assert torch.equal(found.flat[[0, 2]], clean.flat[[0, 2]])


def test_batch_norm_couples_samples_and_layer_norm_does_not() -> None:
    for normalization, coupled in [("none", False), ("layer", False), ("batch", True)]:
        network, flat, real, _, _ = problem((2, 8, 8, 1), "relu", normalization)
        x = real.requires_grad_()
        first = network.forward(network.layers(network.split(flat)), x)[-1][:, 0].sum()
        (gradient,) = torch.autograd.grad(first, x)
        assert bool(gradient[:, 1:].abs().max() > 1e-4) is coupled
        assert gradient[:, 1:].abs().max() < 1e-12 or coupled
