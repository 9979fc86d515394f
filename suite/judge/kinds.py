"""The rule of each kind of claim, applied to a fixed number of seeds.

Diverged seeds are never dropped. Of an ordering, a threshold and a trend they rank worst in the
direction the claim calls better. Of a rate, an equivalence and an identity they count against
the claim: as no success where a high rate is claimed, as a success where a low one is; at
whichever end is farther from the band; as a seed beyond the tolerance. Of draws see
``suite.judge.draws``.

An infinite number of a run that did finish is a number, above or below all others: a level that was
never reached, a divergence of what does not overlap.
"""

import math
from collections.abc import Callable

import numpy as np

from suite.judge import reasons
from suite.judge.decide import decided
from suite.judge.draws import best_of, paired_rate
from suite.judge.equivalence import equivalence
from suite.judge.intervals import (
    clopper_pearson,
    improvement_probability,
    location_interval,
    location_p,
    middle,
    rate_p,
    shift_interval,
    shift_p,
    student_interval,
    welch_interval,
)
from suite.judge.orientation import between_worst, oriented, placed, sign, turned, turned_number
from suite.judge.seeds import MOST, rate_seeds_to_decide, seeds_to_decide
from suite.judge.success import against, seeds_succeeded
from suite.judge.values import Finding, Interval, Sample, Seeds, Verdict
from suite.spec.schema import Claim


def examine(claim: Claim, sample: Sample, alpha: float) -> Finding:
    """What ``sample``, all of which is used, says of ``claim`` at the one-sided level ``alpha``."""
    return KINDS[claim.kind](claim, sample, alpha)


def ordering(claim: Claim, sample: Sample, alpha: float) -> Finding:
    """Is arm - versus beyond the margin in the direction ``better``?"""
    arm, versus = oriented(claim, sample.arm), oriented(claim, _versus(sample))
    alike = between_worst(claim)
    interval, mean = shift_interval(arm, versus, alpha, alike), welch_interval(arm, versus, alpha)
    verdict = decided(interval, claim.margin)
    shown, margin = turned(interval, sign(claim)), turned_number(claim.margin, sign(claim))
    seeds = seeds_to_decide((arm, versus), abs(interval.estimate - claim.margin), alpha)
    told = reasons.against_margin(verdict, shown, margin)
    return Finding(
        verdict=verdict,
        interval=shown,
        margin=margin,
        reason=reasons.complete(told, verdict, seeds, sample, reasons.WORST),
        p=shift_p(arm, versus, claim.margin, alike),
        mean_interval=mean and turned(mean, sign(claim)),
        improvement=improvement_probability(arm, versus),
    )


def location(claim: Claim, sample: Sample, alpha: float) -> Finding:
    """Of a threshold or a trend: is the seeds' value beyond the margin?"""
    arm, bound = oriented(claim, sample.arm), turned_number(claim.margin, sign(claim))
    interval, mean = location_interval(arm, alpha), student_interval(arm, alpha)
    verdict = decided(interval, bound)
    shown = turned(interval, sign(claim))
    seeds = seeds_to_decide((arm,), abs(interval.estimate - bound), alpha)
    told = reasons.against_margin(verdict, shown, claim.margin)
    return Finding(
        verdict=verdict,
        interval=shown,
        margin=claim.margin,
        reason=reasons.complete(told, verdict, seeds, sample, reasons.WORST),
        p=location_p(arm, bound),
        mean_interval=mean and turned(mean, sign(claim)),
    )


def rate(claim: Claim, sample: Sample, alpha: float) -> Finding:
    """Is the rate of seeds beyond ``cut`` above (or below) the margin?"""
    above, n = claim.better == "higher", len(sample.arm)
    successes = int(seeds_succeeded(claim, sample.arm, diverged=against(claim)).sum())
    interval = clopper_pearson(successes, n, alpha)
    verdict = decided(turned(interval, sign(claim)), turned_number(claim.margin, sign(claim)))
    seeds = rate_seeds_to_decide(successes, n, claim.margin, alpha)
    if seeds is None and successes != n * claim.margin:
        seeds = MOST + 1
    told = reasons.against_margin(verdict, interval, claim.margin)
    return Finding(
        verdict=verdict,
        interval=interval,
        margin=claim.margin,
        reason=reasons.complete(told, verdict, seeds, sample, reasons.AGAINST),
        p=rate_p(successes, n, claim.margin, above=above),
    )


def identity(claim: Claim, sample: Sample, alpha: float) -> Finding:
    """Is every seed within the tolerance of the target? The interval is the seeds' range."""
    values = placed(sample.arm, math.inf)
    off = int(np.sum(np.abs(values - claim.target) > claim.margin))
    verdict: Verdict = "refuted" if off else "reproduced"
    told = reasons.within_tolerance(verdict, off, len(values), claim.target, claim.margin)
    return Finding(
        verdict=verdict,
        interval=Interval(middle(np.sort(values)), float(values.min()), float(values.max()), len(values)),
        margin=claim.margin,
        reason=reasons.complete(told, verdict, None, sample, reasons.AGAINST),
    )


KINDS: dict[str, Callable[[Claim, Sample, float], Finding]] = {
    "ordering": ordering,
    "threshold": location,
    "trend": location,
    "rate": rate,
    "equivalence": equivalence,
    "identity": identity,
    "paired_rate": paired_rate,
    "best_of": best_of,
}


def _versus(sample: Sample) -> Seeds:
    if sample.versus is None:
        raise ValueError("an ordering is judged on the seeds of two arms")
    return sample.versus
