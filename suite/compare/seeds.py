"""A claim's numbers on the seeds that two sides share."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from suite.compare.run_table import Board
from suite.compare.side import Side
from suite.judge.measures import measured
from suite.judge.orientation import oriented, placed, sign
from suite.judge.success import against, seeds_succeeded
from suite.judge.trend import trend_statistic
from suite.judge.values import Sample
from suite.metrics.reduce import protocol
from suite.spec.claim_checks import CENTRED, OF_DRAWS
from suite.spec.runs import FIRST_SEED, Condition, seeds
from suite.spec.schema import Claim
from suite.store.record import Record
from suite.study import arms_of

Floats = npt.NDArray[np.float64]


class Shared(NamedTuple):
    """The seeds that both sides have a number of, and these; None as in ``Seeds``."""

    seeds: tuple[int, ...]
    before: Sample
    after: Sample

    @property
    def n(self) -> int:
        """How many."""
        return len(self.seeds)


def shared(board: Board, claim: Claim, before: Side, after: Side) -> Shared:
    """A claim's numbers, up to its last look."""
    old, new = _numbers(board, claim, before, after=False), _numbers(board, claim, after, after=True)
    both = [seed for seed in seeds(max(claim.looks)) if all(seed in each for each in (*old, *new))]
    return Shared(tuple(both), _sample(old, both), _sample(new, both))


def effects(claim: Claim, sample: Sample) -> Floats:
    """What the claim is about, one number a seed [n]: higher is better, and a diverged run is -inf, as one
    is whose number is infinite on the worse side.

    Of a rate it is whether the seed succeeds, of a paired rate whether a draw does so with the arm alone (1)
    or with the other alone (-1). Of an equivalence or identity it is the value as it is,
    +inf for a diverged run and for any infinite one, neither end being the better one.
    """
    if claim.kind in CENTRED:
        return _centred(sample)
    if claim.kind == "rate":
        return sign(claim) * seeds_succeeded(claim, sample.arm, diverged=against(claim)).astype(float)
    if claim.kind == "paired_rate":
        won = seeds_succeeded(claim, sample.arm, diverged=False).astype(float)
        return sign(claim) * (won - seeds_succeeded(claim, sample.versus or (), diverged=False))
    arm = oriented(claim, sample.arm)
    return arm if sample.versus is None else minus(arm, oriented(claim, sample.versus))


def minus(left: Floats, right: Floats) -> Floats:
    """``left`` less ``right``, where two equal infinities are alike."""
    with np.errstate(invalid="ignore"):
        found = left - right
    return np.where(np.isnan(found), 0.0, found)


def _centred(sample: Sample) -> Floats:
    found = placed(sample.arm, math.nan)
    if sample.versus is not None:
        with np.errstate(invalid="ignore"):
            found = found - placed(sample.versus, math.nan)
    return np.where(np.isfinite(found), found, math.inf)


class Number(NamedTuple):
    """A seed's number, None where there is none; and whether all its runs finished."""

    value: float | None
    finished: bool

    @classmethod
    def of(cls, value: float, row: Sequence[float]) -> "Number":
        """Of a number and the runs' that it comes from, NaN where one diverged."""
        return cls(None if math.isnan(value) else value, finished=not any(map(math.isnan, row)))


Column = dict[int, Number]
"""By seed."""


def _numbers(board: Board, claim: Claim, side: Side, *, after: bool) -> list[Column]:
    """A column for each arm."""
    return [_column(board, claim, arm, side, after) for arm in arms_of(claim)]


def _column(board: Board, claim: Claim, arm: str, side: Side, after: bool) -> Column:
    conditions = board.study.matching(arm, claim.where)
    column: Column = {}
    if claim.kind in OF_DRAWS:
        return _drawn(board, claim, conditions, side, after)
    for seed in seeds(max(claim.looks)):
        places = [board.at(condition, seed) for condition in conditions]
        pairs = [place.pair for place in places if place is not None]
        records = [pair.after if after else pair.before for pair in pairs]
        row = [_value(board, claim.metric, record, side) for record in records if record is not None]
        if conditions and len(row) == len(conditions) and all(is_there for is_there, _ in row):
            column[seed] = _number(claim, conditions, [value for _, value in row])
    return column


def _drawn(board: Board, claim: Claim, conditions: Sequence[Condition], side: Side, after: bool) -> Column:
    """One run a draw, by the draw's place."""
    column: Column = {}
    for number, condition in zip(seeds(max(claim.looks)), conditions, strict=False):
        place = board.at(condition, FIRST_SEED)
        record = None if place is None else place.pair.after if after else place.pair.before
        is_there, value = (False, math.nan) if record is None else _value(board, claim.metric, record, side)
        if is_there:
            column[number] = Number.of(value, (value,))
    return column


def _value(board: Board, name: str, record: Record, side: Side) -> tuple[bool, float]:
    """Whether a run has a number, and it: NaN of a diverged run."""
    if record.outcome.state == "failed":
        return False, math.nan
    spec = board.study.experiment.metrics[name]
    way = protocol(spec, record.run.setting.probes)
    value = measured(record, name, spec, way, lambda: side.series(record.run.id))
    return record.outcome.state == "diverged" or not math.isnan(value), value


def _number(claim: Claim, conditions: Sequence[Condition], row: Sequence[float]) -> Number:
    if claim.over is None:
        return Number.of(row[0], row)
    levels = np.array([float(condition.levels[claim.over]) for condition in conditions])
    return Number.of(trend_statistic(claim.statistic, levels, np.array(row)), row)


def _sample(columns: Sequence[Column], chosen: Sequence[int]) -> Sample:
    arm, *versus = (tuple(column[seed].value for seed in chosen) for column in columns)
    numbers = enumerate(columns[0][seed] for seed in chosen)
    finished = tuple(place for place, each in numbers if each.value is None and each.finished)
    return Sample(arm, versus[0] if versus else None, finished=finished)
