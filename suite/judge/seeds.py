"""How many seeds would decide a claim, at the spread seen."""

import math
from collections.abc import Sequence
from itertools import count
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, bdtrc

from suite.judge.exact import critical_index, mann_whitney_counts, signed_rank_counts

Floats = npt.NDArray[np.float64]

POWER = 0.8
EFFICIENCY = 3 / math.pi
"""Of both rank tests against the t-test, under normal spread."""
MOST = 1000
"""Rates are searched up to here: no study of trained networks has more seeds."""


def seeds_to_decide(samples: Sequence[Floats], gap: float, alpha: float) -> int | None:
    """Seeds per arm at which a rank test decides with probability 0.8.

    ``samples`` are the seeds of one or two arms, ``gap`` the distance from the estimate to the
    margin, in the metric's unit. None where the gap is 0, a seed diverged, or a number or the spread is
    infinite: none then tells. The normal approximation, never below what the exact test needs to reach its
    level nor below one seed more than there are.
    """
    if gap == 0 or not np.all(np.isfinite(np.concatenate(samples))):
        return None
    at_least = max(len(samples[0]) + 1, smallest_deciding(len(samples), alpha))
    if len(samples[0]) < 2:
        return at_least
    with np.errstate(over="ignore", invalid="ignore"):
        spread = sum(float(np.var(sample / gap, ddof=1)) for sample in samples)
    normal = NormalDist()
    needed = spread * (normal.inv_cdf(1 - alpha) + normal.inv_cdf(POWER)) ** 2 / EFFICIENCY
    return max(at_least, math.ceil(needed)) if math.isfinite(needed) else None


def smallest_deciding(arms: int, alpha: float) -> int:
    """Fewest seeds per arm with which the exact test of one or two arms can reach ``alpha``."""
    counts = (signed_rank_counts(n) if arms == 1 else mann_whitney_counts(n, n) for n in count(1))
    return next(n for n, null in enumerate(counts, 1) if critical_index(null, alpha) >= 0)


def rate_seeds_to_decide(successes: int, n: int, margin: float, alpha: float) -> int | None:
    """Seeds at which the rate seen, rounded toward ``margin``, is told from it; None up to 1,000."""
    more = np.arange(n + 1, MOST + 1)
    if successes > n * margin:
        p = bdtrc(more * successes // n - 1, more, margin)
    else:
        p = bdtr(-(-more * successes // n), more, margin)
    deciding = more[p < alpha]
    return int(deciding[0]) if len(deciding) else None
