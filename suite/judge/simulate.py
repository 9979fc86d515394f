"""Simulated exact intervals of seeds, from which power and errors are read."""

import numpy as np
import numpy.typing as npt

from suite.judge.exact import critical_index, mann_whitney_counts, signed_rank_counts
from suite.judge.levels import level

DRAWS = 20_000
SEED = 20170313
CHUNK = 500

Floats = npt.NDArray[np.float64]
Ends = tuple[Floats, Floats]
"""Low and high ends of one look's interval, each (draws,)."""


def interval_ends(arms: int, looks: tuple[int, ...], draws: int = DRAWS) -> list[Ends]:
    """Ends at each look of the exact interval of one or two arms of N(0, 1) seeds.

    Seeds of an earlier look are part of the later ones.
    """
    random = np.random.default_rng(SEED)
    chunks = [random.standard_normal((CHUNK, arms, looks[-1])) for _ in range(-(-draws // CHUNK))]
    return ends_of(chunks, looks, draws)


def ends_of(chunks: list[Floats], looks: tuple[int, ...], draws: int = DRAWS) -> list[Ends]:
    """The same of given seeds [draws, arms, seeds of the last look], in pieces."""
    return [_ends(chunks, n, level(looks), draws) for n in looks]


def share_reproduced(ends: list[Ends], d: float, banded: bool) -> float:
    """Share of draws whose first deciding look says 'reproduced'.

    ``d`` is, in standard deviations of a seed, the distance from the margin to the effect, or
    (``banded``) from either end of an equivalence's band to the effect at its centre.
    """
    undecided, reproduced = np.ones(len(ends[0][0]), dtype=bool), 0
    for low, high in ends:
        good = (low > -d) & ((high < d) | (not banded))
        bad = (high < -d) | ((low > d) & banded)
        reproduced += int(np.sum(undecided & good))
        undecided &= ~(good | bad)
    return reproduced / len(undecided)


def _ends(chunks: list[Floats], n: int, alpha: float, draws: int) -> Ends:
    arms = chunks[0].shape[1]
    k = critical_index(signed_rank_counts(n) if arms == 1 else mann_whitney_counts(n, n), alpha)
    if k < 0:
        return np.full(draws, -np.inf), np.full(draws, np.inf)
    sides = [_order_statistics(_points(chunk[:, :, :n]), k) for chunk in chunks]
    low, high = np.concatenate(sides, axis=1)
    return low[:draws], high[:draws]


def _points(seeds: Floats) -> Floats:
    if seeds.shape[1] == 2:
        return (seeds[:, 0, :, None] - seeds[:, 1, None, :]).reshape(len(seeds), -1)
    first, second = np.triu_indices(seeds.shape[2])
    return (seeds[:, 0, first] + seeds[:, 0, second]) / 2


def _order_statistics(points: Floats, k: int) -> Floats:
    last = points.shape[1] - 1 - k
    ordered = np.partition(points, (k, last), axis=1)
    return np.stack([ordered[:, k], ordered[:, last]])
