"""Two sides held against each other: every run, then every claim."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from suite.compare.attribution import Between, Reason, Why, commits, reasons
from suite.compare.claims import ClaimChange, decided, drafts
from suite.compare.join import Joined, join
from suite.compare.marks import COMPARED
from suite.compare.noise import Floors
from suite.compare.run_table import Board
from suite.compare.runs import READ, RunChange, measured_apart, run_change
from suite.compare.scope import Asked, asked
from suite.compare.side import Side
from suite.store.record import Record
from suite.study import Study


class Comparison(NamedTuple):
    """All that two sides have in common, and what not."""

    before: Side
    after: Side
    scale: str
    runs: tuple[RunChange, ...]
    """By run id."""
    claims: tuple[ClaimChange, ...]
    """In the order of the experiments' files."""
    silent: int
    """Claims of which neither side has a run."""
    left_over: int
    """Runs at settings of which the other side has a run at another: results of an older specification."""
    joined: Joined
    """Which run of one side belongs to which of the other."""
    unread: int = 0
    """Changed runs whose series were not read, there being so many."""
    elsewhere: frozenset[str] = frozenset()
    """The scales at which a side has runs of what was asked for."""
    words: tuple[str, ...] = ()
    """What follows ``run`` in a command that trains more of it; without, the scale alone."""

    @property
    def compared(self) -> int:
        """Runs that were there on both sides and measured alike."""
        return sum(run.mark in COMPARED for run in self.runs)

    @property
    def records(self) -> tuple[list[Record], list[Record]]:
        """Of what was asked for, those before and those after."""
        pairs = self.joined.pairs.values()
        return [p.before for p in pairs if p.before], [p.after for p in pairs if p.after]


def compare(
    studies: Sequence[Study],
    before: Side,
    after: Side,
    floors: Floors | None = None,
    between: Between | None = None,
) -> Comparison:
    """Compare what two sides have of some studies, all of one scale; judged by these studies' rules."""
    known, asks = floors or Floors(), asked(studies)
    joined = _joined(asks, before, after)
    why = _why(before, after, between or commits())
    runs = {run_id: run_change(run_id, pair, known, why) for run_id, pair in sorted(joined.pairs.items())}
    found = [draft for each in studies for draft in drafts(Board(each, joined), runs, before, after, known)]
    apart = [run_id for run_id, run in runs.items() if _has_parted(run)]
    read = {
        run_id: measured_apart(runs[run_id], joined.pairs[run_id], before, after)
        for run_id in apart[:: -(-len(apart) // READ) or 1]
    }
    return Comparison(
        before=before,
        after=after,
        scale=asks.scale,
        runs=tuple((runs | read).values()),
        claims=tuple(decided(found)),
        silent=sum(len(study.experiment.claims) for study in studies) - len(found),
        left_over=joined.left_over + len(_others(before, after)),
        joined=joined,
        unread=len(apart) - len(read),
        elsewhere=asks.scales(before.records.values()) | asks.scales(after.records.values()),
    )


def _why(before: Side, after: Side, between: Between) -> Why:
    def why(old: Record, new: Record) -> tuple[Reason, ...]:
        return reasons(before.dated(old), after.dated(new), between)

    return why


def _joined(asks: Asked, before: Side, after: Side) -> Joined:
    """The runs of both sides that are asked for; one that counts on either side does on both."""
    ids = asks.among(before.records) | asks.among(after.records)
    return join(_of(before.records, ids), _of(after.records, ids))


def _of(records: Mapping[str, Record], ids: frozenset[str]) -> dict[str, Record]:
    return {run_id: record for run_id, record in records.items() if run_id in ids}


def _others(before: Side, after: Side) -> frozenset[str]:
    """The runs in the sides' places that neither side asks for."""
    return (before.others | after.others) - before.records.keys() - after.records.keys()


def _has_parted(run: RunChange) -> bool:
    return run.mark in COMPARED and run.mark != "identical"
