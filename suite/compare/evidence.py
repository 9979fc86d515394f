"""What one side of a comparison has of a study, in the form that figures are drawn from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from suite.compare.compare import Comparison
from suite.compare.join import Pair
from suite.compare.marks import COMPARED, Mark
from suite.compare.side import Side
from suite.report.evidence import Evidence
from suite.spec.runs import Cell, Condition, cell
from suite.store.record import Record
from suite.study import SPARE_SEEDS, Study


class Both(NamedTuple):
    """A study on both sides."""

    before: Evidence
    after: Evidence
    changed: frozenset[Cell]
    """The conditions of which a run is there on both sides and is not identical."""
    sides: tuple[Side, Side]

    @property
    def study(self) -> Study:
        """What both have runs of."""
        return self.after.study

    def has_changed(self, condition: Condition) -> bool:
        """Whether there is a difference to be seen."""
        return cell(condition) in self.changed


def both(found: Comparison, study: Study, marks: Mapping[str, Mark]) -> Both:
    """Both sides' evidence of a study, of the runs that the comparison has joined, whatever their setting is
    now; ``marks`` are those of the runs, by id.
    """
    pairs = list(_pairs(found, study))
    changed = frozenset(cell(condition) for condition, pair in pairs if _has_changed(marks[pair.id]))
    old = [(condition, pair.before) for condition, pair in pairs if pair.before]
    new = [(condition, pair.after) for condition, pair in pairs if pair.after]
    before, after = found.before, found.after
    return Both(_evidence(study, before, old), _evidence(study, after, new), changed, (before, after))


def _evidence(study: Study, side: Side, found: Iterable[tuple[Condition, Record]]) -> Evidence:
    return Evidence(study, found, side.series, side.arrays)


def _pairs(found: Comparison, study: Study) -> Iterator[tuple[Condition, Pair]]:
    count = max([SPARE_SEEDS, *(max(claim.looks) for claim in study.experiment.claims.values())])
    for condition in study.conditions:
        pairs = (found.joined.of(run, run.id) for run in study.runs(condition, count))
        yield from ((condition, pair) for pair in pairs if pair is not None)


def _has_changed(mark: Mark) -> bool:
    return mark == "not comparable" or (mark in COMPARED and mark != "identical")
