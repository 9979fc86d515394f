"""The statistics of a comparison, against closed forms and independent implementations."""

import itertools

import msgspec
import numpy as np
import pytest
from scipy.stats import binomtest, norm, ttest_1samp, wilcoxon

from suite.compare.many import verdicts
from suite.compare.permutation import FLIPPED, adjusted, finite, patterns, statistics
from suite.compare.seeds import effects
from suite.compare.shift import (
    LEVEL,
    needed,
    paired,
    pattern_statistics,
    shift,
    smallest_effect,
)
from suite.judge.orientation import placed
from suite.judge.values import Sample, Seeds
from suite.judge.verdict import judge
from suite.spec.schema import Claim
from tests.compare.samples import claim, seen

RANDOM = np.random.default_rng(5)
CODES = {"reproduced": 1, "refuted": -1}


# --- Swapping seeds -------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_every_pattern_of_swaps_is_tried_once(n: int) -> None:
    found = patterns(n)
    assert {tuple(row) for row in found} == {
        (1.0, *rest) for rest in itertools.product((1, -1), repeat=n - 1)
    }
    assert len(found) == 2 ** (n - 1)
    assert (found[0] == 1).all()


def test_of_no_seeds_there_is_one_pattern() -> None:
    assert patterns(0).shape == (1, 0)


@pytest.mark.parametrize("n", [13, 20])
def test_of_many_seeds_patterns_are_drawn_and_what_was_seen_is_among_them(n: int) -> None:
    found = patterns(n)
    assert found.shape == (2048, n)
    assert (found[0] == 1).all()
    assert (found[:, 0] == 1).all()
    assert set(found.ravel()) == {-1, 1}
    assert np.abs(found[:, 1:].mean(axis=0)).max() < 0.1
    np.testing.assert_array_equal(found, patterns(n))


@pytest.mark.parametrize("n", [6, 12])
def test_the_statistic_is_the_normal_deviate_as_unlikely_as_the_paired_t(n: int) -> None:
    """By an approximation (Wallace, 1959), which is good to less than a hundredth here."""
    values = RANDOM.standard_normal(n) + 0.6
    (found,) = statistics(values, np.ones((1, n)))
    assert found == pytest.approx(norm.isf(ttest_1samp(values, 0).pvalue / 2), rel=0.01)


def test_the_statistic_orders_patterns_as_the_paired_t_does() -> None:
    values, signs = RANDOM.standard_normal(8), patterns(8)
    t = [abs(ttest_1samp(row * values, 0).statistic) for row in signs]
    np.testing.assert_array_equal(np.argsort(t), np.argsort(statistics(values, signs)))


def test_one_claim_alone_gets_the_share_of_patterns_at_least_as_far() -> None:
    values = RANDOM.standard_normal(7) + 0.5
    means = [abs(np.mean(np.array(signs) * values)) for signs in itertools.product((1, -1), repeat=7)]
    expected = np.mean(np.array(means) >= means[0] - 1e-12)
    (p,) = adjusted(statistics(values, patterns(7))[None])
    assert p == pytest.approx(float(expected))


def test_six_seeds_that_all_move_the_same_way_reach_the_level() -> None:
    (p,) = adjusted(statistics(np.array([3.0, 3.1, 2.9, 3.2, 3.0, 2.8]), patterns(6))[None])
    assert p == 1 / 32
    assert p <= LEVEL
    (p,) = adjusted(statistics(np.array([3.0, 3.1, 2.9, 3.2, 3.0]), patterns(5))[None])
    assert p == 1 / 16


def test_a_clear_shift_is_found_among_many_claims_of_six_seeds() -> None:
    """Holm's bound alone could not: 100 times 1/32 is above any level."""
    noise = [statistics(RANDOM.standard_normal(6), patterns(6)) for _ in range(99)]
    shift_ = statistics(10 + 0.1 * RANDOM.standard_normal(6), patterns(6))
    found = adjusted(np.array([*noise, shift_]))
    assert found[-1] <= LEVEL
    assert (found[:-1] > LEVEL).all()


def test_adjusted_p_values_step_down() -> None:
    """By hand: 4 patterns, 3 claims."""
    table = np.array([[3.0, 1, 1, 1], [2.0, 1, 4, 1], [1.0, 5, 1, 2]])
    # Largest of all: 3, 5, 4, 2. Of the last two: 2, 5, 4, 2. Of the last: 1, 5, 1, 2.
    np.testing.assert_allclose(adjusted(table), [3 / 4, 1, 1])
    np.testing.assert_allclose(adjusted(table[::-1]), [1, 1, 3 / 4])


def test_infinite_differences_count_as_the_largest_finite_one() -> None:
    np.testing.assert_array_equal(finite(np.array([-np.inf, 0.5, -0.25, np.inf])), [-0.5, 0.5, -0.25, 0.5])
    np.testing.assert_array_equal(finite(np.array([-np.inf, np.inf])), [-1.0, 1.0])
    lost = statistics(np.array([-np.inf, -2.0, -1.0]), patterns(3))
    np.testing.assert_array_equal(lost, statistics(np.array([-2.0, -2.0, -1.0]), patterns(3)))


def test_no_difference_has_no_statistic_nor_has_one_seed() -> None:
    assert not statistics(np.zeros(6), patterns(6)).any()
    assert not statistics(np.array([1.0]), patterns(1)).any()
    assert statistics(np.array([1.0, 2.0]), patterns(2)).all()


# --- Verdicts of many samples ---------------------------------------------------------


@pytest.mark.parametrize("better", ["higher", "lower"])
@pytest.mark.parametrize(
    "kind",
    ["threshold", "ordering", "hardly worse", "rate", "equivalence", "identity", "two arms", "paired_rate"],
)
@pytest.mark.parametrize("infinite", [0.0, 0.05])
def test_many_verdicts_are_those_of_the_judge(kind: str, better: str, infinite: float) -> None:
    random = np.random.default_rng(11)
    two = kind in ("ordering", "hardly worse", "two arms", "paired_rate")
    others = {"two arms": claim("equivalence", versus="b"), "hardly worse": claim("ordering", margin=-0.4)}
    about = others.get(kind) or claim(kind)
    if kind in ("equivalence", "two arms", "identity"):
        about = msgspec.structs.replace(about, target=0.4)
    else:
        about = msgspec.structs.replace(about, better=better, margin=about.margin or 0.4)
    seen_: set[str] = set()
    for width in (0.3, 3.0):
        arm, versus = (width * random.standard_normal((80, 12)) + random.normal(0, 1, (80, 1)) for _ in "ab")
        arm[random.random(arm.shape) < 0.03] = np.nan
        versus[random.random(versus.shape) < 0.03] = np.nan
        for end in (-np.inf, np.inf):
            arm[random.random(arm.shape) < infinite] = end
            versus[random.random(versus.shape) < infinite] = end
        found = verdicts(about, arm, versus if two else None)
        for row, code in enumerate(found):
            judged = judge(about, Sample(_seeds(arm[row]), _seeds(versus[row]) if two else None)).verdict
            assert CODES.get(judged, 0) == code
            seen_.add(judged)
    assert {"reproduced", "refuted"} <= seen_


@pytest.mark.parametrize(
    ("about", "arm", "versus", "code"),
    [
        (claim(margin=2.0), (2.0,) * 12, None, 0),
        (claim("identity", target=3.0), (4.0, 2.0) * 6, None, 1),
        (claim("rate", margin=0.0), (-1.0,) * 12, None, 0),
        (claim("rate", margin=1.0), (1.0,) * 12, None, 0),
        (claim("paired_rate", margin=0.0), (-1.0,) * 12, (1.0,) * 12, 0),
        (claim("paired_rate", margin=1.0), (1.0,) * 12, (-1.0,) * 12, 0),
        (claim("paired_rate", margin=0.1), (1.0, -1.0) * 6, (-1.0, 1.0) * 6, 1),
        (claim("paired_rate", margin=0.1), (1.0, -1.0) * 6, (1.0, -1.0) * 6, 0),
    ],
)
def test_on_an_edge_many_verdicts_are_those_of_the_judge(
    about: Claim, arm: Seeds, versus: Seeds | None, code: int
) -> None:
    (found,) = verdicts(about, np.array([arm]), None if versus is None else np.array([versus]))
    assert found == code == CODES.get(judge(about, Sample(arm, versus)).verdict, 0)


def test_a_best_of_several_draws_has_no_quick_verdict() -> None:
    values = np.array([[9.0] * 12, [-9.0] * 12])
    best = claim("best_of", versus="b", over="draw", tries=2)
    np.testing.assert_array_equal(verdicts(best, values, -values), [0, 0])


def _seeds(values: np.ndarray) -> Seeds:
    return tuple(None if np.isnan(value) else float(value) for value in values)


# --- Shifts ---------------------------------------------------------------------------


def test_a_shift_is_the_median_of_the_pairwise_means_with_its_exact_interval() -> None:
    before, after = (0.0,) * 6, (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
    found = shift(claim(), seen(before, after), 0.0)
    # 21 Walsh averages: 1, 1.5, 2, 2.5, ... 8.5 ... 18, 20, 24, 32; at one-sided 0.05 and n = 6 (3 in 64) two
    # may lie outside each end.
    assert (found.interval.estimate, found.interval.low, found.interval.high) == (8.5, 2.0, 20.0)
    assert found.p == 2 / 64
    assert found.better
    assert found.matters


def test_the_p_value_is_wilcoxons() -> None:
    before, after = RANDOM.standard_normal((2, 9))
    found = shift(claim(), seen(tuple(before), tuple(after)), 0.0)
    assert found.p == pytest.approx(wilcoxon(after - before, method="exact").pvalue)


def test_of_a_rate_it_is_mcnemars() -> None:
    before = (1.0,) * 9 + (-1.0,)
    after = (-1.0,) * 7 + (1.0,) * 3
    found = shift(claim("rate"), seen(before, after), 0.0)
    assert found.p == pytest.approx(binomtest(1, 8).pvalue)
    assert not found.better
    assert found.smallest == 0.2


def test_of_two_arms_it_is_the_shift_of_their_difference() -> None:
    versus = ((1.0,) * 6, (5.0,) * 6)
    found = shift(claim("ordering"), seen((2.0,) * 6, (2.0,) * 6, versus), 0.0)
    assert found.interval.estimate == -4.0
    assert not found.better


def test_where_lower_is_better_the_shift_keeps_the_metrics_orientation() -> None:
    found = shift(claim(better="lower"), seen((1.0,) * 6, (3.0,) * 6), 0.0)
    assert found.interval.estimate == 2.0
    assert not found.better


def test_of_an_equivalence_nearer_to_the_target_is_better() -> None:
    nearer = shift(claim("equivalence", target=5.0), seen((3.0,) * 6, (6.0,) * 6), 0.0)
    farther = shift(claim("equivalence", target=5.0), seen((5.5,) * 6, (4.0,) * 6), 0.0)
    assert nearer.better
    assert not farther.better


def test_a_run_that_diverged_on_one_side_alone_makes_an_infinite_difference() -> None:
    lost = seen((1.0, None, None), (None, 1.0, None))
    np.testing.assert_array_equal(paired(claim(), lost), [-np.inf, np.inf, 0.0])
    all_lost = shift(claim(), seen((1.0,) * 6, (None,) * 6), 0.0)
    assert all_lost.interval.estimate == -np.inf
    assert all_lost.p == 2 / 64
    assert not all_lost.better


def test_a_diverged_seed_is_no_success_of_a_rate_and_no_value_of_an_equivalence() -> None:
    assert effects(claim("rate"), Sample((1.0, None)))[1] == 0.0
    assert effects(claim("rate", better="lower"), Sample((1.0, None)))[1] == -1.0
    assert effects(claim("equivalence", versus="b"), Sample((1.0, 1.0), (0.0, None)))[1] == np.inf
    assert placed((None,), 7.0)[0] == 7.0


def test_of_an_infinite_seed_no_equivalence_has_a_value_and_an_ordering_its_rank() -> None:
    both = Sample((np.inf, np.inf, None), (np.inf, 1.0, None))
    np.testing.assert_array_equal(effects(claim("equivalence", versus="b"), both), [np.inf] * 3)
    np.testing.assert_array_equal(effects(claim("ordering"), both), [0.0, np.inf, 0.0])


def test_infinite_seeds_have_no_size() -> None:
    """The noise floor is a share of the largest value, of those that have one."""
    found = shift(claim(), seen((np.inf, 2.0, 3.0, 4.0), (np.inf, 1.0, 2.0, 3.0)), 0.5)
    assert found.smallest == 2.0
    assert found.interval.estimate == -1.0
    unlike = shift(claim(), seen((np.inf,) * 6, (1.0,) * 6), 0.0)
    assert unlike.interval.estimate == -np.inf
    assert not unlike.better


def test_the_smallest_effect_is_half_the_spread_of_the_calmer_version() -> None:
    calm, wild = (1.0, 2.0, 3.0, 4.0), (10.0, 20.0, 30.0, 40.0)
    assert smallest_effect(claim(), seen(calm, wild)) == pytest.approx(0.5 * np.std(calm, ddof=1))
    assert smallest_effect(claim(), seen(wild, calm)) == pytest.approx(0.5 * np.std(calm, ddof=1))


def test_the_smallest_effect_is_at_least_a_share_of_the_margin() -> None:
    same = seen((1.0,) * 4, (1.0,) * 4)
    assert smallest_effect(claim(margin=2.0), same) == pytest.approx(0.02)
    assert smallest_effect(claim("equivalence", margin=2.0), same) == pytest.approx(0.2)
    noisy = shift(claim(margin=2.0), same, 0.5)
    assert noisy.smallest == pytest.approx(0.5)


def test_a_shift_inside_the_noise_floor_is_small_however_few_seeds_there_are() -> None:
    moved = seen((1.0, 1.0), (1.1, 1.1))
    assert not shift(claim(), moved, 0.0).is_small
    assert shift(claim(), moved, 0.2).is_small


def test_swapping_two_versions_turns_the_shift_round() -> None:
    before, after = tuple(RANDOM.standard_normal(8)), tuple(RANDOM.standard_normal(8))
    there, back = (shift(claim(), seen(*pair), 0.0) for pair in ((before, after), (after, before)))
    assert there.interval.estimate == pytest.approx(-back.interval.estimate)
    assert there.interval.low == pytest.approx(-back.interval.high)
    assert (there.p, there.smallest) == pytest.approx((back.p, back.smallest))
    assert there.better != back.better


def test_a_pattern_with_opposite_verdicts_stands_above_all_others() -> None:
    """All six above the margin in one version and below in the other: so only unswapped."""
    about = claim(margin=0.0)
    turned = seen((5.0, 9.0, 700.0, 3.0, 80.0, 2.0), (-3.0, -1.0, -2.0, -900.0, -4.0, -1.0))
    found = pattern_statistics(about, turned, patterns(6), decides=True)
    assert found[0] == FLIPPED
    assert (found[1:] < FLIPPED).all()
    assert (pattern_statistics(about, turned, patterns(6), decides=False) < FLIPPED).all()


def test_a_claim_that_no_pattern_would_show_to_matter_takes_no_part() -> None:
    tiny = seen((1.0, 2.0, 3.0, 4.0, 5.0, 6.0), (1.1, 2.1, 3.1, 4.1, 5.1, 6.1))
    assert not pattern_statistics(claim(), tiny, patterns(6), decides=True).any()


def test_more_seeds_are_needed_for_a_smaller_shift() -> None:
    noise = RANDOM.standard_normal(8)
    counts = []
    for by in (1.0, 0.6):
        moved = seen(tuple(0.1 * noise), tuple(noise + by))
        counts.append(needed(claim(), moved, shift(claim(), moved, 0.0), 10))
    assert counts[0] is not None
    assert counts[1] is not None
    assert 8 < counts[0] < counts[1]
