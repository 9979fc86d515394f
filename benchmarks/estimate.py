"""What the formula of `plan` says of each experiment of the reference, over the seconds that its runs took.

uv run python benchmarks/estimate.py
"""

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from suite.launch.estimate import by_formula  # noqa: E402
from suite.store.record import Record  # noqa: E402
from suite.store.reference import read_reference  # noqa: E402


def told_and_took() -> Iterator[tuple[str, float, float]]:
    """Of each experiment of the reference what the formula says, and what its runs took, in seconds."""
    records = sorted(read_reference(ROOT / "results").records.values(), key=_shape)
    for experiment, found in groupby(records, key=lambda record: record.run.experiment):
        batches = [list(batch) for _, batch in groupby(found, key=_shape)]
        told = sum(by_formula([record.run for record in batch]) for batch in batches)
        yield experiment, told, sum(record.cost.seconds for batch in batches for record in batch)


def figures(*, quick: bool) -> Iterator[tuple[str, float]]:
    """The formula over the seconds, of all experiments together and of those that it misses most."""
    every = [(told, took) for _, told, took in told_and_took()]
    yield "plan's formula / seconds of the reference", sum(t for t, _ in every) / sum(t for _, t in every)
    ratios = [told / took for told, took in every]
    yield "plan's formula / seconds of the reference: least", min(ratios)
    yield "plan's formula / seconds of the reference: most", max(ratios)


def main() -> None:
    """Print a table."""
    print("| experiment | formula / seconds |\n|---|---|")
    for experiment, told, took in told_and_took():
        print(f"| {experiment} | {told / took:.2f} |")


def _shape(record: Record) -> tuple[str, str, str]:
    return record.run.experiment, record.run.arm, str(record.run.levels)


if __name__ == "__main__":
    main()
