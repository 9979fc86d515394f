"""Standing statistics: those of all batches together, in the place of any batch's own."""

from functools import partial

import torch
from torch import Tensor

from suite.networks import blocks
from suite.networks.image import ImageNetwork
from suite.networks.network import Share
from suite.networks.standing import standing

LAYERS = (
    blocks.Scale(1.0),
    blocks.Dense(3, 32),
    blocks.Reshape(4, 2),
    blocks.Norm("batch", 2),
    blocks.Activate("relu"),
    blocks.Conv(2, 3, 3, 4),
    blocks.Norm("batch", 3),
    blocks.Flatten(),
)
NETWORK = ImageNetwork(LAYERS)


def draw(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


FLAT = draw(0, 2, NETWORK.parameters)


def run(network: ImageNetwork, share: Share, x: Tensor) -> Tensor:
    network = network.shared(share)
    return network.outputs(network.split(FLAT[:, : network.parameters]), x)


def passed(network: ImageNetwork, *batches: Tensor) -> Share:
    return standing([partial(run, network, x=batch) for batch in batches])


def test_of_one_batch_they_are_its_own() -> None:
    x = draw(1, 2, 5, 3)
    share = passed(NETWORK, x)
    expected = run(NETWORK, lambda mean: mean, x)
    for _ in range(2):
        torch.testing.assert_close(run(NETWORK, share, x), expected)


def test_an_image_does_not_depend_on_those_beside_it() -> None:
    x = draw(1, 2, 6, 3)
    share = passed(NETWORK, draw(2, 2, 5, 3), draw(3, 2, 5, 3))
    torch.testing.assert_close(run(NETWORK, share, x[:, :2]), run(NETWORK, share, x)[:, :2])


def test_the_first_normalisation_goes_by_the_moments_of_all_batches() -> None:
    """After the first one, each batch has been normalised by itself, so that only its moments are known."""
    network = ImageNetwork((*LAYERS[:4], blocks.Flatten()))
    batches, x = [draw(seed, 2, 5, 3) for seed in (2, 3, 4)], draw(1, 2, 6, 3)
    found = run(network, passed(network, *batches), x).view(2, 6, 4, 4, 2)
    weight, bias, gain, shift = network.split(FLAT[:, : network.parameters])
    every = (torch.cat(batches, dim=1) @ weight + bias).view(2, 15, 4, 4, 2)
    mean, variance = every.mean((1, 2, 3), keepdim=True), every.var((1, 2, 3), correction=0, keepdim=True)
    mine = (x @ weight + bias).view(2, 6, 4, 4, 2)
    normal = (mine - mean) / (variance + 1e-5).sqrt()
    torch.testing.assert_close(found, normal * gain[:, :, None, None] + shift[:, :, None, None])


def test_without_normalisation_nothing_is_kept() -> None:
    network = ImageNetwork((blocks.Scale(1.0), blocks.Dense(3, 4)))
    x = draw(1, 2, 5, 3)
    assert torch.equal(run(network, passed(network, x), x), run(network, lambda mean: mean, x))
