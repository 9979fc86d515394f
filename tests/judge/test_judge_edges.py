"""What happens exactly on a margin, at a level, at two seeds: cases that ordinary numbers never meet."""

import math
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from scipy import stats

from suite.judge.best import best_interval, best_p, patterns
from suite.judge.draws import counted
from suite.judge.holm import overall_p
from suite.judge.intervals import shift_interval, student_interval, welch_interval
from suite.judge.reasons import outlook
from suite.judge.seeds import seeds_to_decide
from suite.judge.values import Interval, Sample
from suite.judge.verdict import Judgement, judge
from suite.spec.schema import Claim

FIVE = (1.0, 2.0, 3.0, 4.0, 5.0)
WIDE = (0.0, 1.0, 2.5, 7.0, 9.0)


def claim(kind: Any, **fields: Any) -> Claim:
    return Claim(says="", kind=kind, metric="m", arm="a", **{"looks": (5,)} | fields)


# --- On the margin ----------------------------------------------------------------------------


@pytest.mark.parametrize(("target", "margin"), [(5.0, 4.0), (1.0, 4.0), (7.0, 2.0), (-1.0, 2.0)])
def test_an_interval_that_ends_at_an_end_of_the_band_decides_nothing(target: float, margin: float) -> None:
    """[1, 5] touches [1, 9] and [-3, 5] from within, and [5, 9] and [-3, 1] from without."""
    judged = judge(claim("equivalence", target=target, margin=margin), Sample(FIVE))
    assert (judged.low, judged.high, judged.verdict) == (1.0, 5.0, "inconclusive")


@pytest.mark.parametrize(
    ("better", "margin"), [("higher", 0.0), ("higher", 1.0), ("lower", 0.0), ("lower", 1.0)]
)
@pytest.mark.parametrize("wins", [0, 6])
def test_no_share_is_beyond_the_ends_of_its_range(better: str, margin: float, wins: int) -> None:
    """An interval ends at 0 where no draw is won and at 1 where all are: on a margin there, not beyond."""
    rule = claim("paired_rate", versus="b", over="draw", cut=0.5, margin=margin, better=better, looks=(6,))
    arm, versus = (1.0,) * wins + (0.0,) * (6 - wins), (0.0,) * wins + (1.0,) * (6 - wins)
    judged = judge(rule, Sample(arm, versus))
    touches = margin == (wins == 6)
    assert (judged.verdict == "inconclusive") == touches


@pytest.mark.parametrize("margin", [1.0, 5.0])
def test_an_interval_that_ends_on_the_margin_contains_it(margin: float) -> None:
    judged = judge(claim("threshold", better="higher", margin=margin), Sample(FIVE))
    assert judged.verdict == "inconclusive"
    assert judged.reason.startswith(f"the interval [1, 5] contains the margin {margin:g}; ")


def test_a_thousand_seeds_are_still_told() -> None:
    assert outlook(1000, per_arm=False) == "about 1000 seeds would decide at the spread seen"
    assert outlook(1001, per_arm=True).startswith("more than 1,000 seeds per arm")


def test_two_seeds_have_a_spread() -> None:
    # Their variance is 1/2: 0.5 (1.6449 + 0.8416)^2 / 0.25^2 / 0.9549 = 51.8.
    assert seeds_to_decide([np.array([1.0, 2.0])], 0.25, 0.05) == 52


def test_seeds_needed_grow_with_nearness_to_the_bands_end() -> None:
    # The estimate, 3, is 1.25 inside the band: 2.5 (1.6449 + 0.8416)^2 / 1.25^2 / 0.9549 = 10.4.
    judged = judge(claim("equivalence", target=3.75, margin=2.0), Sample(FIVE))
    assert "about 11 seeds would decide" in judged.reason


# --- Against SciPy ----------------------------------------------------------------------------


def test_an_equivalence_of_two_arms_is_two_tests_of_their_difference() -> None:
    judged = judge(claim("equivalence", versus="b", target=1.0, margin=6.25), Sample(WIDE, FIVE))
    above = stats.mannwhitneyu(np.array(WIDE) + 5.25, FIVE, alternative="greater", method="exact")
    below = stats.mannwhitneyu(np.array(WIDE) - 7.25, FIVE, alternative="less", method="exact")
    assert judged.p == pytest.approx(max(above.pvalue, below.pvalue))
    assert above.pvalue != below.pvalue
    ends = stats.ttest_ind(WIDE, FIVE, equal_var=False).confidence_interval(0.9)
    assert judged.mean_interval is not None
    assert (judged.mean_interval.low, judged.mean_interval.high) == pytest.approx((ends.low, ends.high))


@pytest.mark.parametrize(("better", "alternative"), [("higher", "greater"), ("lower", "less")])
def test_the_p_value_of_a_rate_is_the_binomial_tests(better: str, alternative: Any) -> None:
    judged = judge(claim("rate", better=better, cut=1.5, margin=0.3), Sample(FIVE))
    assert judged.p == pytest.approx(stats.binomtest(4, 5, 0.3, alternative=alternative).pvalue)


def test_two_seeds_have_a_mean_interval() -> None:
    two, three = np.array([1.0, 2.0]), np.array([4.0, 4.5, 6.0])
    one = stats.ttest_1samp(two, 0).confidence_interval(0.9)
    both = stats.ttest_ind(two, three, equal_var=False).confidence_interval(0.9)
    student, welch = student_interval(two, 0.05), welch_interval(two, three, 0.05)
    assert student is not None
    assert welch is not None
    assert (student.low, student.high) == pytest.approx((float(one.low), float(one.high)))
    assert (welch.low, welch.high) == pytest.approx((both.low, both.high))


def test_of_arms_with_unlike_numbers_of_seeds_the_smaller_is_told() -> None:
    two, three = np.array([1.0, 2.0]), np.array([4.0, 4.5, 6.0])
    for pair in ((two, three), (three, two)):
        found = welch_interval(*pair, 0.05)
        assert found is not None
        assert found.n == shift_interval(*pair, 0.05).n == 2


# --- The best of several draws ------------------------------------------------------------------


def exact_p(arm: list[Fraction], versus: list[Fraction], tries: int, margin: Fraction) -> float:
    """The share of swaps with as large a difference, in numbers without rounding."""

    def best(values: list[Fraction]) -> Fraction:
        every = [max(subset) for subset in combinations(values, tries)]
        return sum(every, Fraction(0)) / len(every)

    pairs = [(a - margin, v) for a, v in zip(arm, versus, strict=True)]
    found = []
    for swaps in product((False, True), repeat=len(pairs)):
        turned = [pair[::-1] if swap else pair for pair, swap in zip(pairs, swaps, strict=True)]
        found.append(best([a for a, _ in turned]) - best([v for _, v in turned]))
    return sum(each >= found[0] for each in found) / len(found)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("seed", range(6))
def test_ties_are_ties_whatever_the_unit(seed: int, scale: float) -> None:
    """Tenths have no exact binary form: equal sums in another order differ in their last bits."""
    random = np.random.default_rng(seed)
    arm, versus = random.integers(0, 4, (2, 6))
    tenths = [[Fraction(int(value), 10) for value in each] for each in (arm, versus)]
    found = best_p(scale * arm / 10, scale * versus / 10, 3, scale * 0.1)
    assert found == exact_p(*tenths, 3, Fraction(1, 10))


def test_an_arm_is_no_better_than_itself() -> None:
    values = np.array([1.0, 5.0, 2.0, 4.0])
    assert best_p(values, values, 2, 0.0) == 1.0


def test_a_p_value_on_the_level_does_not_reject() -> None:
    """Of five draws the smallest p-value is 1/32."""
    arm, versus = np.arange(5) + 10.0, np.arange(5) + 0.0
    open_ = best_interval(arm, versus, 1, 1 / 32)
    assert (open_.low, open_.high) == (-math.inf, math.inf)
    closed = best_interval(arm, versus, 1, 1 / 31)
    assert -math.inf < closed.low < 10 < closed.high < math.inf


def test_an_open_interval_of_draws_that_never_differ_is_open_on_both_sides() -> None:
    found = best_interval(np.full(4, 5.0), np.full(4, 2.0), 1, 0.05)
    assert found == Interval(3.0, -math.inf, math.inf, 4)


def test_twelve_draws_are_swapped_in_every_way_and_more_at_random() -> None:
    assert len(np.unique(patterns(12), axis=0)) == 2**12
    assert not patterns(12).flags.writeable
    swapped = patterns(20)[1:].mean(axis=0)
    assert np.abs(swapped - 0.5).max() < 4.5 * 0.5 / math.sqrt(4095)


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_the_best_of_two_is_judged_and_not_the_mean(better: str) -> None:
    rule = claim("best_of", versus="b", over="draw", tries=2, better=better)
    best = max if better == "higher" else min
    expected = [np.mean([best(pair) for pair in combinations(each, 2)]) for each in (WIDE, FIVE)]
    judged = judge(rule, Sample(WIDE, FIVE))
    assert judged.estimate == pytest.approx(expected[0] - expected[1])
    turn = 1 if better == "higher" else -1
    tenths = [[Fraction(turn * value) for value in each] for each in (WIDE, FIVE)]
    assert judged.p == exact_p(*tenths, 2, Fraction(0))


def test_draws_come_in_pairs() -> None:
    with pytest.raises(ValueError, match="zip"):
        counted(claim("paired_rate", cut=0.5), Sample((1.0, 0.0), (1.0,)))


def test_a_paired_rate_tells_its_table() -> None:
    rule = claim("paired_rate", versus="b", over="draw", cut=0.5, margin=0.5, better="higher", looks=(6,))
    judged = judge(rule, Sample((1.0, 1.0, 1.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0, 1.0, 0.0)))
    assert judged.reason.endswith(
        "of 6 draws 3 succeed with a alone, 1 with b alone, 1 with both, 1 with neither"
    )


# --- Holm -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("p", "alpha"), [(None, 0.05), (0.01, None), (None, None)])
def test_without_a_p_value_and_its_level_there_is_no_overall_one(
    p: float | None, alpha: float | None
) -> None:
    assert overall_p(Judgement(verdict="reproduced", reason="", looks=1, p=p, alpha=alpha)) is None
