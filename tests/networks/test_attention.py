"""Self-attention against torch's, and where it stands in the networks."""

import itertools

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from suite.errors import UserError
from suite.networks import blocks
from suite.networks.attention import attend
from suite.networks.image import ImageNetwork
from suite.networks.variants import attention
from suite.spec import schema

SHAPE = (16, 16, 1)


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_it_is_torchs_attention_over_places() -> None:
    query, key, value = draw(2, 3, 4, 4, 2), draw(2, 3, 4, 4, 2, seed=1), draw(2, 3, 4, 4, 5, seed=2)
    pooled = [
        functional.max_pool2d(t.flatten(0, 1).permute(0, 3, 1, 2), 2).flatten(2).transpose(1, 2)
        for t in (key, value)
    ]
    expected = functional.scaled_dot_product_attention(query.view(6, 16, 2), *pooled, scale=1.0)
    torch.testing.assert_close(attend(query, key, value), expected.view(2, 3, 4, 4, 5))


def test_alike_keys_give_the_mean_of_the_values() -> None:
    value = draw(1, 1, 4, 4, 3)
    found = attend(draw(1, 1, 4, 4, 2), torch.ones(1, 1, 4, 4, 2).double(), value)
    largest = functional.max_pool2d(value[0].permute(0, 3, 1, 2), 2).mean((2, 3))
    torch.testing.assert_close(found, largest.expand(1, 1, 4, 4, 3))


def test_it_starts_as_the_identity_and_its_gate_learns() -> None:
    network = ImageNetwork((blocks.Scale(1.0), blocks.Reshape(4, 8), attention(8, 4), blocks.Flatten()))
    assert blocks.parameters(network.blocks) == 8 * 1 + 8 * 1 + 8 * 4 + 4 * 8 + 1
    assert blocks.tensors(network.blocks)[-1] == blocks.Parameter("shift", (1, 1), 1, 1)
    tensors, x = network.split(draw(2, network.parameters)), draw(2, 3, 128)
    gate = torch.zeros(2, 1, 1, dtype=torch.float64, requires_grad=True)
    made = network.outputs([*tensors[:-1], gate], x)
    assert torch.equal(made, x)
    made.square().sum().backward()
    assert gate.grad is not None
    assert (gate.grad != 0).all()


def places(made: tuple[blocks.Block, ...]) -> list[tuple[str, int, int]]:
    """The block before each attention, its side and its channels."""
    return [
        (type(before).__name__, block.query.size, block.query.inputs)
        for before, block in itertools.pairwise(made)
        if isinstance(block, blocks.Attention)
    ]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (schema.DCGANGenerator(width=8, attention=8), ("Activate", 8, 8)),
        (schema.DCGANGenerator(width=8, attention=4, activation="gated"), ("Activate", 4, 16)),
        (schema.ResNetGenerator(width=8, attention=8), ("Residual", 8, 8)),
        (schema.DCGANCritic(width=8, attention=8), ("Activate", 8, 8)),
        (schema.ResNetCritic(width=8, attention=8), ("Residual", 8, 8)),
    ],
)
def test_it_stands_where_pictures_have_its_side(spec, expected: tuple[str, int, int]) -> None:
    make = ImageNetwork.of_critic if "Critic" in type(spec).__name__ else ImageNetwork.of_generator
    network = make(spec, SHAPE)
    assert places(network.blocks) == [expected]
    inputs = getattr(spec, "latent", 256)
    made = network.outputs(network.split(0.1 * draw(1, network.parameters)), draw(1, 2, inputs))
    assert made.isfinite().all()


@pytest.mark.parametrize("side", [2, 6, 16, 32])
def test_a_side_that_no_picture_has_is_refused(side: int) -> None:
    with pytest.raises(UserError, match=f"no pictures of {side} x {side}"):
        ImageNetwork.of_generator(schema.DCGANGenerator(width=8, attention=side), SHAPE)
