"""A claim's seeds on two sides, paired, over one number line: where each goes in a small drawing."""

import math
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeGuard

from matplotlib.ticker import MaxNLocator

from suite.compare.claims import ClaimChange
from suite.compare.seeds import Shared
from suite.judge.values import Judgement, Sample
from suite.report import words
from suite.report.strips import Axis, Span, bounds
from suite.spec.runs import seeds
from suite.spec.schema import Claim

WIDTH, LEFT, RIGHT = 360.0, 46.0, 338.0
"""Of the drawing, in its own units, and where its axis begins and ends."""
LOST = 351.0
"""Where the crosses of seeds without a number stand, right of the axis."""
TOP, STEP, GAP, BELOW = 14.0, 16.0, 28.0, 36.0
"""Heights: of the first row, from row to row, from seeds to seeds, and of the axis with its numbers."""
TICKS = 5
ROOM = 0.06
"""The share of its numbers' range that an axis has more at either end."""

Column = dict[int, float | str]
"""Seed to number, or to what became of it."""
UNKNOWN = "both infinite"
"""How far apart two arms are that both never reach a level is not known."""
Name = Literal["before", "after"]


class Point(NamedTuple):
    """A seed, or the middle of an interval."""

    x: float
    kind: Literal["dot", "spare", "middle"]
    """``spare``: a seed that the verdict does not rest on, there having been an earlier look."""
    title: str = ""
    size: float = 3.0


class Row(NamedTuple):
    """One side's interval or its seeds, at one height."""

    side: Name
    y: float
    label: str = ""
    points: tuple[Point, ...] = ()
    crosses: tuple[str, ...] = ()
    """The titles of seeds without a number."""
    span: Span | None = None


class Link(NamedTuple):
    """A line from a seed before to the same seed after."""

    x1: float
    y1: float
    x2: float
    y2: float


class Tick(NamedTuple):
    """A number on the axis."""

    x: float
    text: str


class Strip(NamedTuple):
    """A number line with both sides, and vertical lines at margins."""

    caption: str
    text: str
    """The drawing in words."""
    height: float
    rows: tuple[Row, ...]
    links: tuple[Link, ...]
    ticks: tuple[Tick, ...]
    lines: tuple[float, ...]
    against: str
    """What the lines are."""
    lost: str
    """What the crosses are; empty where there is none."""


class _Held(NamedTuple):
    """What a side shows on one line."""

    side: Name
    judged: Judgement | None
    column: Column
    used: range
    """The seeds that the verdict rests on."""


def strips(change: ClaimChange, seen: Shared) -> tuple[Strip, ...]:
    """Both sides' intervals against the margin, with the seeds that ``seen`` has on both sides and those
    that the verdicts rest on; of a rate on two lines. None where neither side has a number.
    """
    claim = change.claim
    old = _held(claim, "before", change.before, seen, seen.before)
    new = _held(claim, "after", change.after, seen, seen.after)
    sides = (old, new)
    if not any(each.column for each in sides):
        return ()
    lines = next((bounds(claim, each.judged) for each in sides if _has_interval(each.judged)), ())
    if claim.kind != "rate":
        return (_strip(_caption(change), sides, lines),)
    cut = () if claim.cut is None else (claim.cut,)
    bare = tuple(each._replace(judged=None) for each in sides)
    values = _strip(f"{_metric(change)} of {claim.arm}, every seed", bare, cut, "where a seed succeeds")
    if not any(_has_interval(each.judged) for each in sides):
        return (values,)
    rates = tuple(each._replace(column={}) for each in sides)
    return _strip(f"share of successes of {claim.arm}", rates, lines), values


def _held(claim: Claim, side: Name, judged: Judgement, seen: Shared, sample: Sample) -> _Held:
    return _Held(side, judged, _column(claim, judged, seen, sample), seeds(judged.n))


def _has_interval(judged: Judgement | None) -> TypeGuard[Judgement]:
    return judged is not None and None not in (judged.estimate, judged.low, judged.high)


def _column(claim: Claim, judgement: Judgement, seen: Shared, sample: Sample) -> Column:
    used = Sample(judgement.arm, judgement.versus, finished=judgement.finished)
    return _numbers(claim, seeds(len(used.arm)), used) | _numbers(claim, seen.seeds, sample)


def _numbers(claim: Claim, which: Sequence[int], sample: Sample) -> Column:
    """A claim's number of each seed: the arm's, or the difference of two arms."""
    versus = sample.versus if claim.versus is not None else (0.0,) * len(sample.arm)
    pairs = enumerate(zip(sample.arm, versus or (), strict=False))
    found = (_difference(*pair, words.lost(claim, place in sample.finished)) for place, pair in pairs)
    return dict(zip(which, found, strict=False))


def _difference(arm: float | None, versus: float | None, lost: str) -> float | str:
    if arm is None or versus is None:
        return lost
    return UNKNOWN if math.isnan(arm - versus) else arm - versus


def _metric(change: ClaimChange) -> str:
    return words.meaning(change.claim.metric, change.study.experiment.metrics[change.claim.metric])


def _caption(change: ClaimChange) -> str:
    claim = change.claim
    if claim.kind == "trend":
        return f"{words.STATISTICS[claim.statistic]} of {_metric(change)} along {claim.over}, {claim.arm}"
    arms = claim.arm if claim.versus is None else f"{claim.arm} − {claim.versus}"
    return f"{_metric(change)}: {arms}"


def _strip(caption: str, sides: Sequence[_Held], lines: tuple[float, ...], against: str = "") -> Strip:
    judged = [each.judged for each in sides if _has_interval(each.judged)]
    ends = [end for each in judged for end in (each.estimate, each.low, each.high)]
    seen = [value for each in sides for value in each.column.values()]
    values = [*ends, *lines, *(value for value in seen if not isinstance(value, str))]
    axis = Axis.of(values, LEFT, RIGHT, ROOM)
    rows = _rows(axis, *sides)
    return Strip(
        caption,
        "; ".join(_told(sides, lines)),
        rows[-1].y + BELOW,
        rows,
        tuple(_links(axis, rows, *(each.column for each in sides))),
        ticks(axis),
        tuple(axis.at(line) for line in lines),
        against or ("margin" if len(lines) == 1 else "band"),
        ", ".join(dict.fromkeys(value for value in seen if isinstance(value, str))),
    )


def ticks(axis: Axis) -> tuple[Tick, ...]:
    """Round numbers, in just enough digits to tell them apart."""
    found = MaxNLocator(TICKS, steps=[1, 2, 5, 10]).tick_values(axis.low, axis.high)
    inside = [float(value) for value in found if axis.low <= value <= axis.high]
    texts = [f"{value:g}" for value in inside]
    for digits in range(3, 17):
        texts = [f"{value + 0.0:.{digits}g}" for value in inside]
        if len(set(texts)) == len(texts):
            break
    return tuple(Tick(axis.at(value), text) for value, text in zip(inside, texts, strict=True))


def _rows(axis: Axis, before: _Held, after: _Held) -> tuple[Row, ...]:
    """Interval and seeds before, seeds and interval after: what is compared stands side by side."""
    parts = [
        *_interval(axis, before),
        *_seeds(axis, before),
        *_seeds(axis, after),
        *_interval(axis, after),
    ]
    y, rows, named = TOP, list[Row](), set[Name]()
    for row in parts:
        if rows:
            y += STEP if rows[-1].side == row.side else GAP
        rows.append(row._replace(y=y, label="" if row.side in named else row.side))
        named.add(row.side)
    return tuple(rows)


def _interval(axis: Axis, held: _Held) -> Iterator[Row]:
    if _has_interval(held.judged):
        low, middle, high = (
            float(v or 0.0) for v in (held.judged.low, held.judged.estimate, held.judged.high)
        )
        span = Span(axis.at(low), axis.at(middle), axis.at(high), math.isinf(low), math.isinf(high))
        yield Row(held.side, 0.0, points=(Point(span.middle, "middle", size=3.6),), span=span)


def _seeds(axis: Axis, held: _Held) -> Iterator[Row]:
    if held.column:
        known = {seed: value for seed, value in held.column.items() if not isinstance(value, str)}
        points = (
            Point(axis.at(value), "dot" if seed in held.used else "spare", _title(held, seed))
            for seed, value in known.items()
        )
        lost = (_title(held, seed) for seed in held.column if seed not in known)
        yield Row(held.side, 0.0, points=tuple(points), crosses=tuple(lost))


def _title(held: _Held, seed: int) -> str:
    return f"{held.side}, seed {seed}: {_number(held.column[seed])}"


def _links(axis: Axis, rows: Sequence[Row], before: Column, after: Column) -> Iterator[Link]:
    heights = {row.side: row.y for row in rows if row.span is None}
    for seed in sorted(before.keys() & after.keys()):
        x1, x2 = (LOST if isinstance(value, str) else axis.at(value) for value in (before[seed], after[seed]))
        yield Link(x1, heights["before"], x2, heights["after"])


def _told(sides: Sequence[_Held], lines: tuple[float, ...]) -> Iterator[str]:
    for each in sides:
        if _has_interval(each.judged):
            yield f"{each.side} {words.estimate(each.judged)}"
    if lines:
        yield f"held against {' and '.join(map(words.number, lines))}"
    all_ = sorted({seed for each in sides for seed in each.column})
    if all_:
        yield f"before and after: {', '.join(f'seed {seed} {_both(seed, sides)}' for seed in all_)}"


def _both(seed: int, sides: Sequence[_Held]) -> str:
    columns = [each.column for each in sides]
    return " and ".join(_number(column[seed]) if seed in column else words.NONE for column in columns)


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else words.number(value)
