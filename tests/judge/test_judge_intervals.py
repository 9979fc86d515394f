"""Intervals against SciPy, hand computation, their symmetries and their coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from suite.judge.intervals import (
    Floats,
    clopper_pearson,
    differences,
    improvement_probability,
    location_interval,
    location_p,
    rate_p,
    shift_interval,
    shift_p,
    student_interval,
    walsh_averages,
    welch_interval,
)
from suite.judge.values import Interval

INF = float("inf")

# Small integers, so that sums and differences are exact, and diverged runs.
finite = st.integers(-50, 50).map(float)
arms = st.lists(st.one_of(finite, st.just(-INF)), min_size=1, max_size=7).map(np.array)
finite_arms = st.lists(finite, min_size=1, max_size=7).map(np.array)
steady = settings(deadline=None, derandomize=True)


def normal(seed: int, *shape: int) -> Floats:
    return np.random.default_rng(seed).standard_normal(shape)


def assert_close(ours: Interval | None, ends: tuple[float, float]) -> None:
    assert ours is not None
    assert (ours.low, ours.high) == pytest.approx(ends)


def test_shift_interval_of_four_and_four_by_hand() -> None:
    # P(U <= 1) = 2/70 < 0.05 <= P(U <= 2): one difference is cut off at each end.
    interval = shift_interval(np.array([5.0, 6, 7, 8]), np.array([1.0, 2, 3, 4]), 0.05)
    assert interval == Interval(estimate=4.0, low=2.0, high=6.0, n=4)


def test_location_interval_of_five_by_hand() -> None:
    assert location_interval(np.array([1.0, 2, 3, 4, 5]), 0.05) == Interval(3.0, 1.0, 5.0, 5)


def test_walsh_averages_by_hand() -> None:
    assert walsh_averages(np.array([4.0, 1, 2])).tolist() == [1, 1.5, 2, 2.5, 3, 4]


def test_seeds_that_all_agree_give_a_point() -> None:
    assert location_interval(np.full(6, 2.0), 0.05) == Interval(2.0, 2.0, 2.0, 6)
    assert student_interval(np.full(6, 2.0), 0.05) == Interval(2.0, 2.0, 2.0, 6)
    assert welch_interval(np.full(6, 2.0), np.full(6, 1.0), 0.05) == Interval(1.0, 1.0, 1.0, 6)


def test_too_few_seeds_for_the_level_give_an_unbounded_interval() -> None:
    assert shift_interval(np.array([1.0, 2, 3]), np.array([0.0, 0, 0]), 0.05) == Interval(2.0, -INF, INF, 3)
    assert location_interval(np.array([1.0, 2, 3, 4]), 0.05) == Interval(2.5, -INF, INF, 4)


def test_differences_of_diverged_runs() -> None:
    assert differences(np.array([-INF, 1.0]), np.array([-INF, 0.0])).tolist() == [-INF, 0, 1, INF]


def test_one_diverged_run_of_six_leaves_the_low_end_unbounded_at_level_003() -> None:
    # Six of 36 differences are -inf and k = 5.
    arm = np.array([-INF, 5.0, 6, 7, 8, 9])
    interval = shift_interval(arm, np.zeros(6), 0.03)
    assert (interval.low, interval.high) == (-INF, 9.0)
    assert shift_interval(arm, np.zeros(6), 0.05).low == 5.0


def test_arms_that_all_diverge_do_not_differ() -> None:
    gone = np.full(6, -INF)
    assert shift_interval(gone, gone, 0.05) == Interval(0.0, 0.0, 0.0, 6)
    assert shift_interval(gone, np.zeros(6), 0.05) == Interval(-INF, -INF, -INF, 6)
    assert location_interval(gone, 0.05) == Interval(-INF, -INF, -INF, 6)


@pytest.mark.parametrize("seed", range(5))
def test_p_values_equal_scipy(seed: int) -> None:
    arm, versus = normal(seed, 6) + 0.7, normal(seed + 100, 8)
    two = stats.mannwhitneyu(arm - 0.2, versus, alternative="greater", method="exact")
    one = stats.wilcoxon(arm - 0.2, alternative="greater", method="exact")
    assert shift_p(arm, versus, 0.2) == pytest.approx(two.pvalue)
    assert location_p(arm, 0.2) == pytest.approx(one.pvalue)


@pytest.mark.parametrize(("successes", "n"), [(0, 5), (3, 7), (5, 5), (10, 14)])
def test_clopper_pearson_equals_scipy(successes: int, n: int) -> None:
    exact = stats.binomtest(successes, n).proportion_ci(confidence_level=0.9, method="exact")
    assert_close(clopper_pearson(successes, n, 0.05), (exact.low, exact.high))


@pytest.mark.parametrize(("n", "bound"), [(5, 0.55), (10, 0.74), (14, 0.81)])
def test_success_of_every_seed_bounds_the_rate(n: int, bound: float) -> None:
    assert clopper_pearson(n, n, 0.05).low == pytest.approx(bound, abs=0.005)


@pytest.mark.parametrize("successes", range(8))
def test_rate_p_equals_scipy(successes: int) -> None:
    above = stats.binomtest(successes, 7, 0.4, alternative="greater").pvalue
    below = stats.binomtest(successes, 7, 0.4, alternative="less").pvalue
    assert rate_p(successes, 7, 0.4, above=True) == pytest.approx(above)
    assert rate_p(successes, 7, 0.4, above=False) == pytest.approx(below)


def test_mean_intervals_equal_scipy() -> None:
    arm, versus = normal(1, 5) + 1, 3 * normal(2, 8)
    two = stats.ttest_ind(arm, versus, equal_var=False).confidence_interval(0.9)
    one = stats.ttest_1samp(arm, 0).confidence_interval(0.9)
    assert_close(welch_interval(arm, versus, 0.05), (two.low, two.high))
    assert_close(student_interval(arm, 0.05), (float(one.low), float(one.high)))


def test_mean_intervals_do_not_exist_for_one_seed_nor_after_a_divergence() -> None:
    one, gone = np.array([1.0]), np.array([1.0, -INF, 2.0])
    assert student_interval(one, 0.05) is None
    assert student_interval(gone, 0.05) is None
    assert welch_interval(one, np.array([1.0, 2.0]), 0.05) is None
    assert welch_interval(np.array([1.0, 2.0]), gone, 0.05) is None


def test_improvement_probability_counts_ties_half() -> None:
    assert improvement_probability(np.array([1.0, 2]), np.array([1.0, -INF])) == 0.875


@steady
@given(arms, arms)
def test_swapping_the_arms_mirrors_the_interval(arm: Floats, versus: Floats) -> None:
    one, other = shift_interval(arm, versus, 0.05), shift_interval(versus, arm, 0.05)
    assert (other.estimate, other.low, other.high) == (-one.estimate, -one.high, -one.low)
    assert improvement_probability(arm, versus) == pytest.approx(1 - improvement_probability(versus, arm))


@steady
@given(finite_arms)
def test_negating_one_sample_mirrors_the_interval(values: Floats) -> None:
    one, other = location_interval(values, 0.05), location_interval(-values, 0.05)
    assert (other.estimate, other.low, other.high) == (-one.estimate, -one.high, -one.low)


@steady
@given(finite_arms, arms, finite)
def test_shifting_an_arm_shifts_the_intervals(arm: Floats, versus: Floats, by: float) -> None:
    for before, after in (
        (shift_interval(arm, versus, 0.05), shift_interval(arm + by, versus, 0.05)),
        (location_interval(arm, 0.05), location_interval(arm + by, 0.05)),
    ):
        moved = (before.estimate + by, before.low + by, before.high + by)
        assert (after.estimate, after.low, after.high) == moved


@steady
@given(arms, arms, finite, st.sampled_from([0.05, 0.03, 0.022]))
def test_the_low_end_exceeds_a_margin_exactly_where_p_is_below_alpha(
    arm: Floats, versus: Floats, margin: float, alpha: float
) -> None:
    assert (shift_interval(arm, versus, alpha).low > margin) == (shift_p(arm, versus, margin) < alpha)
    assert (location_interval(arm, alpha).low > margin) == (location_p(arm, margin) < alpha)


@steady
@given(arms, arms)
def test_ends_are_ordered_and_never_nan(arm: Floats, versus: Floats) -> None:
    for interval in (shift_interval(arm, versus, 0.05), location_interval(arm, 0.05)):
        assert interval.low <= interval.estimate <= interval.high


def test_coverage_of_five_seeds_is_exact() -> None:
    # Exact coverage: 1 - 2/32 for one sample, 1 - 24/252 for two; 3000 draws, 4 standard errors.
    draws = normal(3, 3000, 2, 5)
    one = [location_interval(first, 0.05) for first, _ in draws]
    two = [shift_interval(first, second, 0.05) for first, second in draws]
    assert np.mean([i.low <= 0 <= i.high for i in one]) == pytest.approx(1 - 2 / 32, abs=0.018)
    assert np.mean([i.low <= 0 <= i.high for i in two]) == pytest.approx(1 - 24 / 252, abs=0.022)
