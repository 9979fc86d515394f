"""Slopes of gradient norms and shapes of weight heaps."""

import numpy as np
import pytest
from scipy.stats import kurtosis, linregress, skew

from suite.metrics.shapes import bimodality, decay, edge_share, line
from suite.streams import stream

RNG = stream("test", "shapes")


def test_exponential_growth_toward_the_input_is_a_positive_slope() -> None:
    """Norms from input to output: 1000, 100, 10, 1."""
    found = decay(np.array([1e3, 1e2, 1e1, 1e0]))
    assert found.slope == pytest.approx(1)
    assert found.linearity == pytest.approx(1)


def test_tiny_norms_are_not_lost() -> None:
    assert decay(10.0 ** -np.arange(200, 0, -20)).slope == pytest.approx(-20)
    assert np.isfinite(decay(np.zeros(4)).slope)


def test_line_is_linregress() -> None:
    y = RNG.standard_normal(9)
    expected = linregress(np.arange(9), y)
    assert line(y).slope == pytest.approx(expected.slope)
    assert line(y).linearity == pytest.approx(expected.rvalue**2)


def test_a_line_has_no_unit_and_a_level_one_fits() -> None:
    y = 1e-4 * RNG.standard_normal(9)
    assert line(y).linearity == pytest.approx(linregress(np.arange(9), y).rvalue ** 2)
    assert line(np.full(4, 2.0)) == (0.0, 1.0)


def test_edge_share_counts_both_ends() -> None:
    weights = np.array([-1.0, -0.96, -0.94, 0.0, 0.95, 1.0])
    assert edge_share(weights, 1.0, 0.05) == pytest.approx(4 / 6)
    assert edge_share(weights / 128, 1 / 128, 0.05) == pytest.approx(4 / 6)


def test_edge_share_of_uniform_weights_is_the_edge() -> None:
    assert edge_share(RNG.uniform(-1, 1, 200_000), 1.0, 0.05) == pytest.approx(0.05, abs=0.005)


def test_sarles_coefficient_of_known_distributions() -> None:
    assert bimodality(np.array([-1.0, 1.0] * 50)) == pytest.approx(1)
    assert bimodality(RNG.standard_normal(400_000)) == pytest.approx(1 / 3, abs=0.01)
    assert bimodality(RNG.uniform(-1, 1, 400_000)) == pytest.approx(5 / 9, abs=0.01)


def test_sarles_coefficient_of_a_lopsided_heap_is_that_of_scipys_moments() -> None:
    weights = 0.01 * RNG.exponential(size=50) + 3
    expected = (skew(weights) ** 2 + 1) / kurtosis(weights, fisher=False)
    assert bimodality(weights) == pytest.approx(expected, rel=1e-9)
    assert np.isnan(bimodality(np.ones(5)))
