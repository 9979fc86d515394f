"""Null distributions against enumeration and hand counts."""

from itertools import combinations, product

import pytest

from suite.judge.exact import critical_index, lower_tail, mann_whitney_counts, signed_rank_counts


def test_mann_whitney_counts_of_two_and_two_by_hand() -> None:
    assert mann_whitney_counts(2, 2) == (1, 1, 2, 1, 1)


def test_signed_rank_counts_of_three_by_hand() -> None:
    assert signed_rank_counts(3) == (1, 1, 1, 2, 1, 1, 1)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 4), (4, 3), (5, 2)])
def test_mann_whitney_counts_equal_enumeration(n: int, m: int) -> None:
    counts = [0] * (n * m + 1)
    for places in combinations(range(n + m), n):
        counts[sum(places) - n * (n - 1) // 2] += 1
    assert mann_whitney_counts(n, m) == tuple(counts)


@pytest.mark.parametrize("n", [1, 4, 7])
def test_signed_rank_counts_equal_enumeration(n: int) -> None:
    counts = [0] * (n * (n + 1) // 2 + 1)
    for signs in product((0, 1), repeat=n):
        counts[sum(rank * sign for rank, sign in enumerate(signs, 1))] += 1
    assert signed_rank_counts(n) == tuple(counts)


@pytest.mark.parametrize(("n", "smallest"), [(3, 1 / 20), (4, 1 / 70), (5, 1 / 252)])
def test_smallest_two_sample_p(n: int, smallest: float) -> None:
    assert lower_tail(mann_whitney_counts(n, n), 0) == smallest


@pytest.mark.parametrize(
    ("n", "alpha", "k"),
    [(3, 0.05, -1), (4, 0.05, 1), (5, 0.05, 4), (6, 0.03, 5), (6, 0.022, 5), (6, 0.02, 4)],
)
def test_critical_index_of_mann_whitney(n: int, alpha: float, k: int) -> None:
    assert critical_index(mann_whitney_counts(n, n), alpha) == k


@pytest.mark.parametrize(("n", "alpha", "k"), [(4, 0.05, -1), (5, 0.05, 0), (6, 0.05, 2), (6, 0.03, 0)])
def test_critical_index_of_signed_rank(n: int, alpha: float, k: int) -> None:
    assert critical_index(signed_rank_counts(n), alpha) == k
