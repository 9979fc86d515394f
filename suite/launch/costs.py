"""What runs took where the reference was made.

results/reference/<release>/<scale>/costs.json is written with the reference, and read to plan.
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
    """Of ``suite.launch.gauge``, on the same machine."""
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
    """Of the newest reference that comes with the program, at all of its scales, on the machine of its desk
    scale; ``NONE`` where it has none.
    """
    releases = sorted({path.parents[1] for path in places.KEPT.glob(f"reference/*/*/{FILE}")}, key=_age)
    if not releases or (usual := read_json(releases[-1] / USUAL / FILE, Costs)) is None:
        return NONE
    every = [read_json(path, Costs) for path in sorted(releases[-1].glob(f"*/{FILE}"))]
    others = [each for each in every if each is not None and each.gauge > 0]
    runs = {name: spent * usual.gauge / each.gauge for each in others for name, spent in each.runs.items()}
    return Costs(gauge=usual.gauge, runs=runs | usual.runs)


def _age(release: Path) -> tuple[object, ...]:
    return age(release.name)


def known(run: Run) -> float | None:
    """Seconds that a run took for the reference, None of one that it has not."""
    costs = of_reference().runs
    return costs.get(work(run.setting)) if costs else None
