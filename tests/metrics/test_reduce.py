"""From series to metrics."""

import math
from typing import get_args

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
    "slope": 1000 * 0.1 / 10,
    "deviation": 0.1 / math.sqrt(2),
    "ratio": (9.9 + 10) / 2 / 4,
    "setback": math.nan,
    "time_to": 0.0,
}


def test_every_reduction_is_tested() -> None:
    assert EXPECTED.keys() == REDUCTIONS.keys() | {"rank_correlation", "time_to"}
    # Those that packs bring are tested in tests/packs.
    assert EXPECTED.keys() | {"pack"} == set(get_args(schema.Metric.__annotations__["reduce"]))


@pytest.mark.parametrize("reduce", EXPECTED)
def test_reductions_by_hand(reduce) -> None:
    spec = schema.Metric(series="losses.critic", reduce=reduce, window=2)
    assert metric(spec, SERIES) == pytest.approx(EXPECTED[reduce], nan_ok=True)


def test_rank_correlation_with_another_series_uses_common_iterations() -> None:
    spec = schema.Metric(series="losses.critic", reduce="rank_correlation", against="losses.estimate")
    # At 0, 20, 40: critic 4, 1, 10 against estimate 1, 2, -3.
    assert metric(spec, SERIES) == pytest.approx(-1.0)


def of(values: list[float], iterations: list[int] | None = None, **options: object) -> float:
    """A metric of the series with these values, every ten iterations where not told."""
    at = np.arange(len(values)) * 10 if iterations is None else np.array(iterations)
    found = {"losses.critic": Series(at, np.array(values, dtype=float))}
    return metric(schema.Metric(series="losses.critic", **options), found)


def test_a_slope_is_that_of_least_squares() -> None:
    """At 0, 10, 40: the mean is 50 / 3; a line through points that lie on none."""
    x, y = np.array([0.0, 10.0, 40.0]), np.array([1.0, 5.0, 3.0])
    expected = 1000 * np.linalg.lstsq(np.stack([x, np.ones(3)], 1), y, rcond=None)[0][0]
    assert of([1, 5, 3], [0, 10, 40], reduce="slope", window=3) == pytest.approx(expected)
    assert of([7, 1, 5, 3], [-5, 0, 10, 40], reduce="slope", window=3) == pytest.approx(expected)


def test_a_slope_is_per_thousand_iterations() -> None:
    assert of([5, 4, 3], [1000, 2000, 3000], reduce="slope", window=3) == pytest.approx(-1)
    assert of([5, 5, 5], reduce="slope", window=3) == 0


@pytest.mark.parametrize("reduce", ["slope", "deviation"])
def test_one_point_has_neither_slope_nor_deviation(reduce) -> None:
    assert math.isnan(of([1, 2, 3], reduce=reduce, window=1))
    assert math.isnan(of([1], reduce=reduce, window=5))


@pytest.mark.parametrize(
    "reduce", ["slope", "deviation", "ratio", "setback", "change", "last", "mean", "maximum"]
)
def test_a_point_that_could_not_be_measured_is_not_passed_over(reduce) -> None:
    assert math.isnan(of([1, float("nan"), 3], reduce=reduce, window=3))


def test_a_deviation_is_the_samples_own() -> None:
    assert of([100, 1, 2, 3, 4], reduce="deviation", window=4) == pytest.approx(math.sqrt(5 / 3))


def test_what_stays_at_zero_has_a_ratio_of_one() -> None:
    assert of([0, 0, 0], reduce="ratio") == 1
    assert math.isnan(of([0, 0, 2], reduce="ratio"))


def test_a_ratio_is_of_the_last_points_to_the_first() -> None:
    assert of([4, 100, 1, 3], reduce="ratio", window=2) == pytest.approx(0.5)
    assert of([-4, 8], reduce="ratio") == -2
    assert math.isnan(of([0, 8], reduce="ratio"))
    assert of([4, 0.04], reduce="ratio", transform="log10") == pytest.approx(-2)


def test_a_setback_is_of_the_last_points_to_the_smallest() -> None:
    assert of([9, 2, 4, 8], reduce="setback", window=2) == pytest.approx(3)
    assert of([9, 4, 2], reduce="setback") == 1
    assert of([1, 4, 2, 8], reduce="setback", after=10) == 4
    assert math.isnan(of([0, 8], reduce="setback"))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"level": 5.0}, 20),
        ({"level": 5.1}, 40),
        ({"level": 6.0}, 40),
        ({"level": 6.1}, math.inf),
        ({"level": 5.0, "after": 10}, 10),
        ({"level": 5.0, "after": 15}, 5),
        ({"level": 5.0, "after": 30}, 10),
        ({"level": 0.0}, 10),
        ({}, 10),
        ({"level": 5.0, "transform": "log10"}, math.log10(20)),
        ({"level": 6.1, "transform": "log10"}, math.inf),
    ],
)
def test_the_time_to_a_level_counts_from_after(options, expected: float) -> None:
    """The value may fall below the level again: the first time counts."""
    found = of([-1, 1, 5, 3, 6], reduce="time_to", **options)
    assert found == pytest.approx(expected)


def test_what_was_measured_before_after_does_not_count() -> None:
    values = [9.0, 1.0, 2.0, 4.0]
    expected = {"first": 1, "mean": 7 / 3, "maximum": 4, "change": 3, "ratio": 4, "rank_correlation": 1}
    for reduce, value in expected.items():
        assert of(values, reduce=reduce, after=10) == pytest.approx(value)
        assert of(values, reduce=reduce, after=1) == pytest.approx(value)
        assert of(values, reduce=reduce) != pytest.approx(value)
    assert of(values, reduce="last", window=9, after=20) == 3
    assert math.isnan(of(values, after=31))


def both(first: np.ndarray, second: np.ndarray, **options: object) -> float:
    """Rank correlation of two series with a point every ten iterations."""
    at = np.arange(len(first)) * 10
    found = {"losses.critic": Series(at, first), "losses.estimate": Series(at, second)}
    spec = schema.Metric(
        series="losses.critic", against="losses.estimate", reduce="rank_correlation", **options
    )
    return metric(spec, found)


def test_two_falling_series_are_not_related_by_falling() -> None:
    """Their steps are drawn apart; those of the third are the first's, in another unit."""
    rng = np.random.default_rng(0)
    first, second = (100 - np.cumsum(rng.random(400)) for _ in range(2))
    assert both(first, second) > 0.99
    assert abs(both(first, second, differences=True)) < 0.15
    assert both(first, 1 - 3 * first, differences=True) == pytest.approx(-1)


def test_differences_by_hand() -> None:
    """Changes 1, 3, -1 and 0 against 1, 2, 5, 9: ranks 3 4 1 2 and 1 2 3 4."""
    first, second = np.array([0.0, 1, 4, 3, 3]), np.array([0.0, 1, 3, 8, 17])
    squares = (3 - 1) ** 2 + (4 - 2) ** 2 + (1 - 3) ** 2 + (2 - 4) ** 2
    assert both(first, second, differences=True) == pytest.approx(1 - 6 * squares / (4 * 15))
    assert math.isnan(both(first[:3], second[:3], differences=True))
    # From 10 on there are three changes, 3, -1 and 0, against 2, 5 and 9.
    assert both(first, second, differences=True, after=10) == pytest.approx(-0.5)


def test_after_confines_both_series() -> None:
    first, second = np.array([9.0, 1, 2, 3]), np.array([9.0, 3, 2, 1])
    assert both(first, second, after=10) == pytest.approx(-1)
    assert both(first, second) != pytest.approx(-1)


@pytest.mark.parametrize(
    ("values", "window", "at"),
    [
        ([0, 5, 8.9, 9, 10, 10], 2, 30),
        ([0, 5, 8.9, 9, 9, 10], 2, 20),
        ([10, 5, 1, 0.9, 0, 0], 2, 20),
        ([3, 0.5, 12, 21, 23], 1, 30),
        ([2, 2, 2], 2, 0),
        ([1, 1, 2, 1], 1, 0),
    ],
)
def test_the_time_to_nine_tenths_of_the_way(values: list[float], window: int, at: int) -> None:
    """From the first value to the mean of the last ones, up or down; a way of no length is done at once."""
    assert of(values, reduce="time_to_90", window=window) == at


def test_the_time_to_zero_where_no_level_is_given() -> None:
    assert of([-1, 0.5, 2], reduce="time_to") == 10


def test_negative_values_are_counted_as_a_share() -> None:
    assert of([-1, 0, -2, 3, -4], reduce="share_negative") == pytest.approx(3 / 5)


def test_a_range_of_one_has_an_order_too() -> None:
    assert both(np.array([0.0, 0.5, 1.0]), np.array([1.0, 0.25, 0.0])) == pytest.approx(-1)


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
    assert math.isnan(metric(schema.Metric(series="quality.w1", after=10), SERIES))


def test_protocol_follows_what_is_measured_and_not_the_words() -> None:
    spec = schema.Metric(series="quality.w1", says="distance")
    probes = schema.Probes(quality=schema.Quality(samples=500))
    same = protocol(schema.Metric(series="quality.w1", says="other words", unit="m"), probes)
    assert protocol(spec, probes) == same
    assert protocol(spec, schema.Probes(quality=schema.Quality(samples=501))) != same
    for other in ({"window": 2}, {"after": 10}, {"reduce": "time_to", "level": 1.0}, {"differences": True}):
        assert protocol(schema.Metric(series="quality.w1", **other), probes) != same
    surface = schema.Probes(quality=schema.Quality(samples=500), surface=schema.Surface())
    assert protocol(spec, surface) == same


def test_a_series_is_cut_where_the_run_diverged() -> None:
    assert until(SERIES["losses.critic"], 20).iterations.tolist() == [0, 10]
    assert until(SERIES["losses.critic"], None) is SERIES["losses.critic"]
