"""From a study's records to the verdicts of its claims."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

import msgspec
import numpy as np

from suite.judge.controls import ControlState, control_state
from suite.judge.measures import measured, protocols
from suite.judge.reasons import REFUTED, next_look
from suite.judge.trend import trend_statistic
from suite.judge.values import Judgement, Sample
from suite.judge.verdict import DECIDED, judge, not_evaluated
from suite.series import Series
from suite.spec.claim_checks import OF_DRAWS, controlled
from suite.spec.layout import SCALES
from suite.spec.packs.code import is_here
from suite.spec.packs.faulty import is_faulty
from suite.spec.runs import Condition, Run
from suite.spec.schema import Claim, Control, Metric, Scale
from suite.store.record import Record
from suite.study import Study, arms_of, seeds_of

SeriesOf = Callable[[str], Mapping[str, Series]]
"""A run id to the run's series, for metrics that its record does not hold yet."""

Records = Mapping[str, Record]


class ControlResult(NamedTuple):
    """A control of a claim, judged."""

    name: str
    control: Control
    judgement: Judgement
    state: ControlState


class ClaimResult(NamedTuple):
    """A claim of a study, judged."""

    study: Study
    name: str
    claim: Claim
    judgement: Judgement
    controls: tuple[ControlResult, ...]
    criterion: str
    post_hoc: bool
    """Whether the criterion in force is not the one that the claim's first result was made under."""
    run_ids: tuple[str, ...]
    """The runs that the verdict rests on."""

    @property
    def id(self) -> str:
        """Experiment and claim."""
        return f"{self.study.experiment.id}:{self.name}"

    @property
    def next_look(self) -> int | None:
        """The seeds of the look that is still to come; None where the verdict is final, or where more seeds
        would decide nothing at this scale.
        """
        judgement, looks = self.judgement, self.claim.looks
        is_open = judgement.verdict == "inconclusive" and judgement.look < len(looks)
        return looks[judgement.look] if is_open and can_decide(self.claim, self.study.scale) else None


class Numbers(NamedTuple):
    """One number a seed, as far as there are any."""

    values: list[float | None]
    broken: str = ""
    """Why the next seed has no number, where that is not simply still to be run."""
    lost: str = "diverged"
    """What became of the seeds whose number is None."""
    finished: tuple[int, ...] = ()
    """The places of those whose runs all finished."""


def assess(study: Study, records: Records, series_of: SeriesOf) -> tuple[ClaimResult, ...]:
    """Judge every claim of a study on the records there are."""
    reader = _Reader(study, records, series_of)
    return tuple(_result(reader, name, claim) for name, claim in study.experiment.claims.items())


def next_runs(study: Study, results: Sequence[ClaimResult]) -> tuple[Run, ...]:
    """The runs of the next look of every claim that is still undecided."""
    wanted: dict[str, Run] = {}
    for result in results:
        if result.next_look is not None:
            wanted |= {run.id: run for run in study.runs_of(result.claim, result.judgement.look)}
    return tuple(wanted.values())


def _result(reader: "_Reader", name: str, claim: Claim) -> ClaimResult:
    study, criterion = reader.study, reader.study.criteria[name]
    judgement = _judgement(reader, claim)
    # Of controls the outcome is known, whatever the scale is too small for.
    controls = tuple(
        _control(reader, each, claim, control, judgement.n) for each, control in claim.controls.items()
    )
    ids = reader.run_ids(claim, judgement.n)
    return ClaimResult(study, name, claim, judgement, controls, criterion, reader.post_hoc(name, ids), ids)


def _control(reader: "_Reader", name: str, claim: Claim, control: Control, seeds: int) -> ControlResult:
    judgement = reader.judged(controlled(claim, control), max(seeds, claim.looks[0]))
    return ControlResult(name, control, judgement, control_state(control.expect, judgement))


class _Reader:
    """Reads metrics of a study's runs."""

    def __init__(self, study: Study, records: Records, series_of: SeriesOf) -> None:
        self.study, self.records, self.series_of = study, records, series_of
        self.protocol_of = protocols(study.experiment.metrics)

    def judged(self, claim: Claim, seeds: int) -> Judgement:
        """Judge a claim on its first ``seeds`` seeds, as far as they are there."""
        if self.study.scale == "smoke":
            return not_evaluated(claim, "smoke scale tries the plumbing and gives no verdict")
        if self.study.not_run and not self.run_ids(claim, seeds):
            return not_evaluated(claim, f"not run: {self.study.not_run_in_short}")
        if self._differing(claim, seeds):
            names = ", ".join(self._differing(claim, seeds))
            return not_evaluated(claim, f"its runs were measured with different networks: {names}")
        samples = [self._sample(claim, arm, seeds) for arm in arms_of(claim)]
        judgement = judge(claim, self._seeds(claim, samples))
        broken = next((sample.broken for sample in samples if sample.broken), "")
        if broken and judgement.verdict not in DECIDED:
            return not_evaluated(claim, broken, min(len(sample.values) for sample in samples))
        return judgement

    def _seeds(self, claim: Claim, samples: Sequence[Numbers]) -> Sample:
        """With the words for what has become of them."""
        arm, *versus = (tuple(sample.values) for sample in samples)
        lost = next((sample.lost for sample in samples if None in sample.values), "diverged")
        infinite = _infinite(self.study.experiment.metrics[claim.metric])
        return Sample(arm, versus[0] if versus else None, lost, infinite, samples[0].finished)

    def _differing(self, claim: Claim, seeds: int) -> list[str]:
        """The networks, by name, of which more than one measured the runs behind a claim."""
        hashes: dict[str, set[str]] = {}
        for run_id in self.run_ids(claim, seeds):
            for name, hash_ in self.records[run_id].instruments.items():
                hashes.setdefault(name, set()).add(hash_)
        return sorted(name for name, found in hashes.items() if len(found) > 1)

    def run_ids(self, claim: Claim, seeds: int) -> tuple[str, ...]:
        """The runs behind a claim's first ``seeds`` seeds."""
        return tuple(
            run.id
            for arm in arms_of(claim)
            for condition in self.study.looked_at(claim, arm, seeds)
            for run in self.study.runs(condition, seeds_of(claim, seeds))
            if run.id in self.records
        )

    def post_hoc(self, name: str, ids: Sequence[str]) -> bool:
        """Whether the earliest of these results was made under another criterion."""
        first = min((self.records[i] for i in ids), key=lambda record: record.started, default=None)
        return first is not None and self.study.criteria[name] not in first.criteria.values()

    def _sample(self, claim: Claim, arm: str, seeds: int) -> Numbers:
        """The levels of a trend's factor are reduced to its statistic; each draw has one number."""
        conditions = self.study.looked_at(claim, arm, seeds)
        columns = [self._column(claim, condition, seeds_of(claim, seeds)) for condition in conditions]
        if claim.kind in OF_DRAWS:
            return _in_a_row(columns)
        broken = next((column.broken for column in columns if column.broken), "")
        table = list(zip(*(column.values for column in columns), strict=False))
        if claim.over is None:
            return Numbers([row[0] for row in table], broken)
        levels = [float(condition.levels[claim.over]) for condition in conditions]
        found = [_trend(claim, levels, row) for row in table]
        finished = _finished(table, found)
        return Numbers(found, broken, _lost(claim, found, finished), finished)

    def _column(self, claim: Claim, condition: Condition, seeds: int) -> Numbers:
        column: list[float | None] = []
        # Of the condition, for all its runs: they have its setting, or another id.
        way = self.protocol_of(claim.metric, condition.setting.probes)
        for run in self.study.runs(condition, seeds):
            record = self.records.get(run.id)
            if record is None:
                break
            if record.outcome.state == "failed":
                return Numbers(column, f"run {run.id} failed: {record.outcome.reason}")
            value = self._value(claim.metric, way, record)
            if value is None and record.outcome.state == "finished":
                why = self._why(claim.metric)
                return Numbers(column, f"run {run.id} has no value of {claim.metric}{why}")
            column.append(value)
        return Numbers(column)

    def _why(self, name: str) -> str:
        """Why a metric cannot be measured here, where that is known."""
        use = self.study.experiment.metrics[name].use
        if use is None or is_here(use):
            return f": {use} does not work" if use is not None and is_faulty("metrics", use) else ""
        return f": {use} is of a pack that is not here"

    def _value(self, name: str, way: str, record: Record) -> float | None:
        spec = self.study.experiment.metrics[name]
        value = measured(record, name, spec, way, lambda: self.series_of(record.run.id))
        return None if math.isnan(value) else value


def _in_a_row(columns: Sequence[Numbers]) -> Numbers:
    """The draws' numbers up to the first that is not there."""
    there = list(takewhile(lambda column: column.values, columns))
    broken = columns[len(there)].broken if len(there) < len(columns) else ""
    return Numbers([value for column in there for value in column.values], broken)


def can_decide(claim: Claim, scale: Scale) -> bool:
    """Whether a scale is large enough for the claim."""
    return SCALES.index(scale) >= SCALES.index(claim.decided_from)


def _judgement(reader: _Reader, claim: Claim) -> Judgement:
    """A claim's judgement; at a scale too small for it that of the first look, which decides nothing."""
    scale = reader.study.scale
    if can_decide(claim, scale):
        return reader.judged(claim, max(claim.looks))
    judgement = reader.judged(claim, claim.looks[0])
    if judgement.verdict == "not evaluated":
        return judgement
    # Here no second look follows, of which an open judgement speaks.
    found = judgement.reason.removeprefix(REFUTED).removesuffix(next_look(max(claim.looks[:2])))
    reason = f"{scale} scale cannot decide this claim, {claim.decided_from} scale could; {found}"
    return msgspec.structs.replace(judgement, verdict="inconclusive", reason=reason)


def _trend(claim: Claim, levels: list[float], values: Sequence[float | None]) -> float | None:
    numbers = np.array([math.nan if value is None else value for value in values])
    statistic = trend_statistic(claim.statistic, np.array(levels), numbers)
    return None if math.isnan(statistic) else statistic


def _finished(table: Sequence[Sequence[float | None]], found: Sequence[float | None]) -> tuple[int, ...]:
    """Of a trend: a seed without its statistic may have runs that all finished."""
    rows = enumerate(zip(table, found, strict=True))
    return tuple(place for place, (row, value) in rows if value is None and None not in row)


def _lost(claim: Claim, found: Sequence[float | None], finished: Sequence[int]) -> str:
    without = f"have no {claim.statistic.replace('_', ' ')}"
    told = ["diverged"] * (found.count(None) > len(finished)) + [without] * bool(finished)
    return " or ".join(told) or "diverged"


def _infinite(metric: Metric) -> str:
    """What a seed with an infinite number did."""
    if metric.reduce == "time_to" and metric.level is not None:
        return f"never reached {metric.level:g}"
    return "are infinite"
