"""How near a critic's training step comes to what the processor's matrix products allow.

Speeds of WGAN-GP's critic step against its size, for the suite and for a plain loop, under the speed of a
large matrix product: docs/images/roofline.png, and a table. Median of alternating pairs on one thread.

    uv run python benchmarks/roofline.py [--quick]
"""

import argparse
import itertools
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
import torch

from engine import ITERATION, Case, of_step, peak_flops, plain_seconds, suite_seconds

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "roofline.png"
WIDTHS, LAYERS, BATCHES, REPLICAS = (16, 32, 64, 128, 256, 512), (4, 13), (64, 256), (1, 8)
OPERATIONS = 4e9
"""Operations that one measurement should take at least."""


class Point(NamedTuple):
    """One shape: operations of a step of one replica, and how many a second each way does."""

    width: int
    layers: int
    batch: int
    replicas: int
    step: float
    suite: float
    plain: float
    peak: float


def cases() -> Iterator[Case]:
    """Every shape, with as many steps as a measurement needs."""
    for width, layers, batch, replicas in itertools.product(WIDTHS, LAYERS, BATCHES, REPLICAS):
        case = Case("penalty", width, layers, batch, replicas, ITERATION)
        iterations = max(1, min(20, round(OPERATIONS / of_step(case) / replicas / ITERATION)))
        yield case._replace(steps=iterations * ITERATION)


def measured(case: Case, pairs: int) -> Point:
    """One shape, the two ways in turn."""
    suite_seconds(case), plain_seconds(case)
    step = of_step(case)
    whole = step * case.steps * case.replicas
    rows = [(step / suite_seconds(case), step / plain_seconds(case), peak_flops(whole)) for _ in range(pairs)]
    suite, plain, peak = map(statistics.median, zip(*rows, strict=True))
    return Point(case.width, case.layers, case.batch, case.replicas, step, suite, plain, peak)


def row(point: Point) -> str:
    """One line of the table."""
    shape = f"| {point.width} | {point.layers} | {point.batch} | {point.replicas} "
    shares = (f"{100 * speed / point.peak:.0f} %" for speed in (point.suite, point.plain))
    return f"{shape}| {' | '.join(shares)} | {point.suite / point.plain:.1f} |"


def long(points: list[Point]) -> pd.DataFrame:
    """A row for each point and each way."""
    ways = (("suite, 8 replicas", "suite", 8), ("suite, 1 replica", "suite", 1), ("plain loop", "plain", 1))
    rows = [
        (title, point.step / 1e6, getattr(point, way) / 1e9, f"{point.layers} layers")
        for title, way, replicas in ways
        for point in points
        if point.replicas == replicas
    ]
    return pd.DataFrame(rows, columns=["way", "step", "speed", "depth"])


def draw(points: list[Point]) -> None:
    """The figure."""
    mpl.use("Agg")
    sns.set_theme(style="ticks", context="paper", palette="colorblind")
    figure, axes = plt.subplots(figsize=(5, 3.4), layout="constrained")
    sns.scatterplot(long(points), x="step", y="speed", hue="way", style="depth", ax=axes)
    peak = statistics.median(point.peak for point in points) / 1e9
    axes.axhline(peak, color="black", linewidth=1)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="Operations of a critic step of one replica (million)",
        ylabel="Speed (GFLOP/s)",
    )
    beside = axes.get_yaxis_transform()
    axes.text(0.02, peak, "a large matrix product", transform=beside, va="bottom", fontsize="small")
    axes.legend(frameon=False, fontsize="small")
    sns.despine(figure)
    figure.savefig(PICTURE, dpi=150)


def main() -> None:
    """Print the table, and write the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one pair of each instead of three")
    pairs = 1 if parser.parse_args().quick else 3
    torch.set_num_threads(1)
    print("| width | linear layers | batch | replicas | suite's share | plain loop's | ratio |")
    print("|---|---|---|---|---|---|---|")
    points = []
    for case in cases():
        points.append(measured(case, pairs))
        print(row(points[-1]), flush=True)
    draw(points)


if __name__ == "__main__":
    main()
