"""The meanings of truncation, told apart: by support, spread, and distribution."""

import re

import numpy as np
import pytest
from scipy import stats

from suite.metrics.truncation import MEANINGS, THRESHOLDS, Meaning, Noise, truncated
from suite.spec.quantities import QUANTITIES
from suite.streams import stream

COUNT = 40_000


def drawn(meaning: Meaning, threshold: float) -> Noise:
    return truncated(meaning, threshold, stream("test", meaning), (COUNT // 4, 4))


def test_drawn_again_is_the_truncated_normal_distribution() -> None:
    found = drawn("resample", 0.5).ravel()
    assert stats.kstest(found, stats.truncnorm(-0.5, 0.5).cdf).pvalue > 0.01
    assert stats.kstest(drawn("clamp", 0.5).ravel(), stats.truncnorm(-0.5, 0.5).cdf).pvalue < 1e-9


def test_clamped_noise_lies_on_the_threshold_where_it_was_beyond() -> None:
    found = drawn("clamp", 0.5)
    assert np.abs(found).max() == 0.5
    assert (np.abs(found) == 0.5).mean() == pytest.approx(2 * stats.norm.sf(0.5), abs=0.01)


def test_scaled_noise_goes_beyond_the_threshold() -> None:
    found = drawn("scale", 0.5).ravel()
    assert stats.kstest(found, stats.norm(0, 0.5).cdf).pvalue > 0.01
    assert (np.abs(found) > 0.5).mean() == pytest.approx(2 * stats.norm.sf(1), abs=0.01)


def test_published_models_cut_off_at_two_and_then_scale() -> None:
    found = drawn("squeeze", 0.5).ravel()
    assert stats.kstest(found / 0.5, stats.truncnorm(-2, 2).cdf).pvalue > 0.01


@pytest.mark.parametrize(
    ("meaning", "deviation"), [("resample", 0.2839), ("clamp", 0.4303), ("scale", 0.5), ("squeeze", 0.4398)]
)
def test_no_two_have_the_same_spread(meaning: Meaning, deviation: float) -> None:
    assert drawn(meaning, 0.5).std() == pytest.approx(deviation, rel=0.01)


@pytest.mark.parametrize("meaning", MEANINGS)
def test_each_is_narrower_at_a_lower_threshold(meaning: Meaning) -> None:
    spreads = [drawn(meaning, threshold).std() for threshold in THRESHOLDS]
    assert spreads == sorted(spreads, reverse=True)
    assert drawn(meaning, THRESHOLDS[-1]).dtype == np.float32


def test_every_threshold_that_a_quantity_speaks_of_is_tried() -> None:
    words = " ".join(QUANTITIES["truncation"].values())
    spoken_of = {float(number) for number in re.findall(r"threshold ([0-9.]+)", words)}
    assert spoken_of == {0.04, 0.25, 0.5, 2.0}
    assert spoken_of <= set(THRESHOLDS)
