"""The mark of each run: equal to the bit, or how far apart, and why."""

from collections.abc import Mapping
from typing import NamedTuple

from suite.compare.attribution import Reason, Why
from suite.compare.deviation import Deviation, deviation
from suite.compare.join import Pair
from suite.compare.marks import Mark
from suite.compare.noise import Floors
from suite.compare.side import Side
from suite.store.record import Record, State

READ = 1000
"""Changed runs whose series are read, at most: each takes milliseconds."""
BETTER: Mapping[State, int] = {"failed": 0, "diverged": 1, "finished": 2}


class RunChange(NamedTuple):
    """A run on two sides."""

    id: str
    experiment: str
    arm: str
    mark: Mark
    reasons: tuple[Reason, ...] = ()
    note: str = ""
    deviation: Deviation | None = None


def run_change(run_id: str, pair: Pair, floors: Floors, why: Why) -> RunChange:
    """The mark of one run, its series not looked at yet."""
    experiment, arm = pair.run.experiment, pair.run.arm
    if pair.before is None or pair.after is None:
        return RunChange(run_id, experiment, arm, "new" if pair.before is None else "missing")
    mark, note = _mark(pair.before, pair.after, floors)
    reasons = () if mark == "identical" else why(pair.before, pair.after)
    return RunChange(run_id, experiment, arm, mark, reasons, note)


def measured_apart(change: RunChange, pair: Pair, before: Side, after: Side) -> RunChange:
    """The change with how far its series part, where both sides have series."""
    if pair.before is None or pair.after is None or not (before.series_of and after.series_of):
        return change
    old, new = before.series(pair.before.run.id), after.series(pair.after.run.id)
    if not old or not new:
        return change
    found = deviation(old, new)
    if found is None:
        return change._replace(note=change.note or "its series are equal, its final parameters are not")
    return change._replace(deviation=found)


def is_identical(before: Record, after: Record) -> bool:
    """Whether two trainings gave the same parameters, series, and metrics as far as both took them."""
    same = bool(before.digest) and before.digest == after.digest
    return same and not other_metrics(before, after)


def other_metrics(before: Record, after: Record) -> list[str]:
    """The metrics that were taken in the same way and have another value."""
    shared = before.metrics.keys() & after.metrics.keys()
    both = ((name, before.metrics[name], after.metrics[name]) for name in sorted(shared))
    return [name for name, old, new in both if old.protocol == new.protocol and old.value != new.value]


def _mark(before: Record, after: Record, floors: Floors) -> tuple[Mark, str]:
    old, new = before.outcome.state, after.outcome.state
    if before.run.setting != after.run.setting:
        return "not comparable", "its setting has changed"
    if old != new:
        return ("new failure" if BETTER[new] < BETTER[old] else "fixed"), _ended(before, after)
    if is_identical(before, after):
        return "identical", ""
    if old == "failed":
        return "not comparable", "failed on both sides"
    if _other_instruments(before, after):
        return "not comparable", "measured with another network"
    if before.digest == after.digest:
        names = ", ".join(other_metrics(before, after))
        return "changed", f"the same bits give other metrics: {names}"
    return ("within noise" if floors.hold(before, after) else "changed"), ""


def _other_instruments(before: Record, after: Record) -> bool:
    shared = before.instruments.keys() & after.instruments.keys()
    return any(before.instruments[name] != after.instruments[name] for name in shared)


def _ended(before: Record, after: Record) -> str:
    return f"{_end(before)}, now {_end(after)}"


def _end(record: Record) -> str:
    outcome = record.outcome
    if outcome.state == "diverged":
        return f"diverged at iteration {outcome.step}"
    return f"{outcome.state}: {outcome.reason}" if outcome.reason else outcome.state
