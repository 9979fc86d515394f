"""The one sentence that goes with a verdict."""

from collections.abc import Sequence
from math import isclose

from suite.judge.seeds import MOST
from suite.judge.values import Interval, Sample, Verdict

WORST = "rank worst"
AGAINST = "count against the claim"
REFUTED = "not reproduced by this implementation at this scale: "


def against_margin(verdict: Verdict, interval: Interval, margin: float) -> str:
    """Where the interval lies with respect to a margin."""
    low, high, bound = numerals((interval.low, interval.high), (margin,))
    where = "lies above" if interval.low > margin else "lies below" if interval.high < margin else "contains"
    return _worded(verdict, f"the interval [{low}, {high}] {where} the margin {bound}")


def against_band(verdict: Verdict, interval: Interval, band: tuple[float, float]) -> str:
    """Where the interval lies with respect to a band."""
    low, high, bottom, top = numerals((interval.low, interval.high), band)
    if verdict == "refuted" and interval.low <= band[1] and interval.high >= band[0]:
        return _worded(verdict, f"diverged seeds put the interval outside the band [{bottom}, {top}]")
    where = {"reproduced": "lies inside", "refuted": "lies outside"}.get(verdict, "crosses an end of")
    return _worded(verdict, f"the interval [{low}, {high}] {where} the band [{bottom}, {top}]")


def within_tolerance(verdict: Verdict, off: int, n: int, target: float, margin: float) -> str:
    """How many of ``n`` seeds are ``off`` by more than the tolerance."""
    if off:
        return _worded(verdict, f"{off} of {n} seeds lie farther than {margin:.3g} from {target:.6g}")
    return _worded(verdict, f"each of {n} seeds lies within {margin:.3g} of {target:.6g}")


def complete(sentence: str, verdict: Verdict, seeds: int | None, sample: Sample, diverged_do: str) -> str:
    """The sentence with, where they matter, the ``seeds`` that would decide, the diverged ones and those
    with an infinite number.
    """
    lost = sample.everyone.count(None)
    parts = [sentence]
    if verdict == "inconclusive":
        parts.append(outlook(seeds, sample.versus is not None, without(sample)))
    if lost:
        parts.append(f"{lost} of {len(sample.everyone)} seeds {sample.lost} and {diverged_do}")
    if sample.infinities:
        parts.append(infinite(sample))
    return "; ".join(parts)


def next_look(seeds: int) -> str:
    """What follows a reason where more seeds will be looked at."""
    return f"; the next look is at {seeds}"


def infinite(sample: Sample) -> str:
    """How many seeds have an infinite number, and what that means."""
    return f"{sample.infinities} of {len(sample.everyone)} seeds {sample.infinite}"


def without(*samples: Sample) -> str:
    """What the seeds are that have no spread; empty where all have."""
    if any(sample.everyone.count(None) > len(sample.finished) for sample in samples):
        return "diverged"
    if any(sample.finished for sample in samples):
        return "undefined"
    return "infinite" if any(sample.infinities for sample in samples) else ""


def outlook(seeds: int | None, per_arm: bool, untold: str = "") -> str:
    """How many seeds would decide; ``untold`` are those without a spread, if there are any."""
    unit = "seeds per arm" if per_arm else "seeds"
    if seeds is not None and seeds <= MOST:
        return f"about {seeds} {unit} would decide at the spread seen"
    if seeds is not None:
        return f"more than {MOST:,} {unit} would be needed at the spread seen"
    if untold:
        return f"how many seeds would decide cannot be told from {untold} ones"
    return "no number of seeds would: the estimate is on the margin"


def numerals(values: Sequence[float], bounds: Sequence[float]) -> list[str]:
    """Values then bounds, in just enough digits that no value looks like a bound it is not.

    Three, where only rounding parts the two.
    """
    for digits in range(3, 17):
        texts = [f"{number:.{digits}g}" for number in (*values, *bounds)]
        ends, limits = texts[: len(values)], texts[len(values) :]
        alike = [end == limit for end in ends for limit in limits]
        if alike == [isclose(value, bound, rel_tol=1e-9) for value in values for bound in bounds]:
            break
    return texts


def _worded(verdict: Verdict, sentence: str) -> str:
    return REFUTED + sentence if verdict == "refuted" else sentence
