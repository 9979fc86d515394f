"""The Fréchet distance against closed forms and SciPy's matrix root."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import sqrtm

from suite.metrics.frechet import Gaussian, frechet
from suite.streams import stream

Array = NDArray[np.float64]
RNG = stream("test", "frechet")
X = RNG.standard_normal((200, 12)) @ RNG.standard_normal((12, 12))
Y = RNG.standard_normal((150, 12)) @ RNG.standard_normal((12, 12)) + 0.5


def apart(real: Array, fake: Array) -> float:
    return frechet(Gaussian.of(real), Gaussian.of(fake))


def by_definition(real: Array, fake: Array) -> float:
    first, second = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    root = sqrtm(first @ second).real
    return float(((real.mean(0) - fake.mean(0)) ** 2).sum() + np.trace(first + second - 2 * root))


def standardised(count: int, features: int) -> Array:
    """A sample whose mean is zero and whose covariance is the identity, up to round-off."""
    x = stream("test", "standardised").standard_normal((count, features))
    x -= x.mean(axis=0)
    return x @ np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False))).T


def test_it_is_what_scipys_matrix_root_gives() -> None:
    assert apart(X, Y) == pytest.approx(by_definition(X, Y), rel=1e-10)


def test_it_is_symmetric() -> None:
    assert apart(X, Y) == pytest.approx(apart(Y, X), rel=1e-12)


def test_moved_it_is_the_squared_length() -> None:
    assert apart(X, X + np.full(12, 0.25)) == pytest.approx(12 * 0.25**2)


def test_of_two_known_covariances_it_is_the_closed_form() -> None:
    # Diagonal covariances commute: the distance is that of the standard deviations.
    x = standardised(100, 3)
    first, second = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 0.5])
    assert apart(x * first, x * second) == pytest.approx(((first - second) ** 2).sum())


def test_large_samples_of_two_gaussians_tend_to_the_closed_form() -> None:
    rng = stream("test", "two gaussians")
    x, y = rng.standard_normal((100_000, 2)), 3 * rng.standard_normal((100_000, 2)) + 1
    assert apart(x, y) == pytest.approx(2 * 1**2 + 2 * (3 - 1) ** 2, rel=0.02)


def test_equal_samples_are_at_zero_even_where_covariances_are_singular() -> None:
    singular = np.concatenate([100 * X, np.zeros((200, 20)), X[:, :4]], axis=1)
    assert apart(X, X) < 1e-8
    assert apart(singular, singular[::-1]) < 1e-8
    assert apart(X[:5], X[:5]) < 1e-8


def test_samples_smaller_than_their_features() -> None:
    # All but one eigenvalue of the product is zero: their trace is the root of the one that is left.
    x, y = X[:2], Y[:2]
    between, (a, b) = x.mean(0) - y.mean(0), ((s[1] - s[0]) / np.sqrt(2) for s in (x, y))
    assert apart(x, y) == pytest.approx(between @ between + a @ a + b @ b - 2 * abs(a @ b))


def test_it_grows_with_noise() -> None:
    noise = RNG.standard_normal(X.shape)
    levels = [apart(X, X + level * noise) for level in (0.0, 0.5, 1.0, 2.0, 4.0)]
    assert all(less < more for less, more in pairwise(levels))


def test_a_broken_sample_has_none() -> None:
    broken = np.where(np.arange(12) == 3, np.inf, Y)
    assert np.isnan(apart(X, broken))


def test_one_point_has_no_covariance() -> None:
    with pytest.raises(ValueError, match="at least two"):
        apart(X, Y[:1])
