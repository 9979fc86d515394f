"""Which of many differences are real: an exact test that swaps the two versions seed by seed.

Where two versions differ by noise alone, each seed's pair of results is as likely to have come the other
way round, of all claims at once. So every pattern of swaps is as likely as what was seen, and a claim's
p-value is the share of patterns in which the largest statistic of any claim is at least its own. Stepping
down from the largest (Westfall and Young, 1993) this is Holm's procedure with the claims' joint
distribution in the place of Bonferroni's bound: it holds the chance of any false claim to the level, however
claims depend on one another, and few seeds are not too few because claims are many.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ALL_UP_TO = 12
"""Seeds up to which every pattern is tried."""
DRAWN = 2048
"""Patterns tried with more seeds, the one seen among them."""
SEED = 20170131
FLIPPED = 1000.0
"""The statistic of a pattern with opposite verdicts: above that of any difference."""
_CLOSE = 1e-9


def patterns(n: int) -> Floats:
    """Signs of ``n`` seeds, [patterns, n]: -1 where the versions are swapped. What was seen comes first.

    The first seed is never swapped: swapping all of them changes no statistic. With up to 12 seeds these are
    all patterns, with more the one seen and 2,047 drawn, which keeps the test exact.
    """
    if n <= ALL_UP_TO:
        bits = np.arange(2 ** max(n - 1, 0))[:, None] >> np.arange(max(n - 1, 0))
        rest = 1.0 - 2.0 * (bits & 1)
    else:
        rest = np.random.default_rng(SEED).choice([-1.0, 1.0], (DRAWN, n - 1))
        rest[0] = 1.0
    return np.column_stack([np.ones((len(rest), min(n, 1))), rest])


def statistics(differences: Floats, signs: Floats) -> Floats:
    """How far ``differences`` [n] lie from 0 for each pattern of ``signs`` [patterns, n]: the paired t, on
    the scale of a normal deviate, so that claims of other numbers of seeds can be held against one
    another (Wallace, 1959). Infinite differences count as the largest finite one.
    """
    values = finite(differences)
    total, n = float(values @ values), len(values)
    if total == 0 or n < 2:
        return np.zeros(len(signs))
    share = np.minimum((signs @ values) ** 2 / (total * n), 1 - 1e-12)
    freedom = n - 1
    deviates: Floats = (8 * freedom + 1) / (8 * freedom + 3) * np.sqrt(-freedom * np.log1p(-share))
    return deviates


def finite(differences: Floats) -> Floats:
    """The differences, infinite ones as large as the largest finite one, or 1 where there is none."""
    known = np.abs(differences[np.isfinite(differences)])
    largest = float(np.max(known, initial=0.0)) or 1.0
    return np.clip(differences, -largest, largest)


def adjusted(table: Floats) -> Floats:
    """The p-value of each claim, corrected for all of them, [claims], from their statistics
    [claims, patterns], the first pattern being what was seen.
    """
    order = np.argsort(-table[:, 0], kind="stable")
    best_of_rest = np.maximum.accumulate(table[order][::-1], axis=0)[::-1]
    reached = best_of_rest >= best_of_rest[:, :1] - _CLOSE
    seen = np.maximum.accumulate(reached.mean(axis=1))
    found = np.empty(len(table))
    found[order] = seen
    return found
