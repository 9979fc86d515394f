"""Trains an experiment's own arms on the seeds of pilots, 0 to 3, and prints its metrics, seed by seed.

What experiments' notes say of pilots is found so. Nothing is recorded: seeds of verdicts begin at 10.

    uv run python benchmarks/pilot.py EXPERIMENT [PATH=VALUE ...] [--scale SCALE]
"""

import os
import sys
from pathlib import Path

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from suite.cli import parse
from suite.commands.choose import studies
from suite.commands.selection import Selection
from suite.metrics.reduce import metric
from suite.spec.runs import FIRST_SEED, Condition, run_of
from suite.study import Study
from suite.training import loop
from suite.training.cohort import Cohort
from suite.training.state import start

SEEDS = range(4)
assert SEEDS.stop <= FIRST_SEED


def told(study: Study, condition: Condition) -> str:
    """A condition's metrics, a line each."""
    runs = [run_of(study.experiment, condition, study.scale, study.variant, seed) for seed in SEEDS]
    cohort = Cohort.of(runs, torch.device("cpu"))
    state = start(cohort)
    loop.train(cohort, state, lambda _: None)
    series = [state.log.of_run(replica) for replica in range(len(runs))]
    lines = [" ".join([condition.arm, *map(str, condition.levels.values())])]
    for name, spec in study.experiment.metrics.items():
        lines.append(f"    {name}: " + ", ".join(f"{metric(spec, each):.3g}" for each in series))
    return "\n".join(lines)


def main() -> None:
    """Print what is found, condition by condition."""
    torch.set_num_threads(1)
    for study in studies(Selection.of(parse(["plan", *sys.argv[1:]]))):
        print(f"{study.name}, {study.scale} scale, seeds {SEEDS.start} to {SEEDS.stop - 1}")
        for condition in study.conditions:
            if condition.owner is None:
                print(told(study, condition), flush=True)


if __name__ == "__main__":
    main()
