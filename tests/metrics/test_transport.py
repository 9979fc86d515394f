"""Optimal transport against closed forms, SciPy and POT."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import wasserstein_distance

from suite.metrics.transport import assignment, potentials, w1
from suite.streams import stream

RNG = stream("test", "transport")
X, Y = RNG.standard_normal((40, 2)), RNG.standard_normal((40, 2)) + 0.5


def test_w1_of_a_shift_is_its_length() -> None:
    assert w1(X, X + np.array([3.0, 4.0])) == pytest.approx(5)


def test_w1_in_one_dimension_is_scipys() -> None:
    assert w1(X[:, :1], Y[:, :1]) == pytest.approx(wasserstein_distance(X[:, 0], Y[:, 0]))


@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
def test_w1_in_two_dimensions_is_scipys_assignment(scale: float) -> None:
    cost = cdist(scale * X, Y)
    assert w1(scale * X, Y) == pytest.approx(cost[linear_sum_assignment(cost)].mean())


def test_every_point_is_used_once() -> None:
    assert sorted(assignment(X, Y)) == list(range(40))


def test_assignment_undoes_a_shuffle() -> None:
    order = RNG.permutation(40)
    np.testing.assert_array_equal(assignment(X, X[order]), order)


def test_potentials_are_dual_optimal() -> None:
    found = potentials(X, Y)
    assert found.distance == pytest.approx(w1(X, Y))
    assert found.real.mean() - found.fake.mean() == pytest.approx(found.distance)
    gap = found.real[:, None] - found.fake[None, :] - np.linalg.norm(X[:, None] - Y[None], axis=2)
    assert gap.max() < 1e-9
