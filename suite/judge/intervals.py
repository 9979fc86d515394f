"""Estimates with exact intervals and p-values, and the normal-theory intervals beside them.

Values are one-dimensional float64 arrays, one value a seed, oriented so that higher is better
and a diverged run is -inf; one that finished may be infinite as well. ``alpha`` is the one-sided
level of each end of an interval. Ties with the margin count against the claim, so an interval's
low end exceeds a margin exactly where the p-value at that margin is below ``alpha``.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, bdtrc, betaincinv, stdtrit

from suite.judge.exact import critical_index, lower_tail, mann_whitney_counts, signed_rank_counts
from suite.judge.values import Interval

Floats = npt.NDArray[np.float64]


def differences(arm: Floats, versus: Floats, alike: float = 0.0) -> Floats:
    """All n*m differences arm - versus, sorted; of two equal infinities it is ``alike``, which may be nan."""
    with np.errstate(invalid="ignore"):
        table = np.subtract.outer(arm, versus)
    return np.sort(np.where(np.isnan(table), alike, table), axis=None)


def walsh_averages(values: Floats) -> Floats:
    """The n(n+1)/2 means of two values, each with itself too, sorted; last, as nan, those of opposite
    infinities, which may lie anywhere.
    """
    first, second = np.triu_indices(len(values))
    with np.errstate(invalid="ignore"):
        return np.sort((values[first] + values[second]) / 2)


def shift_interval(arm: Floats, versus: Floats, alpha: float, alike: float = 0.0) -> Interval:
    """Hodges-Lehmann shift between two arms, by inverting the exact Mann-Whitney test; ``alike`` as above."""
    k = critical_index(mann_whitney_counts(len(arm), len(versus)), alpha)
    return _between(differences(arm, versus, alike), k, min(len(arm), len(versus)))


def location_interval(values: Floats, alpha: float) -> Interval:
    """Hodges-Lehmann centre of one sample, by inverting the exact signed-rank test."""
    k = critical_index(signed_rank_counts(len(values)), alpha)
    return _between(walsh_averages(values), k, len(values))


def middle(points: Floats) -> float:
    """The median of sorted numbers; of an even number of them whose middle is between opposite infinities,
    the lower one.
    """
    below, above = points[(len(points) - 1) // 2], points[len(points) // 2]
    return float(below if np.isinf(below) and np.isinf(above) else np.median(points))


def _between(points: Floats, k: int, n: int) -> Interval:
    """A point that is nan may lie anywhere, and widens the interval on both sides."""
    least, greatest = (np.sort(np.where(np.isnan(points), end, points)) for end in (-np.inf, np.inf))
    if k < 0:
        return Interval(middle(least), -np.inf, np.inf, n)
    return Interval(middle(least), float(least[k]), float(greatest[-1 - k]), n)


def clopper_pearson(successes: int, n: int, alpha: float) -> Interval:
    """Rate of success among ``n`` seeds (Clopper and Pearson, 1934)."""
    low = float(betaincinv(successes, n - successes + 1, alpha)) if successes else 0.0
    high = float(betaincinv(successes + 1, n - successes, 1 - alpha)) if successes < n else 1.0
    return Interval(successes / n, low, high, n)


def shift_p(arm: Floats, versus: Floats, margin: float, alike: float = 0.0) -> float:
    """Exact p-value of 'the shift is at most ``margin``'."""
    u = int(np.sum(~(differences(arm, versus, alike) > margin)))
    return lower_tail(mann_whitney_counts(len(arm), len(versus)), u)


def location_p(values: Floats, margin: float) -> float:
    """Exact p-value of 'the centre is at most ``margin``'."""
    t = int(np.sum(~(walsh_averages(values) > margin)))
    return lower_tail(signed_rank_counts(len(values)), t)


def rate_p(successes: int, n: int, margin: float, *, above: bool) -> float:
    """Exact p-value of 'the rate is not above ``margin``', or not below it."""
    if above:
        return float(bdtrc(successes - 1, n, margin)) if successes else 1.0
    return float(bdtr(successes, n, margin))


def welch_interval(arm: Floats, versus: Floats, alpha: float) -> Interval | None:
    """Welch's interval of the difference of means; None below two seeds or where one is infinite."""
    n, m = len(arm), len(versus)
    if min(n, m) < 2 or not np.all(np.isfinite([*arm, *versus])):
        return None
    a, b = np.var(arm, ddof=1) / n, np.var(versus, ddof=1) / m
    squares = a**2 / (n - 1) + b**2 / (m - 1)
    freedom = (a + b) ** 2 / squares if squares > 0 else np.inf
    shift = float(np.mean(arm) - np.mean(versus))
    return _around(shift, float(np.sqrt(a + b)), float(freedom), alpha, min(n, m))


def student_interval(values: Floats, alpha: float) -> Interval | None:
    """Student's interval of the mean; None below two seeds or where one is infinite."""
    n = len(values)
    if n < 2 or not np.all(np.isfinite(values)):
        return None
    error = float(np.std(values, ddof=1) / np.sqrt(n))
    return _around(float(np.mean(values)), error, n - 1, alpha, n)


def _around(mean: float, error: float, freedom: float, alpha: float, n: int) -> Interval:
    half = error * float(stdtrit(freedom, 1 - alpha))
    return Interval(mean, mean - half, mean + half, n)


def improvement_probability(arm: Floats, versus: Floats) -> float:
    """P(arm > versus) + P(arm = versus) / 2 over all pairs of seeds."""
    pairs = differences(arm, versus)
    return float(np.mean(pairs > 0) + np.mean(pairs == 0) / 2)
