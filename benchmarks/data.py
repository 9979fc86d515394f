"""Drawing batches against training on them: is the data pipeline the limit?

Draws blocks of batches of each image shape, from memory and (64 x 64) from a mapped file, and takes
critic steps of WGAN-GP with a DCGAN critic on batches of the same size; alternating on one thread, or
with the steps on a GPU. A ratio is the time to draw over the time to train: 0.01 means that drawing
adds a hundredth. Random bytes stand for the pictures: what they show costs nothing.

    uv run python benchmarks/data.py [--quick] [--device cuda]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from suite.data.images import drawn

BATCH, BLOCK, FILTERS = 64, 5, 64


class Case(NamedTuple):
    """A shape, how many images there are, and what is done with them."""

    name: str
    shape: tuple[int, int, int]
    images: int
    dequantize: bool = False
    mapped: bool = False


CASES = (
    Case("digits", (16, 16, 1), 1_197),
    Case("fashion_mnist", (32, 32, 1), 60_000),
    Case("cifar10", (32, 32, 3), 50_000),
    Case("cifar10, dequantised", (32, 32, 3), 50_000, dequantize=True),
    Case("lsun_bedrooms, mapped", (64, 64, 3), 50_000, mapped=True),
)


def pictures(case: Case, folder: Path) -> NDArray[np.uint8]:
    """Random bytes in memory or in a mapped file."""
    found = np.random.default_rng(0).integers(256, size=(case.images, *case.shape), dtype=np.uint8)
    if not case.mapped:
        return found
    np.save(folder / "pictures.npy", found)
    return np.lib.format.open_memmap(folder / "pictures.npy", mode="r")


def critic(shape: tuple[int, int, int]) -> nn.Sequential:
    """Convolutions of stride 2 down to 4 x 4, filters doubling, one linear output."""
    layers: list[nn.Module] = []
    side, channels, filters = shape[0], shape[2], FILTERS
    while side > 4:
        layers += [nn.Conv2d(channels, filters, 4, 2, 1), nn.LeakyReLU(0.2)]
        side, channels, filters = side // 2, filters, 2 * filters
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(side * side * channels, 1))


def trainer(case: Case, device: torch.device) -> Callable[[NDArray[np.float32]], None]:
    """A critic step of WGAN-GP for each batch of a block; fakes are noise."""
    torch.manual_seed(0)
    network = critic(case.shape).to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, betas=(0.5, 0.9))
    height, width, channels = case.shape

    def train(block: NDArray[np.float32]) -> None:
        batches = torch.from_numpy(block).to(device).view(BLOCK, BATCH, height, width, channels)
        for real in batches.permute(0, 1, 4, 2, 3):
            fake = torch.rand_like(real)
            at = torch.lerp(real, fake, torch.rand(BATCH, 1, 1, 1, device=device)).requires_grad_()
            (slope,) = torch.autograd.grad(network(at).sum(), at, create_graph=True)
            penalty = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
            loss = network(fake).mean() - network(real).mean() + 10 * penalty
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    return train


def ratios(case: Case, device: torch.device, pairs: int) -> Iterator[float]:
    """Seconds to draw a block over seconds to train on it, pair by pair; the first is not counted."""
    rng, train = np.random.default_rng(1), trainer(case, device)
    with tempfile.TemporaryDirectory() as folder:
        source = pictures(case, Path(folder))
        for number in range(pairs + 1):
            begun = time.perf_counter()
            block = drawn(source, rng, BLOCK * BATCH, dequantize=case.dequantize)
            middle = time.perf_counter()
            train(block)
            if number:
                yield (middle - begun) / (time.perf_counter() - middle)


def figures(*, quick: bool) -> Iterator[tuple[str, float]]:
    """The median ratio of each kind of data, by name."""
    for case in CASES:
        found = ratios(case, torch.device("cpu"), 3 if quick else 9)
        yield f"{case.name}: drawing / training", statistics.median(found)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="three pairs instead of nine")
    parser.add_argument("--device", default="cpu", help="where to train: cpu or cuda (default: cpu)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| data | drawing / training (range) |\n|---|---|")
    for case in CASES:
        found = sorted(ratios(case, torch.device(options.device), 3 if options.quick else 9))
        print(
            f"| {case.name} | {statistics.median(found):.4f} ({found[0]:.4f} to {found[-1]:.4f}) |",
            flush=True,
        )


if __name__ == "__main__":
    main()
