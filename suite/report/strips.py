"""A claim's interval, margin and seeds on a number line: where each goes in a small drawing."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from suite.judge.assess import ClaimResult
from suite.judge.values import Judgement, Seeds
from suite.report import words
from suite.spec.claim_checks import CENTRED, unit
from suite.spec.schema import Claim

WIDTH, EDGE, ROW = 320.0, 10.0, 26.0
"""Of the drawing, in its own units."""
ROOM = 0.08
"""The share of its numbers' range that an axis has more at either end."""


class Dot(NamedTuple):
    """A seed's value at ``x``."""

    x: float
    title: str


class Span(NamedTuple):
    """An interval, and whether its ends are infinite, which an arrow shows."""

    low: float
    middle: float
    high: float
    open_low: bool
    open_high: bool


class Row(NamedTuple):
    """Dots or a span at one height."""

    label: str
    y: float
    dots: tuple[Dot, ...] = ()
    span: Span | None = None


class Strip(NamedTuple):
    """A number line from ``low`` to ``high``, with vertical lines at margins."""

    caption: str
    text: str
    """The drawing in words."""
    low: str
    high: str
    height: float
    rows: tuple[Row, ...]
    lines: tuple[float, ...]
    against: str
    """What the lines are."""


class _Arm(NamedTuple):
    """An arm's seeds, and how each is told."""

    name: str
    seeds: Seeds
    told: tuple[str, ...]

    @property
    def label(self) -> str:
        """The name, and what became of the seeds that have no number."""
        lost = Counter(told for value, told in zip(self.seeds, self.told, strict=True) if value is None)
        counts = ", ".join(f"{count} {told}" for told, count in lost.items())
        return f"{self.name} ({counts})" if counts else self.name


class Axis(NamedTuple):
    """A range of numbers that has a width, and where it begins and ends in a drawing."""

    low: float
    high: float
    left: float
    right: float

    @classmethod
    def of(cls, values: Iterable[float | None], left: float, right: float, room: float) -> "Axis":
        """The range of the finite ones, and the share ``room`` of it more at either end."""
        known = [v for v in values if v is not None and math.isfinite(v)] or [0.0]
        spread = max(known) - min(known) or abs(known[0]) or 1.0
        return cls(min(known) - room * spread, max(known) + room * spread, left, right)

    def at(self, value: float) -> float:
        """Where a number stands; at an end where it is beyond it."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.left + share * (self.right - self.left), 1)


def strips(result: ClaimResult) -> tuple[Strip, ...]:
    """The claim's interval against its margin, and the seeds: on one line where they are of one
    kind, on two where the interval is of a difference or a rate. None where it was not evaluated.
    """
    claim, judgement = result.claim, result.judgement
    if judgement.estimate is None:
        return ()
    about = words.meaning(claim.metric, result.study.experiment.metrics[claim.metric])
    about = about[:1].upper() + about[1:]
    apart = judgement.versus is not None or claim.kind == "rate"
    arms = _arms(claim, judgement)
    held = f"{'band' if claim.kind in CENTRED else 'margin'} {words.margin(claim)}"
    lines = bounds(claim, judgement)
    first = _strip(_caption(claim, apart, about), judgement, () if apart else arms, lines, held)
    if not apart:
        return (first,)
    cut = () if claim.cut is None else (claim.cut,)
    told = f"{about}, every {unit(claim).removesuffix('s')}"
    return first, _strip(told, None, arms, cut, f"cut {words.number(claim.cut)}")


def _caption(claim: Claim, apart: bool, about: str) -> str:
    if claim.kind == "rate":
        return "Share of successes"
    if claim.kind == "paired_rate":
        return f"Share of {claim.arm} among draws that succeed with one arm alone"
    if claim.kind == "best_of":
        return f"{about}, best of {claim.tries}: {claim.arm} − {claim.versus}"
    if claim.kind == "trend":
        statistic = words.STATISTICS[claim.statistic]
        return f"{about}: its {statistic} along {claim.over}"
    return f"{about}: {claim.arm} − {claim.versus}" if apart else about


def bounds(claim: Claim, judgement: Judgement) -> tuple[float, ...]:
    """What the interval is held against: a margin, or the two ends of a band."""
    if claim.kind in CENTRED:
        return claim.target - claim.margin, claim.target + claim.margin
    return () if judgement.margin is None else (judgement.margin,)


def _arms(claim: Claim, judgement: Judgement) -> tuple[_Arm, ...]:
    arm = _Arm(claim.arm, judgement.arm, words.seeds(claim, judgement.arm, judgement.finished))
    if judgement.versus is None:
        return (arm,)
    return arm, _Arm(claim.versus or "", judgement.versus, words.seeds(claim, judgement.versus))


def _strip(
    caption: str,
    judged: Judgement | None,
    arms: Sequence[_Arm],
    lines: tuple[float, ...],
    against: str,
) -> Strip:
    ends = (judged.estimate, judged.low, judged.high) if judged else ()
    values = [*ends, *lines, *(value for arm in arms for value in arm.seeds)]
    axis = Axis.of(values, EDGE, WIDTH - EDGE, ROOM)
    rows = tuple(_rows(axis, judged, arms))
    return Strip(
        caption,
        "; ".join(_told(judged, arms, lines)),
        *_ends(axis),
        ROW * len(rows) + 24,
        rows,
        tuple(axis.at(line) for line in lines),
        against if lines else "",
    )


def _ends(axis: Axis) -> tuple[str, str]:
    """The axis's ends in three digits, or in as many as tell them apart."""
    for digits in range(3, 18):
        low, high = f"{axis.low:.{digits}g}", f"{axis.high:.{digits}g}"
        if low != high:
            break
    return low, high


def _rows(axis: Axis, judged: Judgement | None, arms: Sequence[_Arm]) -> Iterator[Row]:
    y = ROW / 2 + 8
    if judged is not None:
        yield Row("interval", y, span=_span(axis, judged))
        y += ROW
    for arm in arms:
        dots = (Dot(axis.at(v), told) for v, told in zip(arm.seeds, arm.told, strict=True) if v is not None)
        yield Row(arm.label, y, dots=tuple(dots))
        y += ROW


def _span(axis: Axis, judged: Judgement) -> Span:
    low, middle, high = (
        value if value is not None else math.nan for value in (judged.low, judged.estimate, judged.high)
    )
    return Span(axis.at(low), axis.at(middle), axis.at(high), math.isinf(low), math.isinf(high))


def _told(judged: Judgement | None, arms: Sequence[_Arm], lines: tuple[float, ...]) -> Iterator[str]:
    if judged is not None:
        yield f"estimate and interval {words.estimate(judged)}"
    if lines:
        yield f"held against {' and '.join(map(words.number, lines))}"
    for arm in arms:
        yield f"seeds of {arm.name}: {', '.join(arm.told)}"
