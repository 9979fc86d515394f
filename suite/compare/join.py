"""Which run of one side belongs to which of the other."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from suite.spec.run_names import Name, name_of
from suite.spec.runs import Run
from suite.store.record import Record


class Pair(NamedTuple):
    """A run on both sides, or on one."""

    id: str
    """The newer side's where they differ."""
    before: Record | None
    after: Record | None

    @property
    def records(self) -> tuple[Record, ...]:
        """Those there are, the older side's first."""
        return tuple(record for record in (self.before, self.after) if record is not None)

    @property
    def run(self) -> Run:
        """What was asked for; the newer side's where they differ."""
        return self.records[-1].run


class Joined(NamedTuple):
    """The runs of two sides."""

    pairs: Mapping[str, Pair]
    """By run id; the newer side's where they differ."""
    by_name: Mapping[Name, Pair]
    left_over: int
    """Runs whose name is that of a pair, at a setting that one side alone has: of an older spec."""

    def of(self, run: Run, run_id: str) -> Pair | None:
        """The pair for a run that is asked for now, by its id or else by its name."""
        return self.pairs.get(run_id) or self.by_name.get(name_of(run))


def join(before: Mapping[str, Record], after: Mapping[str, Record]) -> Joined:
    """Join on run ids, then what is left over on names: its setting has changed."""
    same = {run_id: Pair(run_id, before[run_id], after[run_id]) for run_id in before if run_id in after}
    by_name = {name_of(pair.run): pair for pair in same.values()}
    old = newest(before[run_id] for run_id in before if run_id not in same)
    new = newest(after[run_id] for run_id in after if run_id not in same)
    names = [name for name in {**old, **new} if name not in by_name]
    changed = {name: _pair(old.get(name), new.get(name)) for name in names}
    pairs = {**same, **{pair.id: pair for pair in changed.values()}}
    used = 2 * len(same) + sum(len(pair.records) for pair in changed.values())
    return Joined(pairs, {**by_name, **changed}, len(before) + len(after) - used)


def newest(records: Iterable[Record]) -> dict[Name, Record]:
    """The last written record of each name."""
    found: dict[Name, Record] = {}
    for record in records:
        name = name_of(record.run)
        if name not in found or found[name].ended < record.ended:
            found[name] = record
    return found


def _pair(before: Record | None, after: Record | None) -> Pair:
    record = after or before
    assert record is not None
    return Pair(record.run.id, before, after)
