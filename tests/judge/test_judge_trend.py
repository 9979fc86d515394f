"""Per-seed statistics of trends that are known in advance."""

import numpy as np
import pytest

from suite.judge.trend import trend_statistic

LEVELS = np.array([1.0, 10.0, 100.0])


@pytest.mark.parametrize(
    ("statistic", "values", "expected"),
    [
        ("rank_correlation", [5.0, 4.0, 1.0], -1.0),
        ("rank_correlation", [1.0, 1.0, 2.0], np.sqrt(3) / 2),
        ("rank_correlation", [2.0, 2.0, 2.0], 0.0),
        ("slope", [2.0, 20.0, 200.0], 2.0),
        ("log_slope", [3.0, 5.0, 7.0], 2.0),
        ("log_log_slope", [1.0, 100.0, 10_000.0], 2.0),
        ("ratio", [4.0, 7.0, 2.0], 0.5),
        ("variation", [1.0, 2.0, 3.0], np.sqrt(2 / 3) / 2),
        ("variation", [0.1, 0.2, 0.3], np.sqrt(2 / 3) / 2),
        ("variation", [-3.0, -3.0, -3.0], 0.0),
    ],
)
def test_statistic(statistic: str, values: list[float], expected: float) -> None:
    assert trend_statistic(statistic, LEVELS, np.array(values)) == pytest.approx(expected)


@pytest.mark.parametrize("statistic", ["rank_correlation", "slope", "log_log_slope", "ratio", "variation"])
def test_a_diverged_level_leaves_no_statistic(statistic: str) -> None:
    assert np.isnan(trend_statistic(statistic, LEVELS, np.array([1.0, np.nan, 2.0])))


@pytest.mark.parametrize("statistic", ["slope", "log_slope", "log_log_slope", "ratio", "variation"])
@pytest.mark.parametrize("end", [np.inf, -np.inf])
def test_of_an_infinite_level_there_is_no_mean_slope_or_ratio(statistic: str, end: float) -> None:
    assert np.isnan(trend_statistic(statistic, LEVELS, np.array([1.0, end, 2.0])))


@pytest.mark.parametrize(
    ("values", "as_good_as"),
    [
        ([1.0, 2.0, np.inf], [1.0, 2.0, 3.0]),
        ([-np.inf, 2.0, np.inf], [1.0, 2.0, 3.0]),
        ([np.inf, np.inf, 1.0], [2.0, 2.0, 1.0]),
        ([np.inf, np.inf, np.inf], [0.0, 0.0, 0.0]),
    ],
)
def test_infinite_levels_have_ranks(values: list[float], as_good_as: list[float]) -> None:
    ranked = trend_statistic("rank_correlation", LEVELS, np.array(values))
    assert ranked == trend_statistic("rank_correlation", LEVELS, np.array(as_good_as))


@pytest.mark.parametrize(
    ("statistic", "values"),
    [("log_log_slope", [0.0, 1, 2]), ("ratio", [0.0, 1, 2]), ("variation", [-1.0, 0, 1])],
)
def test_a_statistic_that_does_not_exist_is_nan(statistic: str, values: list[float]) -> None:
    assert np.isnan(trend_statistic(statistic, LEVELS, np.array(values)))
