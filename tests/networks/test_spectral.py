"""Spectral normalisation against singular values by SVD, torch's own, and differences."""

import pytest
import torch
from torch import Tensor, nn

from suite.networks import blocks
from suite.networks.blocks import Conv, Deconv, Dense, Embedding
from suite.networks.image import ImageNetwork
from suite.networks.spectral import iterate, sigma
from suite.networks.variants import normalized
from suite.spec import schema
from suite.streams import stream

CRITIC = schema.DCGANCritic(width=2, normalization="none", labels="projection", spectral=True)
SHAPE = (8, 8, 1)


def start(network: ImageNetwork) -> Tensor:
    parts = [network.initialize(schema.DefaultInit(), stream("spectral", str(i))) for i in range(2)]
    return torch.stack([torch.from_numpy(part) for part in parts]).double()


def vectors(network: ImageNetwork, flat: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Each weight of the network and its vector."""
    roles = [parameter.role for parameter in blocks.tensors(network.blocks)]
    tensors = dict(enumerate(network.split(flat)))
    weight, found = tensors[0], []
    for index, role in enumerate(roles):
        weight = tensors[index] if role == "weight" else weight
        if role == "vector":
            found.append((weight, tensors[index]))
    return found


@pytest.mark.parametrize(
    "block",
    [Dense(6, 4, spectral=True), Conv(2, 3, 4, 8, 2, spectral=True), Embedding(5, 4, spectral=True)],
)
def test_power_iteration_finds_the_largest_singular_value(block) -> None:
    network = ImageNetwork((blocks.Scale(1.0), block))
    flat = start(network)
    for _ in range(300):
        iterate(network.blocks, network.split(flat))
    (weight, vector), *_ = vectors(network, flat)
    expected = torch.linalg.matrix_norm(weight, 2)
    torch.testing.assert_close(sigma(block, weight, vector)[:, 0, 0], expected, rtol=1e-9, atol=0)


def test_a_transposed_convolution_is_the_matrix_of_its_outputs() -> None:
    """As torch's: [outputs, inputs * kernel * kernel], though its weight lies otherwise."""
    block = Deconv(3, 2, 4, 4, bias=False, spectral=True)
    network = ImageNetwork((blocks.Scale(1.0), block))
    flat = start(network)
    for _ in range(300):
        iterate(network.blocks, network.split(flat))
    ((weight, vector),) = vectors(network, flat)
    theirs = weight.view(2, 3, 4, 4, 2).permute(0, 1, 4, 2, 3)
    for replica in range(2):
        matrix = theirs[replica].transpose(0, 1).flatten(1)
        found = sigma(block, weight, vector)[replica, 0, 0]
        torch.testing.assert_close(found, torch.linalg.matrix_norm(matrix, 2), rtol=1e-9, atol=0)


def test_one_round_is_torchs() -> None:
    """The vector after one round, from the same start."""
    layer = nn.utils.spectral_norm(nn.Linear(6, 4).double())
    layer.train()
    weight, vector = layer.weight_orig.detach().T.clone()[None], layer.weight_u.clone()[None, None]
    layer(torch.zeros(1, 6).double())
    block = Dense(6, 4, bias=False, spectral=True)
    iterate((block,), [weight, vector])
    torch.testing.assert_close(vector[0, 0], layer.weight_u)


def test_the_estimates_gradient_is_v_u() -> None:
    """Miyato et al.'s: the derivative of u^T W v with both vectors held fixed."""
    block = Dense(6, 4, spectral=True)
    weight = torch.randn(2, 6, 4, dtype=torch.float64, requires_grad=True)
    vector = nn.functional.normalize(torch.randn(2, 1, 4, dtype=torch.float64), dim=2)
    (found,) = torch.autograd.grad(sigma(block, weight, vector).sum(), weight)
    v = nn.functional.normalize((weight.detach() * vector).sum(2), dim=1)
    torch.testing.assert_close(found, v[:, :, None] * vector)


def test_the_gradient_goes_through_the_singular_value() -> None:
    """Against differences: W / sigma(W) does not change along W itself."""
    network = ImageNetwork.of_critic(CRITIC, SHAPE, 3)
    flat, labels = start(network), torch.tensor([[0, 1, 2], [2, 1, 0]])
    rng = torch.Generator().manual_seed(0)  # A difference must not span a kink.
    x = torch.randn(2, 3, 64, generator=rng, dtype=torch.float64)
    tensors = [t.clone().requires_grad_() for t in network.split(flat)]
    network.outputs(tensors, x, labels).sum().backward()
    for parameter, tensor in zip(blocks.tensors(network.blocks), tensors, strict=True):
        if parameter.role == "vector":
            assert tensor.grad is None
        if parameter.role == "weight":
            along = (tensor.grad * tensor.detach()).sum()
            assert abs(float(along)) < 1e-12 < float(tensor.grad.abs().max())
    drawn = [torch.randn(t.shape, generator=rng, dtype=t.dtype) for t in tensors]
    direction = [
        d if t.grad is not None else torch.zeros_like(d) for d, t in zip(drawn, tensors, strict=True)
    ]
    slope = sum((d * t.grad).sum() for d, t in zip(direction, tensors, strict=True) if t.grad is not None)

    def at(step: float) -> Tensor:
        moved = [t.detach() + step * d for t, d in zip(tensors, direction, strict=True)]
        return network.outputs(moved, x, labels).sum()

    torch.testing.assert_close((at(1e-6) - at(-1e-6)) / 2e-6, slope, rtol=1e-5, atol=1e-8)


def test_every_weight_is_normalised_and_no_bias() -> None:
    spec = schema.ResNetCritic(width=4, labels="auxiliary", spectral=True)
    made = ImageNetwork.of_critic(spec, SHAPE, 3).blocks
    of_all = [b for b in blocks.walk(made) if isinstance(b, blocks.Normalizable)]
    assert len(of_all) == 12
    assert all(block.spectral for block in of_all)
    plain = ImageNetwork.of_critic(schema.ResNetCritic(width=4, labels="auxiliary"), SHAPE, 3).blocks
    assert normalized(plain) == made
    assert blocks.parameters(made) == blocks.parameters(plain)


def test_outputs_do_not_depend_on_the_weights_sizes() -> None:
    """All weights times three, biases apart: the same outputs."""
    network = ImageNetwork.of_critic(CRITIC, SHAPE, 3)
    tensors, labels = network.split(start(network)), torch.tensor([[0, 1], [2, 1]])
    x = torch.randn(2, 2, 64, dtype=torch.float64)
    roles = [parameter.role for parameter in blocks.tensors(network.blocks)]
    larger = [3 * t if role == "weight" else t for role, t in zip(roles, tensors, strict=True)]
    torch.testing.assert_close(network.outputs(larger, x, labels), network.outputs(tensors, x, labels))
