"""What runs took where the reference was made.

results/reference/<release>/desk/costs.json is written with the reference, and read to plan.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from suite import places
from suite.spec.runs import Run, work
from suite.spec.schema import Frozen
from suite.store.decoding import read_json
from suite.store.files import write
from suite.store.record import Record
from suite.store.reference import USUAL, age

FILE: Final = "costs.json"


class Costs(Frozen, kw_only=True):
    """Seconds of one core."""

    gauge: float
    """Of ``suite.launch.machine_speed``, on the same machine."""
    runs: dict[str, float]
    """Of one run, by what it has to do: ``suite.spec.runs.work``."""


NONE: Final = Costs(gauge=0.0, runs={})


def of_records(records: Iterable[Record], gauge: float) -> Costs:
    """The mean over the seeds of each setting that a CPU has trained."""
    spent: dict[str, list[float]] = {}
    for record in (each for each in records if each.environment.device == "cpu"):
        spent.setdefault(work(record.run.setting), []).append(record.cost.seconds)
    means = {name: round(sum(each) / len(each), 3) for name, each in sorted(spent.items())}
    return Costs(gauge=gauge, runs=means)


def write_costs(folder: Path, costs: Costs) -> None:
    """Write them beside a reference."""
    write(folder / FILE, msgspec.json.format(msgspec.json.encode(costs), indent=1) + b"\n")


@cache
def of_reference() -> Costs:
    """Of the newest reference that comes with the program; ``NONE`` where it has none."""
    paths = sorted(
        places.KEPT.glob(f"reference/*/{USUAL}/{FILE}"), key=lambda path: age(path.parents[1].name)
    )
    return (read_json(paths[-1], Costs) if paths else None) or NONE


def known(run: Run) -> float | None:
    """Seconds that a run took for the reference, None of one that it has not."""
    costs = of_reference().runs
    return costs.get(work(run.setting)) if costs else None
