"""Precision and recall at their ends, and against loops."""

import numpy as np
import pytest
from numpy.typing import NDArray

from suite.metrics.manifold import Manifold, PrecisionRecall, precision_recall
from suite.streams import stream

Array = NDArray[np.float64]
RNG = stream("test", "manifold")
X, Y = RNG.standard_normal((40, 3)), 1.5 * RNG.standard_normal((30, 3)) + 0.5


def judged(real: Array, fake: Array, k: int = 3) -> PrecisionRecall:
    return precision_recall(Manifold.of(real, k), Manifold.of(fake, k))


def share_inside(points: Array, sample: Array, k: int) -> float:
    radii = [sorted(np.linalg.norm(sample - one, axis=1))[k] for one in sample]
    inside = [any(np.linalg.norm(p - one) <= r for one, r in zip(sample, radii, strict=True)) for p in points]
    return float(np.mean(inside))


@pytest.mark.parametrize("k", [1, 3, 5])
def test_they_are_what_loops_count(k: int) -> None:
    found = judged(X, Y, k)
    assert found == pytest.approx((share_inside(Y, X, k), share_inside(X, Y, k)))
    assert found.precision != found.recall


def test_balls_reach_to_the_third_neighbour_where_nothing_is_said() -> None:
    third = [np.sort(np.linalg.norm(X - point, axis=1))[3] for point in X]
    np.testing.assert_allclose(Manifold.of(X).radii, third)


def test_a_point_on_a_balls_surface_is_inside() -> None:
    """Balls of radius 1 around 0 to 3, and of radius 2 around -1 and -3."""
    line, outside = np.arange(4.0)[:, None], np.array([[-1.0], [-3.0]])
    assert judged(line, outside, 1) == (1 / 2, 2 / 4)


def test_equal_samples_are_inside_each_other() -> None:
    assert judged(X, X) == (1, 1)


def test_far_samples_are_outside() -> None:
    assert judged(X, X + 100) == (0, 0)


def test_one_good_point_repeated_is_precise_and_recalls_itself_only() -> None:
    found = judged(X, np.repeat(X[:1], 10, axis=0))
    assert found == pytest.approx((1, 1 / 40))


def test_wide_samples_lose_precision_and_narrow_ones_recall() -> None:
    # In three of the axes alone: scaling about the centre keeps some points inside.
    wide, narrow = judged(X, 4 * X), judged(X, 0.2 * X)
    assert wide.precision < wide.recall
    assert narrow.recall < narrow.precision


def test_a_sample_needs_more_points_than_neighbours() -> None:
    with pytest.raises(ValueError, match="no 3 neighbours"):
        judged(X, Y[:3])
