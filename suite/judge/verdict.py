"""A claim's verdict from its seeds."""

import math

import msgspec

from suite.judge import reasons
from suite.judge.kinds import examine
from suite.judge.levels import level
from suite.judge.values import Finding, Judgement, Sample, Seeds, Verdict
from suite.spec.claim_checks import unit
from suite.spec.schema import Claim

DECIDED: tuple[Verdict, ...] = ("reproduced", "refuted")


def judge(claim: Claim, sample: Sample) -> Judgement:
    """The verdict of the first declared look that decides, or else of the last one reached.

    A look uses exactly its number of seeds, in the order given; seeds after a look that decided
    are not used. That the claim has what its kind needs is seen to by ``suite.spec.claim_checks``.
    """
    alpha, present = level(claim.looks), sample.present
    latest = not_evaluated(claim, f"has {present} of {claim.looks[0]} {unit(claim)}", present)
    for look, n in enumerate(claim.looks, 1):
        if n > present or latest.verdict in DECIDED:
            break
        used = _first(sample, n)
        if claim.kind == "best_of" and used.infinities:
            return not_evaluated(claim, f"{reasons.infinite(used)}, of which there is no mean", present)
        latest = _judgement(claim, look, used, examine(claim, used, alpha), alpha)
    return latest


def not_evaluated(claim: Claim, reason: str, present: int = 0) -> Judgement:
    """The state of a claim whose runs do not pass the gate, and why."""
    return Judgement(verdict="not evaluated", reason=reason, looks=len(claim.looks), n=present)


def _first(sample: Sample, n: int) -> Sample:
    versus = None if sample.versus is None else _used(sample.versus, n)
    finished = tuple(place for place in sample.finished if place < n)
    return msgspec.structs.replace(sample, arm=_used(sample.arm, n), versus=versus, finished=finished)


def _used(seeds: Seeds, n: int) -> Seeds:
    return tuple(None if v is None or math.isnan(v) else v for v in seeds[:n])


def _judgement(claim: Claim, look: int, used: Sample, finding: Finding, alpha: float) -> Judgement:
    more = finding.verdict == "inconclusive" and look < len(claim.looks)
    return Judgement(
        verdict=finding.verdict,
        reason=finding.reason + (reasons.next_look(claim.looks[look]) if more else ""),
        looks=len(claim.looks),
        margin=finding.margin,
        estimate=finding.interval.estimate,
        low=finding.interval.low,
        high=finding.interval.high,
        n=finding.interval.n,
        look=look,
        alpha=None if claim.kind == "identity" else alpha,
        p=finding.p,
        mean_interval=finding.mean_interval,
        improvement=finding.improvement,
        arm=used.arm,
        versus=used.versus,
        finished=used.finished,
        counts=finding.counts,
    )
