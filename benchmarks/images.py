"""Convolutions of many replicas, and whole training steps on images: the suite against plain PyTorch.

First the forward and backward pass of single layers: by wide tiles as the suite has them, by tiles of
one place (each kernel's patch by itself), and by torch's own convolution, one replica after the other.
Then WGAN-GP's training step on DCGAN's networks at desk scale, against a plain loop of torch.nn modules.
Alternating rounds in one process on one thread; medians of the rounds' ratios.

    uv run python benchmarks/images.py [--quick]
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from suite.networks.convolution import convolve
from suite.networks.tiles import Tiles, unfold
from suite.spec import schema
from suite.spec.runs import Run
from suite.training.cohort import Cohort
from suite.training.loop import train
from suite.training.state import start

REPLICAS, BATCH = 12, 32
CRITIC_STEPS, ITERATIONS = 3, 4


class Layer(NamedTuple):
    """A convolution of pictures of side ``size``."""

    size: int
    inputs: int
    outputs: int
    kernel: int
    stride: int


LAYERS = (
    Layer(16, 1, 8, 4, 2),
    Layer(8, 8, 16, 4, 2),
    Layer(16, 8, 8, 3, 1),
    Layer(8, 16, 16, 3, 1),
    Layer(32, 16, 32, 4, 2),
)


def layer_works(layer: Layer) -> tuple[Callable[[], object], ...]:
    """Forward and backward pass of all replicas: wide tiles, tiles of one place, torch's own."""
    x = torch.randn(REPLICAS, BATCH, layer.size, layer.size, layer.inputs, requires_grad=True)
    weight = torch.randn(REPLICAS, layer.kernel**2 * layer.inputs, layer.outputs, requires_grad=True)
    kernels = weight.detach().view(REPLICAS, layer.kernel, layer.kernel, layer.inputs, layer.outputs)
    filters = kernels.permute(0, 4, 3, 1, 2).contiguous().requires_grad_()
    pictures = x.detach().permute(0, 1, 4, 2, 3).contiguous().requires_grad_()
    return (
        lambda: both_ways(convolve(x, weight, None, layer.kernel, layer.stride), x, weight),
        lambda: both_ways(torch.bmm(unfold(x, Tiles(layer.kernel, layer.stride, 1)), weight), x, weight),
        lambda: [
            both_ways(functional.conv2d(each, own, None, layer.stride, layer.kernel // 2), each, own)
            for each, own in zip(pictures.unbind(), filters.unbind(), strict=True)
        ],
    )


def both_ways(made: Tensor, *inputs: Tensor) -> object:
    """The gradients of a sum."""
    return torch.autograd.grad(made.sum(), inputs)


def setting() -> schema.Setting:
    """WGAN-GP on digits as in ``wgan/generator-robustness`` at desk scale, without probes."""
    return schema.Setting(
        data=schema.Digits(),
        generator=schema.DCGANGenerator(width=8, latent=32),
        critic=schema.DCGANCritic(width=8, normalization="none"),
        loss="wasserstein",
        constraint=schema.GradientPenalty(),
        optimizer=schema.Adam(lr=1e-3, betas=(0.5, 0.9)),
        batch_size=BATCH,
        critic_steps=CRITIC_STEPS,
        iterations=ITERATIONS,
    )


def suite_training() -> None:
    """The suite's loop for all replicas."""
    runs = [
        Run(experiment="benchmark/images", scale="desk", arm="arm", seed=seed, setting=setting())
        for seed in range(REPLICAS)
    ]
    cohort = Cohort.of(runs, torch.device("cpu"))
    train(cohort, start(cohort), lambda _: None)


def plain_training() -> None:
    """What a user would write, one replica after the other."""
    for _ in range(REPLICAS):
        plain_run(generator(), critic())


def generator() -> nn.Module:
    """DCGAN's for 16 x 16, 8 filters."""
    return nn.Sequential(
        nn.Linear(32, 256, bias=False), nn.Unflatten(1, (16, 4, 4)), nn.BatchNorm2d(16), nn.ReLU(),
        nn.ConvTranspose2d(16, 8, 4, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
        nn.ConvTranspose2d(8, 1, 4, 2, 1, bias=False), nn.Tanh(),
    )  # fmt: skip


def critic() -> nn.Module:
    """DCGAN's for 16 x 16, 8 filters, without batch normalisation."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 4, 2, 1, bias=False), nn.LeakyReLU(0.2),
        nn.Conv2d(8, 16, 4, 2, 1, bias=False), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(256, 1, bias=False),
    )  # fmt: skip


def plain_run(made: nn.Module, judge: nn.Module) -> None:
    """Algorithm 1 of WGAN-GP."""
    moves = [torch.optim.Adam(net.parameters(), 1e-3, betas=(0.5, 0.9)) for net in (made, judge)]
    for _ in range(ITERATIONS):
        for _ in range(CRITIC_STEPS):
            real, fake = torch.rand(BATCH, 1, 16, 16), made(torch.randn(BATCH, 32)).detach()
            share = torch.rand(BATCH, 1, 1, 1)
            mixed = (share * real + (1 - share) * fake).requires_grad_()
            (slope,) = torch.autograd.grad(judge(mixed).sum(), mixed, create_graph=True)
            penalty = 10 * ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
            step(moves[1], judge(fake).mean() - judge(real).mean() + penalty)
        step(moves[0], -judge(made(torch.randn(BATCH, 32))).mean())


def step(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """One move."""
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    optimizer.step()
    loss.item()


def timed(work: Callable[[], object]) -> float:
    """Seconds that ``work`` takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def ratios(works: tuple[Callable[[], object], ...], rounds: int) -> list[float]:
    """How many times as long as the first each of the others takes: medians over the rounds."""
    for work in works:
        work()
    times = [[timed(work) for work in works] for _ in range(rounds)]
    return [statistics.median(row[other] / row[0] for row in times) for other in range(1, len(works))]


def figures(*, quick: bool) -> Iterator[tuple[str, float]]:
    """Each layer's ratio to torch's convolutions, and that of the whole step, by name."""
    rounds = 2 if quick else 15
    for layer in LAYERS:
        shape = f"{layer.size} x {layer.size}, {layer.inputs} to {layer.outputs}, kernel {layer.kernel}"
        yield f"convolution {shape}: torch's, one by one / suite", ratios(layer_works(layer), rounds)[1]
    yield "WGAN-GP on DCGAN: plain loop / suite", ratios((suite_training, plain_training), rounds)[0]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two rounds instead of fifteen")
    rounds = 2 if parser.parse_args().quick else 15
    torch.set_num_threads(1)
    print("| side | inputs | outputs | kernel | stride | patch by patch | torch's, replica by replica |")
    print("|---|---|---|---|---|---|---|")
    for layer in LAYERS:
        patches, torchs = ratios(layer_works(layer), rounds)
        print(f"| {' | '.join(map(str, layer))} | {patches:.1f} | {torchs:.1f} |", flush=True)
    print(f"\nWGAN-GP on DCGAN, {REPLICAS} replicas: the plain loop takes ", end="")
    print(f"{ratios((suite_training, plain_training), rounds)[0]:.1f} times as long")


if __name__ == "__main__":
    main()
