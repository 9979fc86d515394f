"""What share of an experiment's seconds its probes take, by default of all on images.

Trains each batch of an experiment's first runs on one thread, with a tenth of its iterations and all of its
probes, and scales the training up.

    uv run python benchmarks/probes.py [EXPERIMENT ...]
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import msgspec
import torch

from suite.cli import parse
from suite.commands.choose import studies
from suite.commands.selection import Selection
from suite.launch.batches import shape
from suite.spec.runs import Run
from suite.spec.sizes import is_image
from suite.study import Study
from suite.training import loop
from suite.training.bounds import Bounds
from suite.training.cohort import Cohort
from suite.training.state import State, start

SHORTER = 10
MOST = 12
"""Replicas in a batch."""


class Spent(NamedTuple):
    """Processor seconds of an experiment's first runs."""

    probes: float
    training: float

    @property
    def share(self) -> float:
        """That of the probes."""
        return self.probes / (self.probes + self.training)


class Watch:
    """The suite's probes, and the seconds that they take."""

    def __init__(self) -> None:
        self.seconds, self.measure = 0.0, loop.measure

    def __call__(self, cohort: Cohort, state: State, limits: Bounds) -> None:
        begin = time.process_time()
        self.measure(cohort, state, limits)
        self.seconds += time.process_time() - begin


def spent(study: Study) -> Spent:
    """Of a study's first runs, batch by batch."""
    groups: dict[str, list[Run]] = {}
    for run in study.first_runs():
        groups.setdefault(shape(run.setting), []).append(run)
    batches = [g[first : first + MOST] for g in groups.values() for first in range(0, len(g), MOST)]
    each = [of_batch(batch) for batch in batches]
    return Spent(sum(one.probes for one in each), sum(one.training for one in each))


def of_batch(runs: Sequence[Run]) -> Spent:
    """Of one batch."""
    whole = runs[0].setting.iterations
    iterations = max(whole // SHORTER, 1)
    cohort = Cohort.of([cut(run, iterations) for run in runs], torch.device("cpu"))
    state, watch = start(cohort), Watch()
    loop.measure, begin = watch, time.process_time()
    loop.train(cohort, state, lambda _: None)
    loop.measure, total = watch.measure, time.process_time() - begin
    return Spent(watch.seconds, (total - watch.seconds) * whole / iterations)


def cut(run: Run, iterations: int) -> Run:
    """The same run, ending early."""
    return msgspec.structs.replace(run, setting=msgspec.structs.replace(run.setting, iterations=iterations))


def figures(*, quick: bool) -> Iterator[tuple[str, float]]:
    """The probes' share of the seconds of all experiments on images; where it is to be quick of three."""
    found = [spent(study) for study in wanted([])[: 3 if quick else None]]
    probes = sum(one.probes for one in found)
    yield "experiments on images: probes / all", probes / (probes + sum(one.training for one in found))


def wanted(names: Sequence[str]) -> list[Study]:
    """The experiments of these names, or all that train something on images."""
    found = studies(Selection.of(parse(["report", *names])), reading=True)
    return [study for study in found if names or trains_on_images(study)]


def trains_on_images(study: Study) -> bool:
    """Whether one of its first runs does."""
    settings = [run.setting for run in study.first_runs()]
    return any(is_image(each.data) and each.iterations >= SHORTER for each in settings)


def row(name: str, one: Spent) -> str:
    """Of the table."""
    return f"| {name} | {one.probes:.0f} | {one.training:.0f} | {one.share:.0%} |"


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("experiments", nargs="*", metavar="EXPERIMENT")
    chosen = wanted(parser.parse_args().experiments)
    torch.set_num_threads(1)
    print("| experiment | probes (s) | training (s) | probes' share |\n|---|---|---|---|")
    total = Spent(0.0, 0.0)
    for study in chosen:
        one = spent(study)
        total = Spent(total.probes + one.probes, total.training + one.training)
        print(row(study.name, one), flush=True)
    print(row("all", total))


if __name__ == "__main__":
    main()
