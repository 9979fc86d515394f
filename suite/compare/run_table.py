"""A study's runs, each with what both sides have of it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from suite.compare.join import Joined, Pair
from suite.spec.runs import Cell, Condition, cell, seeds
from suite.spec.schema import Claim
from suite.store.record import Record
from suite.study import Study, arms_of


class Place(NamedTuple):
    """A run that a study asks for, and what there is of it."""

    run_id: str
    pair: Pair


class Board:
    """The runs of a study by condition and seed, each with its record on either side."""

    def __init__(self, study: Study, joined: Joined) -> None:
        self.study = study
        self.cells: dict[tuple[Cell, int], Place] = {}
        for claim in study.experiment.claims.values():
            for condition in study.concerned(claim, len(study.conditions)):
                self._add(condition, max(claim.looks), joined)

    def places(self, claim: Claim) -> list[Place]:
        """The runs that a claim itself looks at, its controls left out, as far as a side has them."""
        count = len(self.study.conditions)
        looked_at = (c for arm in arms_of(claim) for c in self.study.looked_at(claim, arm, count))
        return [place for condition in looked_at for place in self.of(condition, claim)]

    def of(self, condition: Condition, claim: Claim) -> Iterator[Place]:
        """The runs of a condition up to the claim's last look."""
        found = (self.at(condition, seed) for seed in seeds(max(claim.looks)))
        yield from (place for place in found if place is not None)

    def at(self, condition: Condition, seed: int) -> Place | None:
        """One run, None where neither side has it."""
        return self.cells.get((cell(condition), seed))

    def records(self, *, after: bool) -> Mapping[str, Record]:
        """One side's records by the ids that the study asks for now."""
        found = ((place.run_id, place.pair.after if after else place.pair.before) for place in self._all())
        return {run_id: record for run_id, record in found if record is not None}

    def _all(self) -> Iterator[Place]:
        yield from self.cells.values()

    def _add(self, condition: Condition, count: int, joined: Joined) -> None:
        for run in self.study.runs(condition, count):
            known = cell(condition), run.seed
            if known not in self.cells:
                run_id = run.id
                pair = joined.of(run, run_id)
                if pair is not None:
                    self.cells[known] = Place(run_id, pair)
