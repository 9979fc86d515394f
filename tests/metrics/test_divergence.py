"""KL and JS against closed forms and SciPy."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from suite.metrics.divergence import histograms, js, kl
from suite.streams import stream

P, Q = np.array([0.5, 0.3, 0.2]), np.array([0.1, 0.1, 0.8])


def test_divergences_are_scipys() -> None:
    assert kl(P, Q) == pytest.approx(entropy(P, Q))
    assert js(P, Q) == pytest.approx(jensenshannon(P, Q) ** 2)


def test_kl_is_not_symmetric_and_js_is() -> None:
    assert kl(P, Q) != pytest.approx(kl(Q, P))
    assert js(P, Q) == pytest.approx(js(Q, P))


def test_disjoint_supports() -> None:
    one, other = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert kl(one, other) == np.inf
    assert kl(np.array([0.5, 0.5]), one) == np.inf
    assert kl(one, np.array([0.5, 0.5])) == pytest.approx(np.log(2))
    assert js(one, other) == pytest.approx(np.log(2))


@pytest.mark.parametrize(("shift", "scale"), [(0.0, 1.0), (0.5, 0.1), (-3.0, 1.0), (3.0, 1.0), (0.0, 5.0)])
def test_each_point_is_in_the_bin_whose_centre_is_nearest(shift: float, scale: float) -> None:
    """The 81 centres run from the least to the greatest first coordinate of both samples."""
    rng = stream("test", "bins")
    real, fake = rng.standard_normal((500, 2)), rng.standard_normal((300, 2)) * [scale, 9.0] + [shift, 0]
    both = np.concatenate([real, fake])[:, 0]
    centres = np.linspace(both.min(), both.max(), 81)
    found = histograms(real, fake)
    for sample, shares in zip((real, fake), found, strict=True):
        nearest = np.abs(sample[:, :1] - centres).argmin(axis=1)
        np.testing.assert_allclose(shares, np.bincount(nearest, minlength=81) / len(sample))


@pytest.mark.parametrize("theta", [-1.0, 0.01, 0.1, 5.0])
def test_parallel_lines_share_no_bin(theta: float) -> None:
    rng = stream("test", "lines")
    real = np.stack([np.zeros(100), rng.random(100)], axis=1)
    p, q = histograms(real, real + np.array([theta, 0.0]))
    assert js(p, q) == pytest.approx(np.log(2))


def test_the_same_line_has_no_divergence() -> None:
    real = np.zeros((100, 2))
    p, q = histograms(real, real)
    assert js(p, q) == 0
    assert kl(p, q) == 0
