"""Rank correlation and slope in NumPy alone: SciPy's statistics take longer to load than most commands."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def ranks(values: Floats) -> Floats:
    """Ranks from 1 [k]; equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    mean: Floats = np.cumsum(count) - (count - 1) / 2
    return mean[place]


def rank_correlation(x: Floats, y: Floats) -> float:
    """Spearman's correlation of two series [k], neither of which is constant; NaN where one has a NaN."""
    if np.isnan(x).any() or np.isnan(y).any():
        return float("nan")
    return float(np.corrcoef(ranks(x), ranks(y))[1, 0])


def slope(x: Floats, y: Floats) -> float:
    """Of ``y`` over ``x`` [k], least squares; ``x`` is not constant."""
    of_x, both, _, _ = np.cov(x, y, bias=True).flat
    return float(both / of_x)
