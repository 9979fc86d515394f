"""Distances by a product against SciPy's, and the points that are the same."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist, pdist

from suite.metrics.distances import distances, spread
from suite.streams import stream

RNG = stream("test", "distances")
X, Y = 3 + RNG.standard_normal((50, 7)), 3 + RNG.standard_normal((40, 7))


def test_they_are_scipys() -> None:
    np.testing.assert_allclose(distances(X, Y), cdist(X, Y), rtol=1e-9)


def test_the_same_point_is_at_zero_and_one_nearby_is_not() -> None:
    apart = distances(X, np.concatenate([X, X * (1 + 1e-6)]))
    assert (np.diagonal(apart) == 0).all()
    np.testing.assert_allclose(np.diagonal(apart[:, 50:]), 1e-6 * np.linalg.norm(X, axis=1), rtol=1e-3)


def test_spread_is_the_mean_over_pairs() -> None:
    assert spread(X) == pytest.approx(pdist(X).mean(), rel=1e-9)
    assert spread(np.repeat(X[:1], 5, axis=0)) == 0
    assert np.isnan(spread(X[:1]))
