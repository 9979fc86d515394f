"""Convolutions along lines, and the character networks of gan_language.py, against torch.nn."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from suite.networks import blocks, text
from suite.networks.blocks import LineConv
from suite.networks.convolution import convolve_lines
from suite.networks.image import ImageNetwork
from suite.spec import schema
from suite.streams import stream

REPLICAS, BATCH, LENGTH, INPUTS, OUTPUTS = 3, 2, 12, 3, 4
SHAPE = (LENGTH, 5)
GENERATOR = schema.TextGenerator(width=6, latent=4, blocks=2)
CRITIC = schema.TextCritic(width=6, blocks=2)


def draw(*shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.randn(shape, generator=generator, dtype=torch.float64)


# --- Convolutions ---------------------------------------------------------------------


@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("outputs", [1, 4, 40, 100])
def test_it_is_torchs_convolution(kernel: int, outputs: int) -> None:
    x, weight = draw(REPLICAS, BATCH, LENGTH, INPUTS), draw(REPLICAS, kernel * INPUTS, outputs)
    bias = draw(REPLICAS, 1, outputs)
    made = convolve_lines(x, weight, bias, kernel)
    for replica in range(REPLICAS):
        taps = weight[replica].view(kernel, INPUTS, outputs).permute(2, 1, 0)
        expected = functional.conv1d(x[replica].transpose(1, 2), taps, bias[replica, 0], padding="same")
        torch.testing.assert_close(made[replica], expected.transpose(1, 2), rtol=1e-12, atol=1e-12)


# --- Networks -------------------------------------------------------------------------


class Block(nn.Module):
    """gan_language.py's ResBlock."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(width, width, 5, padding=2)
        self.second = nn.Conv1d(width, width, 5, padding=2)

    def forward(self, x: Tensor) -> Tensor:
        return x + 0.3 * self.second(functional.relu(self.first(functional.relu(x))))


class Generator(nn.Module):
    """Its Generator. There the vector becomes [channels, length]; here the other way round."""

    def __init__(self, width: int, latent: int) -> None:
        super().__init__()
        self.input = nn.Linear(latent, LENGTH * width)
        self.blocks = nn.Sequential(Block(width), Block(width))
        self.output = nn.Conv1d(width, SHAPE[1], 1)

    def forward(self, noise: Tensor) -> Tensor:
        x = self.input(noise).view(len(noise), LENGTH, -1).transpose(1, 2)
        return functional.softmax(self.output(self.blocks(x)).transpose(1, 2), dim=2).flatten(1)


class Critic(nn.Module):
    """Its Discriminator."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.input = nn.Conv1d(SHAPE[1], width, 1)
        self.blocks = nn.Sequential(Block(width), Block(width))
        self.output = nn.Linear(LENGTH * width, 1)

    def forward(self, flat: Tensor) -> Tensor:
        x = self.blocks(self.input(flat.view(len(flat), *SHAPE).transpose(1, 2)))
        return self.output(x.transpose(1, 2).flatten(1))[:, 0]


def loaded(module: nn.Module, tensors: Iterator[Tensor]) -> nn.Module:
    """The module in float64 with its layers' weights and biases from the tensors, in their order."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv1d):
            weight, bias = next(tensors), next(tensors)
            if isinstance(layer, nn.Conv1d):
                weight = weight.view(layer.kernel_size[0], layer.in_channels, -1).permute(2, 1, 0)
            layer.weight.data, layer.bias.data = weight if weight.dim() == 3 else weight.T, bias[0]
    assert next(tensors, None) is None
    return module


def weights(network: ImageNetwork) -> Tensor:
    start = [network.initialize(schema.TFLibInit(), stream("test", str(r))) for r in range(REPLICAS)]
    return torch.from_numpy(np.stack(start)).double() + 0.1 * draw(REPLICAS, network.parameters)


def test_the_generator_is_the_published_one() -> None:
    network = ImageNetwork(text.generator(GENERATOR, SHAPE))
    tensors, noise = network.split(weights(network)), draw(REPLICAS, BATCH, 4)
    made = network.outputs(tensors, noise)
    assert made.shape == (REPLICAS, BATCH, LENGTH * SHAPE[1])
    torch.testing.assert_close(
        made.view(REPLICAS, BATCH, *SHAPE).sum(3), torch.ones(REPLICAS, BATCH, LENGTH).double()
    )
    for replica in range(REPLICAS):
        module = loaded(Generator(6, 4), iter([t[replica] for t in tensors]))
        torch.testing.assert_close(made[replica], module(noise[replica]), rtol=1e-10, atol=1e-12)


def test_the_critic_and_its_penalty_are_the_published_ones() -> None:
    """The slope's norm over a whole line, and the gradient of the penalty by every weight."""
    network = ImageNetwork(text.critic(CRITIC, SHAPE))
    tensors = [t.requires_grad_() for t in network.split(weights(network))]
    x = draw(REPLICAS, BATCH, LENGTH * SHAPE[1]).requires_grad_()
    scores = network.outputs(tensors, x)
    assert scores.shape == (REPLICAS, BATCH)
    (slope,) = torch.autograd.grad(scores.sum(), x, create_graph=True)
    found = torch.autograd.grad(
        ((slope.norm(dim=2) - 1) ** 2).sum(), tensors, materialize_grads=True, allow_unused=True
    )
    for replica in range(REPLICAS):
        module = loaded(Critic(6), iter([t[replica].detach() for t in tensors]))
        line = x[replica].detach().requires_grad_()
        judged = module(line)
        torch.testing.assert_close(scores[replica], judged, rtol=1e-10, atol=1e-12)
        (slope,) = torch.autograd.grad(judged.sum(), line, create_graph=True)
        size = slope.view(BATCH, *SHAPE).square().sum((1, 2)).sqrt()
        ((size - 1) ** 2).sum().backward()
        expected = module.blocks[1].first.weight.grad.permute(2, 1, 0).reshape(30, 6)
        torch.testing.assert_close(found[6][replica], expected, rtol=1e-8, atol=1e-12)


def test_parameters_and_operations_of_the_papers_setting() -> None:
    """32 characters a line, DIM = 512, five blocks; with 100 characters and one for all others."""
    shape = (32, 101)
    block = 2 * (5 * 512 * 512 + 512)
    made = text.generator(schema.TextGenerator(), shape)
    assert blocks.parameters(made) == 129 * 32 * 512 + 5 * block + 513 * 101
    judged = text.critic(schema.TextCritic(), shape)
    assert blocks.parameters(judged) == 102 * 512 + 5 * block + 32 * 512 + 1
    products = 32 * 101 * 512 + 10 * 32 * 5 * 512 * 512 + 32 * 512
    assert blocks.flops(judged) == 2 * products


def test_start_is_tflibs() -> None:
    """conv1d.py: uniform of variance 4 / (inputs + outputs), each times the kernel; linear layers 2 over."""
    conv, dense = LineConv(20, 30, 5, 8), blocks.Dense(40, 60)
    (kernel, _), (linear, _) = blocks.tensors([conv]), blocks.tensors([dense])
    assert (kernel.shape, kernel.fan_in, kernel.fan_out, kernel.numerator) == ((100, 30), 100, 150, 4)
    assert (linear.fan_in, linear.fan_out, linear.numerator) == (40, 60, 2)
