"""Exact null distributions of the two rank statistics, as integer counts."""

from functools import cache
from itertools import accumulate


@cache
def mann_whitney_counts(n: int, m: int) -> tuple[int, ...]:
    """Arrangements of ``n`` and ``m`` values, all distinct, by U = 0 .. n*m.

    The coefficients of the Gaussian binomial: the product over i = 1 .. n of
    (1 - q^(m+i)) / (1 - q^i) (Mann and Whitney, 1947).
    """
    counts = [1] + [0] * (n * m)
    for i in range(1, n + 1):
        for u in range(n * m, m + i - 1, -1):
            counts[u] -= counts[u - m - i]
        for u in range(i, n * m + 1):
            counts[u] += counts[u - i]
    return tuple(counts)


@cache
def signed_rank_counts(n: int) -> tuple[int, ...]:
    """Sign patterns of the ranks 1 .. n, by their sum T = 0 .. n(n+1)/2 (Wilcoxon, 1945)."""
    top = n * (n + 1) // 2
    counts = [1] + [0] * top
    for rank in range(1, n + 1):
        for t in range(top, rank - 1, -1):
            counts[t] += counts[t - rank]
    return tuple(counts)


def lower_tail(counts: tuple[int, ...], k: int) -> float:
    """Probability under the null that the statistic is at most ``k``."""
    return sum(counts[: k + 1]) / sum(counts)


def critical_index(counts: tuple[int, ...], alpha: float) -> int:
    """Largest k whose lower tail is below the one-sided level ``alpha``; -1 where none is.

    The tail is strictly below the level, so that every test of the suite, Clopper-Pearson's
    too, rejects exactly where p < alpha.
    """
    total = sum(counts)
    return sum(tail / total < alpha for tail in accumulate(counts)) - 1
