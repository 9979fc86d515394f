"""What the formula of `plan` says of each experiment of the reference, over the seconds that its runs took.

uv run python benchmarks/estimate.py
"""

import sys
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from suite.launch.estimate import by_formula  # noqa: E402
from suite.store.record import Record  # noqa: E402
from suite.store.reference import read_reference  # noqa: E402


def main() -> None:
    """Print a table."""
    records = sorted(read_reference(ROOT / "results").records.values(), key=_shape)
    print("| experiment | formula / seconds |\n|---|---|")
    for experiment, found in groupby(records, key=lambda record: record.run.experiment):
        batches = [list(batch) for _, batch in groupby(found, key=_shape)]
        took = sum(record.cost.seconds for batch in batches for record in batch)
        told = sum(by_formula([record.run for record in batch]) for batch in batches)
        print(f"| {experiment} | {told / took:.2f} |")


def _shape(record: Record) -> tuple[str, str, str]:
    return record.run.experiment, record.run.arm, str(record.run.levels)


if __name__ == "__main__":
    main()
