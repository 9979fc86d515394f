"""The formulas are SciPy's to the last bit, so that records measured with either can be compared."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import linregress, rankdata, spearmanr

from suite.metrics.ranks import rank_correlation, ranks, slope


def series(seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two related series of 2 to 60 points, of odd seeds with many ties."""
    random = np.random.default_rng(seed)
    size = int(random.integers(2, 61))
    x = random.standard_normal(size) * 10.0 ** random.integers(-6, 7)
    y = x * random.uniform(-1, 1) + random.standard_normal(size)
    x, y = (np.round(x), np.round(y)) if seed % 2 else (x, y)
    x[0], y[0] = x[0] + 1000.0, y[0] - 1000.0
    return x, y


@pytest.mark.parametrize("seed", range(100))
def test_equal_to_scipy(seed: int) -> None:
    x, y = series(seed)
    assert np.array_equal(ranks(x), rankdata(x))
    assert rank_correlation(x, y) == spearmanr(x, y).statistic
    assert slope(x, y) == linregress(x, y).slope


def test_ties_share_the_mean_of_their_ranks() -> None:
    assert ranks(np.array([5.0, 1.0, 5.0, 5.0, 9.0])).tolist() == [3.0, 1.0, 3.0, 3.0, 5.0]


def test_infinities_have_ranks() -> None:
    x = np.array([-np.inf, 0.0, 1.0, np.inf])
    assert rank_correlation(x, np.array([4.0, 3.0, 2.0, 1.0])) == pytest.approx(-1.0)


def test_what_has_no_order_has_no_correlation() -> None:
    x, hole = np.arange(3.0), np.array([1.0, np.nan, 2.0])
    assert np.isnan(rank_correlation(x, hole))
    assert np.isnan(rank_correlation(hole, x))
