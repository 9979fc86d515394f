"""Claims whose kind has no place for infinite numbers, and metrics that may be infinite."""

import pytest
from spec_sample import changed, check, errors

from suite.spec.claim_checks import may_be_infinite
from suite.spec.schema import Metric

DISTANCE = "{series: quality.w1, transform: log10}"
TIME = "{series: quality.w1, reduce: time_to, level: 1}"


def test_a_slope_of_what_may_never_be_reached_is_told_with_its_cure() -> None:
    told = errors(changed(DISTANCE, TIME))
    assert "metric 'distance' may be infinite, and then there is no slope" in told
    assert "set statistic: rank_correlation" in told
    assert told.count("may be infinite") == 1


def test_its_ranks_are_legal() -> None:
    check(changed(DISTANCE, TIME).replace("statistic: slope", "statistic: rank_correlation"))


@pytest.mark.parametrize(
    ("infinite", "metric"),
    [
        (True, Metric(series="quality.w1", reduce="time_to", level=1.0)),
        (True, Metric(series="divergences.kl")),
        (True, Metric(series="divergences.kl", reduce="mean", transform="log10")),
        (False, Metric(series="divergences.kl", reduce="rank_correlation")),
        (False, Metric(series="divergences.kl", reduce="share_negative")),
        (False, Metric(series="divergences.js")),
        (False, Metric(series="divergences.kl", reduce="pack", use="some/reduction")),
    ],
)
def test_what_may_be_infinite(infinite: bool, metric: Metric) -> None:
    assert may_be_infinite(metric) == infinite
