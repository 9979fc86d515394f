"""From series to metrics."""

import math

import numpy as np
import pytest

from suite.metrics.reduce import REDUCTIONS, metric, protocol
from suite.series import Series, until
from suite.spec import schema

SERIES = {
    "losses.critic": Series(np.array([0, 10, 20, 30, 40]), np.array([4.0, 0.0, 1.0, 9.9, 10.0])),
    "losses.estimate": Series(np.array([0, 20, 40]), np.array([1.0, 2.0, -3.0])),
}
EXPECTED = {
    "first": 4.0,
    "last": (9.9 + 10) / 2,
    "mean": 4.98,
    "minimum": 0.0,
    "maximum": 10.0,
    "change": (9.9 + 10) / 2 - 4,
    "rank_correlation": 0.7,
    "time_to_90": 30.0,
    "share_negative": 0.0,
    "excursion": 6 / 4,
}


def test_every_reduction_is_tested() -> None:
    assert EXPECTED.keys() == REDUCTIONS.keys() | {"rank_correlation"}


@pytest.mark.parametrize("reduce", EXPECTED)
def test_reductions_by_hand(reduce) -> None:
    spec = schema.Metric(series="losses.critic", reduce=reduce, window=2)
    assert metric(spec, SERIES) == pytest.approx(EXPECTED[reduce])


def test_rank_correlation_with_another_series_uses_common_iterations() -> None:
    spec = schema.Metric(series="losses.critic", reduce="rank_correlation", against="losses.estimate")
    # At 0, 20, 40: critic 4, 1, 10 against estimate 1, 2, -3.
    assert metric(spec, SERIES) == pytest.approx(-1.0)


def test_log10_and_what_has_none() -> None:
    spec = schema.Metric(series="losses.critic", transform="log10")
    assert metric(spec, SERIES) == pytest.approx(1)
    zero = schema.Metric(series="losses.critic", reduce="minimum", transform="log10")
    assert metric(zero, SERIES) == pytest.approx(-300)
    negative = schema.Metric(series="losses.estimate", transform="log10")
    assert math.isnan(metric(negative, SERIES))


def test_excursions_of_a_constant_and_of_a_single_jump() -> None:
    spec = schema.Metric(series="losses.critic", reduce="excursion")
    still, jump = np.ones(5), np.array([1.0, 1.0, 1.0, 1.0, 2.0])
    assert metric(spec, {"losses.critic": Series(np.arange(5), still)}) == 0
    assert metric(spec, {"losses.critic": Series(np.arange(5), jump)}) > 1e9


def test_a_missing_series_has_no_metric() -> None:
    assert math.isnan(metric(schema.Metric(series="quality.w1"), SERIES))


def test_protocol_follows_what_is_measured_and_not_the_words() -> None:
    spec = schema.Metric(series="quality.w1", says="distance")
    probes = schema.Probes(quality=schema.Quality(samples=500))
    same = protocol(schema.Metric(series="quality.w1", says="other words", unit="m"), probes)
    assert protocol(spec, probes) == same
    assert protocol(spec, schema.Probes(quality=schema.Quality(samples=501))) != same
    assert protocol(schema.Metric(series="quality.w1", window=2), probes) != same
    surface = schema.Probes(quality=schema.Quality(samples=500), surface=schema.Surface())
    assert protocol(spec, surface) == same


def test_a_series_is_cut_where_the_run_diverged() -> None:
    assert until(SERIES["losses.critic"], 20).iterations.tolist() == [0, 10]
    assert until(SERIES["losses.critic"], None) is SERIES["losses.critic"]
