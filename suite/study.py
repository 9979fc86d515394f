"""Studies: an experiment at one scale, with the overrides of the command line applied."""

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from suite.data.catalogue import absent, entry, missing
from suite.spec.claim_checks import OF_DRAWS, controlled
from suite.spec.identity import criterion_hash
from suite.spec.runs import Cell, Condition, Run, cell, conditions, run_of, seeds
from suite.spec.schema import Claim, Experiment, FactorValue, Paper, Scale

SMOKE_SEEDS = 2
"""Runs of each condition at smoke scale, which gives no verdict."""
SPARE_SEEDS = 3
"""Runs of a condition that no claim looks at: enough for a median and a range in the figures."""


class Study:
    """What is to be run and judged: an experiment, its scale and its variant."""

    def __init__(
        self, paper: Paper, experiment: Experiment, scale: Scale, overrides: tuple[str, ...], path: Path
    ) -> None:
        self.paper, self.experiment, self.scale = paper, experiment, scale
        self.overrides, self.path = overrides, path
        self._runs: dict[Cell, list[Run]] = {}

    def __reduce__(self) -> tuple[object, ...]:
        """For another process: as it was made, without what was found since."""
        return Study, (self.paper, self.experiment, self.scale, self.overrides, self.path)

    @property
    def variant(self) -> str:
        """The overrides in one line; empty where there are none."""
        return " ".join(self.overrides)

    @property
    def name(self) -> str:
        """The experiment's id, and the overrides where there are any."""
        return f"{self.experiment.id} {self.variant}".strip()

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Arms crossed with factor levels."""
        return conditions(self.experiment)

    @cached_property
    def not_run(self) -> str:
        """Why nothing of this study can be run: data that are not there, each with its cure on further
        lines. Empty where all are.
        """
        settings = [condition.setting for condition in self.conditions]
        wanted = [missing(data) for data in dict.fromkeys(setting.data for setting in settings)]
        if any(setting.probes.inception is not None for setting in settings):
            wanted.append(absent(entry("inception")))
        return "\n".join(text for text in dict.fromkeys(wanted) if text)

    @property
    def not_run_in_short(self) -> str:
        """The same on one line."""
        return "; ".join(line.strip() for line in self.not_run.splitlines())

    @cached_property
    def criteria(self) -> dict[str, str]:
        """Claim to the hash of its criterion."""
        return {name: criterion_hash(c, self.experiment) for name, c in self.experiment.claims.items()}

    @cached_property
    def _by_cell(self) -> dict[tuple[str, Cell], Condition]:
        first = ((run_of(self.experiment, c, self.scale, self.variant, 0), c) for c in self.conditions)
        return {(run.experiment, cell(run)): condition for run, condition in first}

    @cached_property
    def experiments(self) -> frozenset[str]:
        """Whose runs are looked at: its own experiment's, and those of lenders of arms."""
        return frozenset(c.owner.experiment if c.owner else self.experiment.id for c in self.conditions)

    def condition_of(self, run: Run) -> Condition | None:
        """The condition that a run is of, whichever study asked for the run first; None where it is
        none of this study's, or of another setting than this study asks for now.
        """
        condition = self._by_cell.get((run.experiment, cell(run)))
        return condition if condition is not None and condition.setting == run.setting else None

    def runs(self, condition: Condition, count: int) -> Iterator[Run]:
        """The first ``count`` runs of one of its conditions: the very same ones each time, which know their
        ids.
        """
        known = self._runs.setdefault(cell(condition), [])
        for seed in seeds(count)[len(known) :]:
            known.append(run_of(self.experiment, condition, self.scale, self.variant, seed))
        yield from known[:count]

    def matching(self, arm: str, where: Mapping[str, FactorValue]) -> tuple[Condition, ...]:
        """The conditions of an arm at the given levels, in the order of the file."""
        return tuple(
            c
            for c in self.conditions
            if c.arm == arm and all(c.levels.get(name) == level for name, level in where.items())
        )

    def looked_at(self, claim: Claim, arm: str, count: int) -> tuple[Condition, ...]:
        """The conditions of an arm behind the first ``count`` units of a claim: its draws, or its seeds."""
        conditions = self.matching(arm, claim.where)
        return conditions[:count] if claim.kind in OF_DRAWS else conditions

    def concerned(self, claim: Claim, count: int) -> tuple[Condition, ...]:
        """The conditions that a claim and its controls look at, up to ``count`` units."""
        tests = [claim, *(controlled(claim, control) for control in claim.controls.values())]
        found = [c for test in tests for arm in arms_of(test) for c in self.looked_at(test, arm, count)]
        return self._in_order(found)

    def _in_order(self, some: Collection[Condition]) -> tuple[Condition, ...]:
        """Conditions of this study in the order of the file, each once."""
        chosen = set(map(cell, some))
        return tuple(c for c in self.conditions if cell(c) in chosen)

    def runs_of(self, claim: Claim, look: int) -> Iterator[Run]:
        """The runs that a claim and its controls ask for at a look, counted from 0."""
        count = claim.looks[look]
        for condition in self.concerned(claim, count):
            yield from self.runs(condition, seeds_of(claim, count))

    def first_runs(self) -> tuple[Run, ...]:
        """What every study begins with: each claim's first look, and for the figures some of all else."""
        return self._first_runs

    @cached_property
    def _first_runs(self) -> tuple[Run, ...]:
        return tuple(self._runs_at(0))

    def all_runs(self) -> tuple[Run, ...]:
        """What there can be at the most: each claim's last look, and all else as in the beginning."""
        return tuple(self._runs_at(-1))

    def _runs_at(self, look: int) -> Iterator[Run]:
        smoke = self.scale == "smoke"
        claims: Collection[Claim] = () if smoke else self.experiment.claims.values()
        least = SMOKE_SEEDS if smoke else SPARE_SEEDS
        # Draws beyond a look wait for the next one.
        drawn = [c for c in claims if c.kind in OF_DRAWS]
        counts = {cell(c): 0 for claim in drawn for c in self.concerned(claim, len(self.conditions))}
        for claim in claims:
            for condition in self.concerned(claim, claim.looks[look]):
                seen = counts.get(cell(condition), 0)
                counts[cell(condition)] = max(seen, seeds_of(claim, claim.looks[look]))
        for condition in self.conditions:
            yield from self.runs(condition, counts.get(cell(condition), least))


def arms_of(claim: Claim) -> tuple[str, ...]:
    """The arms a claim compares."""
    return (claim.arm,) if claim.versus is None else (claim.arm, claim.versus)


def seeds_of(claim: Claim, units: int) -> int:
    """Seeds of each condition that a claim asks for: a draw is run once."""
    return 1 if claim.kind in OF_DRAWS else units
