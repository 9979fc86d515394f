"""What one side of a comparison has of a study, in the form that figures are drawn from."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.compare.compare import Comparison
from suite.compare.join import Pair
from suite.compare.marks import COMPARED, Mark
from suite.compare.side import Side
from suite.report.evidence import Array, Evidence
from suite.series import Series
from suite.spec.runs import Condition
from suite.store.record import Record
from suite.study import SPARE_SEEDS, Study

Key = tuple[str, tuple[tuple[str, object], ...]]
"""Arm and levels."""
Pairs = Mapping[Key, tuple[Pair, ...]]


class SideEvidence(Evidence):
    """One side's runs of a study, those that the comparison has joined, whatever their setting is now."""

    def __init__(self, study: Study, side: Side, runs: Mapping[Key, tuple[Record, ...]]) -> None:
        self.study, self.side, self._runs = study, side, runs
        self.records = tuple(record for each in runs.values() for record in each)
        self._series: dict[str, Mapping[str, Series]] = {}
        self._arrays: dict[str, Mapping[str, NDArray[np.generic]]] = {}

    def of(self, condition: Condition) -> tuple[Record, ...]:
        """The records of a condition, in the order of their seeds."""
        return self._runs.get(key(condition), ())

    def series(self, record: Record) -> Mapping[str, Series]:
        """The scalar series of a run; none where the side has none."""
        run_id = record.run.id
        if run_id not in self._series:
            self._series[run_id] = self.side.series(run_id)
        return self._series[run_id]

    def array(self, record: Record, name: str) -> Array | None:
        """A recorded array, shape [points, ...], None where the run has none."""
        run_id = record.run.id
        if run_id not in self._arrays:
            self._arrays[run_id] = self.side.arrays(run_id)
        found = self._arrays[run_id].get(name)
        return None if found is None or len(found) == 0 else found.astype(np.float64)


class Both(NamedTuple):
    """A study on both sides."""

    before: SideEvidence
    after: SideEvidence
    changed: frozenset[Key]
    """The conditions of which a run is there on both sides and is not identical."""

    @property
    def study(self) -> Study:
        """What both have runs of."""
        return self.after.study

    def has_changed(self, condition: Condition) -> bool:
        """Whether there is a difference to be seen."""
        return key(condition) in self.changed


def both(found: Comparison, study: Study, marks: Mapping[str, Mark]) -> Both:
    """Both sides' evidence of a study; ``marks`` are those of the runs, by id."""
    pairs = _pairs(found, study)
    changed = {name for name, all_ in pairs.items() if any(_has_changed(marks[pair.id]) for pair in all_)}
    old = {name: tuple(pair.before for pair in all_ if pair.before) for name, all_ in pairs.items()}
    new = {name: tuple(pair.after for pair in all_ if pair.after) for name, all_ in pairs.items()}
    sides = SideEvidence(study, found.before, old), SideEvidence(study, found.after, new)
    return Both(*sides, frozenset(changed))


def key(condition: Condition) -> Key:
    """What a condition is known by, whatever its setting is."""
    return condition.arm, tuple(condition.levels.items())


def _pairs(found: Comparison, study: Study) -> Pairs:
    count = max([SPARE_SEEDS, *(max(claim.looks) for claim in study.experiment.claims.values())])
    asked = {key(c): (found.joined.of(run, run.id) for run in study.runs(c, count)) for c in study.conditions}
    return {name: tuple(pair for pair in pairs if pair is not None) for name, pairs in asked.items()}


def _has_changed(mark: Mark) -> bool:
    return mark == "not comparable" or (mark in COMPARED and mark != "identical")
