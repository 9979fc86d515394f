"""Replicas a second: the suite's loop against a plain eager loop, side by side.

The plain loop is what a user would write: one network of torch.nn modules, torch.optim,
autograd's double backward, a loss.item() a step; runs follow one another. Both sides draw
their data; an iteration is five critic steps, as in both papers. Alternating pairs in one
process on one thread, each case in a process of its own; medians of the pairs' ratios. The peak
is that of large matrix products, as many operations of them right after each pair: on a machine
that others use, a single product may meet a moment that is all its own.

    uv run python benchmarks/engine.py [--quick]
"""

import argparse
import itertools
import math
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

import torch

from suite.launch.flops import flops_of_run
from suite.spec import schema
from suite.spec.runs import Run
from suite.training.cohort import Cohort
from suite.training.loop import train
from suite.training.state import start

CPU = torch.device("cpu")
OF_PRODUCT = 2 * 1024**3
"""Operations of a product of two 1024 x 1024 matrices."""


ITERATION = 5
"""Critic steps of an iteration."""


class Case(NamedTuple):
    """A critic's shape, how it is constrained, and how many steps to train in one measurement."""

    constraint: str
    width: int
    layers: int
    batch: int
    replicas: int
    steps: int


CASES = (
    Case("penalty", 64, 4, 64, 1, 200),
    Case("penalty", 64, 4, 64, 8, 100),
    Case("penalty", 64, 4, 64, 12, 100),
    Case("penalty", 64, 13, 64, 8, 50),
    Case("penalty", 64, 4, 256, 8, 50),
    Case("penalty", 512, 4, 256, 4, 10),
    Case("clip", 64, 4, 64, 8, 100),
    Case("clip", 64, 12, 64, 12, 50),
    Case("clip", 512, 12, 256, 4, 10),
)


def setting(case: Case) -> schema.Setting:
    """Critic steps on the fixed pair real, real + noise: the generator costs nothing on either side."""
    penalised = case.constraint == "penalty"
    return schema.Setting(
        data=schema.EightGaussians(),
        generator=schema.NoisyData(),
        critic=schema.MLPCritic(layers=case.layers, width=case.width),
        loss="wasserstein",
        constraint=schema.GradientPenalty() if penalised else schema.Clip(bound=0.1),
        optimizer=schema.Adam(lr=1e-4, betas=(0.5, 0.9)) if penalised else schema.RMSProp(lr=5e-5),
        batch_size=case.batch,
        critic_steps=ITERATION,
        iterations=case.steps // ITERATION,
    )


def of_step(case: Case) -> float:
    """Operations of one critic step of one replica."""
    return flops_of_run(setting(case._replace(steps=ITERATION))) / ITERATION


def suite_seconds(case: Case) -> float:
    """Seconds of the suite's loop for one critic step of one replica."""
    runs = [
        Run(experiment="benchmark/engine", scale="desk", arm="arm", seed=seed, setting=setting(case))
        for seed in range(case.replicas)
    ]
    cohort = Cohort.of(runs, CPU)
    state = start(cohort)
    return timed(lambda: train(cohort, state, lambda _: None)) / case.steps / case.replicas


def plain_seconds(case: Case) -> float:
    """Seconds of the plain loop for one critic step."""
    sizes = [2, *[case.width] * (case.layers - 1), 1]
    made: list[torch.nn.Module] = []
    for fan_in, fan_out in itertools.pairwise(sizes):
        made += [torch.nn.Linear(fan_in, fan_out), torch.nn.ReLU()]
    critic = torch.nn.Sequential(*made[:-1])
    penalised = case.constraint == "penalty"
    optimizer = (
        torch.optim.Adam(critic.parameters(), 1e-4, betas=(0.5, 0.9))
        if penalised
        else torch.optim.RMSprop(critic.parameters(), 5e-5)
    )
    return timed(lambda: plain_loop(critic, optimizer, case, penalised)) / case.steps


def plain_loop(
    critic: torch.nn.Module, optimizer: torch.optim.Optimizer, case: Case, penalised: bool
) -> None:
    """The critic's part of Algorithm 1, step by step."""
    angles = torch.arange(8) * (torch.pi / 4)
    centres = torch.stack([angles.cos(), angles.sin()], dim=1) * 2 / 1.414
    for _ in range(case.steps):
        real = centres[torch.randint(8, (case.batch,))] + 0.02 / 1.414 * torch.randn(case.batch, 2)
        fake = real + torch.randn(case.batch, 2)
        loss = critic(fake).mean() - critic(real).mean()
        if penalised:
            share = torch.rand(case.batch, 1)
            mixed = (share * real + (1 - share) * fake).requires_grad_()
            (slope,) = torch.autograd.grad(critic(mixed).sum(), mixed, create_graph=True)
            loss = loss + 10 * ((slope.norm(dim=1) - 1) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if not penalised:
            with torch.no_grad():
                for parameter in critic.parameters():
                    parameter.clamp_(-0.1, 0.1)
        loss.item()


def peak_flops(operations: float) -> float:
    """Operations a second of products of two 1024 x 1024 matrices, at least so many operations of them."""
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    into, count = torch.mm(a, b), math.ceil(operations / OF_PRODUCT)
    return count * OF_PRODUCT / timed(lambda: [torch.mm(a, b, out=into) for _ in range(count)])


def timed(work: Callable[[], object]) -> float:
    """Seconds that ``work`` takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


class Measured(NamedTuple):
    """How many times as many steps as the plain loop, pair by pair, and the share of the matrix peak."""

    ratios: list[float]
    share: float


def compare(case: Case, pairs: int) -> Measured:
    """One case, in alternating pairs; the first of each side is not counted."""
    suite_seconds(case), plain_seconds(case)
    ratios, shares, step = [], [], of_step(case)
    for _ in range(pairs):
        ours, plain = suite_seconds(case), plain_seconds(case)
        ratios.append(plain / ours)
        shares.append(step / ours / peak_flops(step * case.steps * case.replicas))
    return Measured(sorted(ratios), statistics.median(shares))


def apart(case: Case, pairs: int) -> Measured:
    """``compare`` in a process of its own: how memory lies after other cases is no part of this one."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=on_one_thread) as process:
        return process.submit(compare, case, pairs).result()


def on_one_thread() -> None:
    """Of the process that calls it."""
    torch.set_num_threads(1)


def row(case: Case, found: Measured) -> str:
    """One row: the median ratio, its range, and the share of the matrix peak."""
    ratio, spread = statistics.median(found.ratios), f"{found.ratios[0]:.1f} to {found.ratios[-1]:.1f}"
    shape = f"| {case.constraint} | {case.width} | {case.layers} | {case.batch} | {case.replicas} "
    return f"{shape}| {ratio:.1f} ({spread}) | {100 * found.share:.0f} % |"


def figures(*, quick: bool) -> Iterator[tuple[str, float]]:
    """The median ratio of each case, by name."""
    for case in CASES:
        ratios = apart(case, 1 if quick else 7).ratios
        shape = f"width {case.width}, {case.layers} layers, batch {case.batch}, {case.replicas} replicas"
        yield f"{case.constraint}, {shape}: plain loop / suite", statistics.median(ratios)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one pair of each instead of seven")
    quick = parser.parse_args().quick
    print("| constraint | width | linear layers | batch | replicas | ratio (range) | share of peak |")
    print("|---|---|---|---|---|---|---|")
    for case in CASES:
        print(row(case, apart(case, 1 if quick else 7)), flush=True)


if __name__ == "__main__":
    main()
