"""The rule of an equivalence: two one-sided tests against a band fixed in advance."""

import math
from typing import NamedTuple

from suite.judge import reasons
from suite.judge.intervals import (
    Floats,
    location_interval,
    location_p,
    shift_interval,
    shift_p,
    student_interval,
    welch_interval,
)
from suite.judge.orientation import placed
from suite.judge.seeds import seeds_to_decide
from suite.judge.values import Finding, Interval, Sample, Verdict
from suite.spec.schema import Claim


class Placement(NamedTuple):
    """The seeds with the diverged ones put at an end."""

    arm: Floats
    versus: Floats | None


def equivalence(claim: Claim, sample: Sample, alpha: float) -> Finding:
    """Is arm (or arm - versus) inside target +- margin?

    Diverged seeds are placed twice, to make the value as low and as high as they can. Both
    intervals must lie inside the band, or both outside; the hull of the two is shown. How far two seeds
    are apart that never reached a level is not known: it speaks for nothing.
    """
    least, greatest = _placement(sample, -math.inf), _placement(sample, math.inf)
    low, high = _interval(least, alpha), _interval(greatest, alpha)
    band = (claim.target - claim.margin, claim.target + claim.margin)
    verdict = _decided(low, high, band)
    shown = Interval(low.estimate, low.low, high.high, low.n)
    gap = abs(claim.margin - abs(low.estimate - claim.target))
    seeds = seeds_to_decide([arm for arm in least if arm is not None], gap, alpha)
    told = reasons.against_band(verdict, shown, band)
    return Finding(
        verdict=verdict,
        interval=shown,
        margin=claim.margin,
        reason=reasons.complete(told, verdict, seeds, sample, reasons.AGAINST),
        p=max(_p(least, band[0]), _p(_negated(greatest), -band[1])),
        mean_interval=_mean_interval(least, alpha),
    )


def _decided(low: Interval, high: Interval, band: tuple[float, float]) -> Verdict:
    if band[0] < low.low and high.high < band[1]:
        return "reproduced"
    outside = all(each.high < band[0] or each.low > band[1] for each in (low, high))
    return "refuted" if outside else "inconclusive"


def _placement(sample: Sample, end: float) -> Placement:
    versus = None if sample.versus is None else placed(sample.versus, -end)
    return Placement(placed(sample.arm, end), versus)


def _negated(seeds: Placement) -> Placement:
    return Placement(-seeds.arm, None if seeds.versus is None else -seeds.versus)


def _interval(seeds: Placement, alpha: float) -> Interval:
    if seeds.versus is None:
        return location_interval(seeds.arm, alpha)
    return shift_interval(seeds.arm, seeds.versus, alpha, alike=math.nan)


def _p(seeds: Placement, margin: float) -> float:
    if seeds.versus is None:
        return location_p(seeds.arm, margin)
    return shift_p(seeds.arm, seeds.versus, margin, alike=math.nan)


def _mean_interval(seeds: Placement, alpha: float) -> Interval | None:
    if seeds.versus is None:
        return student_interval(seeds.arm, alpha)
    return welch_interval(seeds.arm, seeds.versus, alpha)
