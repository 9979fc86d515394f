"""Processor seconds that reading the records of many runs takes: from their own files, and from one.

The runs are those of the experiments with more seeds than anybody trains, their numbers are made up.
Ratios are of one run of this program, so that they say as much on another machine.

    uv run python benchmarks/records.py [--runs 50000]
"""

import argparse
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from suite.cli import parse  # noqa: E402
from suite.commands.choose import studies  # noqa: E402
from suite.commands.selection import Selection  # noqa: E402
from suite.spec.runs import Run  # noqa: E402
from suite.store.compact import NAME  # noqa: E402
from suite.store.record import Code, Cost, Environment, Measured, Outcome, Record  # noqa: E402
from suite.store.seal import sealed, written  # noqa: E402
from suite.store.store import Store  # noqa: E402
from suite.study import Study  # noqa: E402

CODE = Code("0123456789ab", "0" * 40)
ENVIRONMENT = Environment(
    python="3.11.7",
    platform="Linux-6.1-x86_64-with-glibc2.36",
    processor="A processor @ 2.80GHz",
    cores=2,
    device="cpu",
    threads=1,
    deterministic=True,
    packages={f"package{i}": f"1.{i}.0" for i in range(8)},
)


def records(wanted: int) -> Iterator[Record]:
    """So many records, of all desk-scale experiments by turns."""
    chosen = studies(Selection.of(parse(["report"])))
    conditions = [(study, condition) for study in chosen for condition in study.conditions]
    seeds = -(-wanted // len(conditions))
    every = (
        record(study, run)
        for study, condition in conditions
        if condition.owner is None
        for run in study.runs(condition, 2 * seeds)
    )
    return itertools.islice(every, wanted)


def record(study: Study, run: Run) -> Record:
    """A record of invented numbers."""
    return Record(
        run=run,
        code=CODE,
        environment=ENVIRONMENT,
        started="2026-01-01T00:00:00+00:00",
        ended="2026-01-01T00:01:00+00:00",
        outcome=Outcome("finished"),
        cost=Cost(random.random(), 1e12, 6),
        metrics={name: Measured(random.random(), "0123456789ab") for name in study.experiment.metrics},
        criteria={f"{study.name}:{name}": each for name, each in study.criteria.items()},
        digest=f"{random.getrandbits(256):064x}",
    )


def put(store: Store, of: Record) -> None:
    """Write a record as a run does, without waiting for the disk."""
    path = store.folder(of.run.id).record_path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(sealed(of)))


def timed(store: Store) -> float:
    """Processor seconds of one reading: others on the machine do not count."""
    begin = time.process_time()
    found = store.contents()
    assert not found.problems
    return time.process_time() - begin


def measure(wanted: int) -> None:
    """Print a table."""
    with tempfile.TemporaryDirectory() as name:
        store = Store(Path(name), CODE.fingerprint)
        made = list(records(wanted))
        for each in made:
            put(store, each)
        time.sleep(3)  # Files are kept together once they have settled.
        first = timed(store)
        rows = [("from their own files, and written together", first), ("from one file", timed(store))]
        for each in made[::500]:
            put(store, each)
        rows.append(("from one file, one record in 500 new", timed(store)))
        (store.runs / NAME).write_bytes(b"damaged")
        rows.append(("from their own files again, the one damaged", timed(store)))
        size = (store.runs / NAME).stat().st_size
        print(f"{len(made)} records, one file of {size / 1e6:.1f} MB\n")
        print("| reading | processor seconds | microseconds a record | of the first |\n|---|---|---|---|")
        for title, seconds in rows:
            print(f"| {title} | {seconds:.2f} | {1e6 * seconds / len(made):.0f} | {seconds / first:.3f} |")


def main() -> None:
    """Make the records, and read them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=50_000)
    measure(parser.parse_args().runs)


if __name__ == "__main__":
    main()
