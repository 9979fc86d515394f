"""The rules that compare two arms over draws of settings, one run of each arm a draw.

A draw that diverged has not succeeded; among the best of several it counts as the worst that either
arm has. Both hold for either arm, whatever the claim says. An expected best is a mean, and there is none
of infinite numbers: ``suite.judge.verdict`` judges no ``best_of`` that has one.
"""

import numpy as np

from suite.judge import reasons
from suite.judge.best import best_interval, best_p
from suite.judge.decide import decided
from suite.judge.intervals import Floats, clopper_pearson, rate_p
from suite.judge.orientation import oriented, sign, turned, turned_number
from suite.judge.success import seeds_succeeded
from suite.judge.values import Counts, Finding, Interval, Sample, Seeds
from suite.spec.schema import Claim


def paired_rate(claim: Claim, sample: Sample, alpha: float) -> Finding:
    """Of the draws in which one arm alone succeeds, is it ``arm`` in a share above (or below) the margin?

    At a margin of 0.5 this is McNemar's test, exact and one-sided.
    """
    counts, above = counted(claim, sample), claim.better == "higher"
    unlike = counts.only_arm + counts.only_versus
    interval = clopper_pearson(counts.only_arm, unlike, alpha) if unlike else Interval(claim.margin, 0, 1, 0)
    shown = Interval(interval.estimate, interval.low, interval.high, counts.total)
    verdict = decided(turned(shown, sign(claim)), turned_number(claim.margin, sign(claim)))
    told = reasons.against_margin(verdict, shown, claim.margin)
    return Finding(
        verdict=verdict,
        interval=shown,
        margin=claim.margin,
        reason=f"{told}; {described(claim, counts)}",
        p=rate_p(counts.only_arm, unlike, claim.margin, above=above) if unlike else 1.0,
        counts=counts,
    )


def best_of(claim: Claim, sample: Sample, alpha: float) -> Finding:
    """Is the best of ``tries`` draws of the arm better than that of versus by more than the margin?"""
    arm, versus = _with_worst(oriented(claim, sample.arm), oriented(claim, sample.versus or ()))
    tries = claim.tries or 1
    interval = best_interval(arm, versus, tries, alpha)
    verdict = decided(interval, claim.margin)
    shown, margin = turned(interval, sign(claim)), turned_number(claim.margin, sign(claim))
    told = reasons.against_margin(verdict, shown, margin)
    return Finding(
        verdict=verdict,
        interval=shown,
        margin=margin,
        reason=f"{told}; {_diverged(sample)}".removesuffix("; "),
        p=best_p(arm, versus, tries, claim.margin),
    )


def counted(claim: Claim, sample: Sample) -> Counts:
    """In how many draws only one arm, both and neither succeeded."""
    arms = (seeds_succeeded(claim, seeds, diverged=False) for seeds in (sample.arm, sample.versus or ()))
    pairs = list(zip(*arms, strict=True))
    return Counts(
        *(pairs.count(case) for case in ((True, False), (False, True), (True, True), (False, False)))
    )


def described(claim: Claim, counts: Counts) -> str:
    """The table of counts in words."""
    return (
        f"of {counts.total} draws {counts.only_arm} succeed with {claim.arm} alone, "
        f"{counts.only_versus} with {claim.versus} alone, {counts.both} with both, "
        f"{counts.neither} with neither"
    )


def _with_worst(arm: Floats, versus: Floats) -> tuple[Floats, Floats]:
    """Diverged draws as the worst value that finished in either arm; 0 where none did."""
    both = np.concatenate([arm, versus])
    worst = float(np.min(both, initial=np.inf, where=np.isfinite(both)))
    worst = worst if np.isfinite(worst) else 0.0
    return np.maximum(arm, worst), np.maximum(versus, worst)


def _diverged(sample: Sample) -> str:
    everyone: Seeds = sample.arm + (sample.versus or ())
    lost = everyone.count(None)
    return f"{lost} of {len(everyone)} runs diverged and count as the worst that did not" if lost else ""
