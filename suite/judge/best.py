"""The best of k draws, and the exact test that compares two arms by it.

Values are one-dimensional float64 arrays, one value a draw, oriented so that higher is better.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt

from suite.judge.values import Interval
from suite.streams import stream

Floats = npt.NDArray[np.float64]

MOST_PATTERNS = 2**12
"""All patterns of swaps are tried up to 12 draws; of more draws, as many at random."""
STEPS = 60
"""Halvings of the span in which an interval's end is sought: to the last bits of a float."""


def expected_best(values: Floats, tries: int) -> Floats:
    """The expected maximum of ``tries`` of the values [..., n], drawn without replacement; [...].

    The mean over all subsets, by order statistics: the i-th smallest is the largest of
    C(i - 1, k - 1) of the C(n, k) subsets. Of n independent draws it is an unbiased estimate.
    """
    return np.asarray(np.sort(values, axis=-1) @ weights(values.shape[-1], tries))


def weights(n: int, tries: int) -> Floats:
    """Of each of ``n`` values in ascending order, the share of subsets of ``tries`` whose maximum it is."""
    subsets = math.comb(n, tries)
    return np.array([math.comb(rank, tries - 1) / subsets for rank in range(n)])


def best_interval(arm: Floats, versus: Floats, tries: int, alpha: float) -> Interval:
    """By how much the best of ``tries`` draws of ``arm`` exceeds that of ``versus``: the shifts that
    the test of ``best_p`` does not reject at the one-sided level ``alpha``, on either side.
    """
    shift = _difference(arm, versus, tries)
    span = 2 * float(np.ptp(np.concatenate([arm, versus]))) or 1.0
    low = _end(lambda margin: best_p(arm, versus, tries, margin) < alpha, shift - span, shift)
    high = _end(lambda margin: best_p(versus, arm, tries, -margin) < alpha, shift + span, shift)
    return Interval(shift, low, high, len(arm))


def best_p(arm: Floats, versus: Floats, tries: int, margin: float) -> float:
    """p-value of 'the best of ``tries`` is not better by more than ``margin``', draws being paired.

    If arm and versus differed by the margin alone, they could be swapped in any draw; p is the
    share of swaps, none among them, that show as large a difference. Exact up to 12 draws.
    """
    shifted, swaps = arm - margin, patterns(len(arm))
    first, second = np.where(swaps, versus, shifted), np.where(swaps, shifted, versus)
    found = expected_best(first, tries) - expected_best(second, tries)
    # Sums in another order differ in their last bits.
    return float(np.mean(found >= found[0] - 1e-12 * np.abs(found).max()))


@lru_cache(maxsize=64)
def patterns(n: int) -> npt.NDArray[np.bool_]:
    """Which draws are swapped, [patterns, n], the first pattern being none. Not to be written to."""
    swaps = _all(n) if n <= math.log2(MOST_PATTERNS) else _some(n)
    swaps.flags.writeable = False
    return swaps


def _all(n: int) -> npt.NDArray[np.bool_]:
    return np.array(list(product((False, True), repeat=n)))


def _some(n: int) -> npt.NDArray[np.bool_]:
    random = stream("protocol", f"swaps of {n} draws")
    swaps: npt.NDArray[np.bool_] = random.integers(0, 2, (MOST_PATTERNS, n)).astype(bool)
    swaps[0] = False
    return swaps


def _difference(arm: Floats, versus: Floats, tries: int) -> float:
    return float(expected_best(arm, tries) - expected_best(versus, tries))


def _end(rejects: Callable[[float], bool], outside: float, inside: float) -> float:
    """Between a shift that is rejected and one that is not, the last that is; infinite without one."""
    if not rejects(outside):
        return math.copysign(math.inf, outside - inside)
    for _ in range(STEPS):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if rejects(middle) else (outside, middle)
    return outside
