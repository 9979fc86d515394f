"""What a claim's criterion requires, as a sentence or two."""

from collections.abc import Callable, Mapping, Sequence

from suite.judge.assess import ClaimResult
from suite.report.words import STATISTICS, levels, margin, meaning, number
from suite.spec.claim_checks import OF_DRAWS
from suite.spec.schema import Claim


def rule(result: ClaimResult) -> str:
    """The claim's criterion."""
    claim, experiment = result.claim, result.study.experiment
    metric = f"metric “{meaning(claim.metric, experiment.metrics[claim.metric])}”"
    required = REQUIRED[claim.kind](claim, metric, margin(claim))
    return " ".join([required, *_levels(claim), _looks(claim)])


def _ordering(claim: Claim, metric: str, bound: str) -> str:
    return (
        f"The difference {_difference(claim)} of the {metric} must be {bound} with "
        "its whole interval (exact Mann-Whitney interval of the Hodges-Lehmann shift)."
    )


def _threshold(claim: Claim, metric: str, bound: str) -> str:
    return (
        f"The {metric} of {claim.arm} must be {bound} with its whole interval (exact signed-rank interval)."
    )


def _trend(claim: Claim, metric: str, bound: str) -> str:
    return (
        f"Each seed gives the {STATISTICS[claim.statistic]} of the {metric} of {claim.arm} "
        f"along {claim.over}; it must be {bound} with its whole interval (exact signed-rank)."
    )


def _rate(claim: Claim, metric: str, bound: str) -> str:
    return (
        f"A seed of {claim.arm} succeeds where the {metric} is {_beyond(claim)}; the share of successes must "
        f"be {bound} with its whole interval (Clopper-Pearson)."
    )


def _equivalence(claim: Claim, metric: str, bound: str) -> str:
    what = claim.arm if claim.versus is None else f"the difference {_difference(claim)}"
    return (
        f"The {metric} of {what} must lie inside {bound} with its whole interval (two one-sided exact tests)."
    )


def _paired_rate(claim: Claim, metric: str, bound: str) -> str:
    return (
        f"A draw succeeds with an arm where the {metric} is {_beyond(claim)}; of the draws that succeed with "
        f"one arm alone, the share that do so with {claim.arm}, not {claim.versus}, must be {bound} with its "
        "whole interval (Clopper-Pearson; at 0.5 McNemar's exact test)."
    )


def _best_of(claim: Claim, metric: str, bound: str) -> str:
    return (
        f"The difference {_difference(claim)} of the {metric} in the best of {claim.tries} draws, its "
        f"expectation over all subsets of the draws, must be {bound} with its whole interval (exact test by "
        "swapping the arms in each draw, inverted for a shift)."
    )


def _identity(claim: Claim, metric: str, bound: str) -> str:
    return f"The {metric} of every seed of {claim.arm} must lie inside {bound}."


REQUIRED: Mapping[str, Callable[[Claim, str, str], str]] = {
    "ordering": _ordering,
    "threshold": _threshold,
    "trend": _trend,
    "rate": _rate,
    "equivalence": _equivalence,
    "paired_rate": _paired_rate,
    "best_of": _best_of,
    "identity": _identity,
}
"""By the claim's kind: what must hold, of which metric and within which bound."""


def _difference(claim: Claim) -> str:
    return f"{claim.arm} − {claim.versus}"


def _beyond(claim: Claim) -> str:
    return f"{claim.success} {number(claim.cut)}"


def _levels(claim: Claim) -> Sequence[str]:
    if not claim.where:
        return ()
    return [f"Only runs with {levels(claim.where)} count."]


def _looks(claim: Claim) -> str:
    *early, last = claim.looks
    if claim.kind in OF_DRAWS:
        every = f"{', '.join(map(str, early))} and {last}" if early else str(last)
        return f"Looked at with {every} draws of {claim.over}, one run of each arm a draw, never in between."
    times = f"{', '.join(map(str, early))} and {last}" if early else str(last)
    return f"Looked at with {times} seeds per arm, never in between; diverged seeds count against the claim."
