"""What a shift is called, and in which patterns verdicts turn: on small samples, by hand."""

import math

import msgspec
import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import norm

from suite.compare.permutation import FLIPPED, patterns
from suite.compare.seeds import Shared
from suite.compare.shift import Shift, needed, pattern_statistics, shift, smallest_effect
from suite.judge.values import Interval, Sample
from suite.judge.verdict import judge
from suite.spec.schema import Claim
from tests.compare.samples import claim, seen

NONE = (0.0,) * 6


def moved(estimate: float, low: float, high: float, smallest: float) -> Shift:
    """A shift by so much."""
    return Shift(Interval(estimate, low, high, 6), 1.0, smallest, quiet=False, better=True)


def test_an_estimate_matters_from_the_smallest_effect_on_and_is_not_zero() -> None:
    assert moved(1.0, 0.0, 2.0, 1.0).matters
    assert moved(-1.0, -2.0, 0.0, 1.0).matters
    assert not moved(0.99, 0.0, 2.0, 1.0).matters
    assert not moved(0.0, 0.0, 0.0, 0.0).matters


def test_a_shift_is_small_where_both_ends_are_below_the_smallest_effect() -> None:
    assert moved(0.0, -0.9, 0.9, 1.0).is_small
    assert not moved(0.0, -0.9, 1.0, 1.0).is_small
    assert not moved(0.0, -1.0, 0.9, 1.0).is_small


def test_a_move_of_every_seed_by_a_hundredth_of_what_matters_is_none() -> None:
    """What matters is a tenth of the margin, here 1; of two seeds every interval is infinite."""
    about = claim("equivalence", margin=10.0)
    assert shift(about, seen((0.0, 0.0), (0.01, -0.01)), 0.0).is_small
    assert not shift(about, seen((0.0, 0.0), (0.011, 0.011)), 0.0).is_small
    assert not shift(about, seen((0.0, 0.0), (0.0, 0.011)), 0.0).is_small


@pytest.mark.parametrize("kind", ["threshold", "rate"])
def test_no_difference_is_neither_better_nor_anything_else(kind: str) -> None:
    found = shift(claim(kind), seen(NONE, NONE), 0.0)
    assert (found.interval.estimate, found.p, found.matters, found.better) == (0.0, 1.0, False, False)


def test_an_equivalence_as_far_off_on_the_other_side_is_not_better() -> None:
    assert not shift(claim("equivalence", target=5.0), seen((3.0,) * 6, (7.0,) * 6), 0.0).better


def test_between_a_finite_and_an_infinite_mean_of_two_seeds_the_estimate_is_infinite() -> None:
    """Of 1, 2 and infinity the means of two are 1, 1.5, 2 and three infinite ones."""
    found = shift(claim(), seen((0.0, 0.0, 0.0), (1.0, 2.0, math.inf)), 0.0)
    assert found.interval.estimate == math.inf


def test_noise_of_two_arms_is_a_share_of_the_sum_of_their_sizes() -> None:
    two = seen((2.0, 1.0), (-3.0, 1.0), ((10.0, 4.0), (20.0, None)))
    assert shift(claim("ordering"), two, 0.5).smallest == 0.5 * (3 + 20)
    assert shift(claim(), seen((None, None), (None, None)), 0.5).smallest == 0.0


def test_noise_of_a_metric_is_none_of_a_rate() -> None:
    """Of numbers around 1,000 a hundredth would be 10, which no difference of rates comes to."""
    found = shift(claim("rate"), seen((1000.0,) * 6, (-1000.0,) * 6), 0.01)
    assert found.smallest == 0.2
    assert found.matters
    assert not found.is_small


def test_the_spread_is_that_of_the_larger_or_of_the_smaller_numbers_of_each_seed() -> None:
    calm, low = (1.0, 2.0, 3.0, 4.0), (-10.0, -20.0, -30.0, -40.0)
    for both in (seen(calm, low), seen(low, calm)):
        assert smallest_effect(claim(), both) == pytest.approx(0.5 * np.std(calm, ddof=1))


def test_a_spread_needs_two_numbers() -> None:
    assert smallest_effect(claim(), seen((1.0,), (2.0,))) == 0.0
    assert smallest_effect(claim(), seen((1.0, 2.0), (1.0, 2.0))) == pytest.approx(math.sqrt(0.5) / 2)
    # Of the larger numbers, 3, 1 and 5, the deviation is 2; of the smaller ones one alone is finite.
    assert smallest_effect(claim(), seen((1.0, None, None), (3.0, 1.0, 5.0))) == pytest.approx(1.0)


def test_a_claim_of_which_a_pattern_shows_exactly_what_matters_takes_part() -> None:
    about, signs = claim("equivalence", margin=10.0), patterns(6)
    assert pattern_statistics(about, seen(NONE, (1.0,) * 6), signs, decides=False)[0] > 0
    assert not pattern_statistics(about, seen(NONE, (0.99,) * 6), signs, decides=False).any()


# --- Seeds that would tell ------------------------------------------------------------------

APART = (-4.0, -2.0, 0.0, 2.0, 4.0, 6.0)
"""Around 1, with the variance 14."""


def expected(gap: float, alpha: float) -> int:
    """Of the signed-rank test: the t-test's number of seeds by the normal law, over its efficiency."""
    return math.ceil(14 * ((norm.isf(alpha) + norm.ppf(0.8)) / gap) ** 2 * math.pi / 3)


@pytest.mark.parametrize(("claims", "one_of"), [(0, 1), (1, 1), (10, 10)])
def test_of_a_shift_that_matters_it_is_to_be_told_from_none_among_all_claims(
    claims: int, one_of: int
) -> None:
    both = seen(NONE, APART)
    found = shift(claim(), both, 0.0)
    assert found.matters
    assert needed(claim(), both, found, claims) == expected(1.0, 0.02 / one_of)


@pytest.mark.parametrize("sign", [1, -1])
def test_of_a_shift_that_does_not_it_is_to_be_told_from_what_does(sign: int) -> None:
    """A hundredth of the margin is 3: the estimate is 2 below."""
    about, both = claim(margin=300.0), seen(NONE, tuple(sign * each for each in APART))
    assert needed(about, both, shift(about, both, 0.0), 10) == expected(2.0, 0.05)


# --- Verdicts that turn ---------------------------------------------------------------------


def opposite(about: Claim, before: Sample, after: Sample) -> bool:
    return {judge(about, each).verdict for each in (before, after)} == {"reproduced", "refuted"}


@pytest.mark.parametrize("kind", ["ordering", "equivalence"])
def test_verdicts_of_two_arms_turn_though_no_seed_says_so_alone(kind: str) -> None:
    """One seed of each version is far off in both arms (ordering) or in one (equivalence), so that the
    larger differences of the two versions have no verdict, nor the smaller ones.
    """
    about = claim(kind, versus="b", looks=(6,))
    if kind == "ordering":
        arms = ((1.0, 1.0, 1.0, 1.0, 1.0, -50.0), (-1.0, -1.0, -1.0, -1.0, -60.0, -1.0))
        others = ((0.0, 0.0, 0.0, 0.0, 0.0, -100.0), (0.0, 0.0, 0.0, 0.0, -100.0, 0.0))
    else:
        arms = ((0.0, 0.0, 0.0, 0.0, 0.0, -50.0), (9.0, 9.0, 9.0, 9.0, -50.0, 9.0))
        others = (NONE, NONE)
    both = seen(*arms, others)
    assert opposite(about, both.before, both.after)
    assert pattern_statistics(about, both, patterns(6), decides=True)[0] == FLIPPED


@pytest.mark.parametrize("better", ["higher", "lower"])
@pytest.mark.parametrize(
    "kind", ["threshold", "ordering", "rate", "paired_rate", "equivalence", "identity", "two arms"]
)
def test_verdicts_turn_in_the_patterns_in_which_the_judges_do(kind: str, better: str) -> None:
    random, signs = np.random.default_rng(4), patterns(8)[::9]
    centred = kind in ("equivalence", "identity", "two arms")
    fields = {} if centred else {"better": better}
    about = claim("equivalence", versus="b") if kind == "two arms" else claim(kind, **fields)
    about = msgspec.structs.replace(about, looks=(8,), target=0.5 if centred else 0.0)
    told = []
    for _ in range(12):
        both = _drawn(random, about)
        found = pattern_statistics(about, both, signs, decides=True) == FLIPPED
        assert list(found) == [opposite(about, _taken(both, row > 0), _taken(both, row < 0)) for row in signs]
        told += list(found)
    assert {True, False} == set(told)


def _drawn(random: np.random.Generator, about: Claim) -> Shared:
    """Two versions' numbers around different middles; now and then a run has diverged, or is far off."""
    apart = np.array([0.5, random.choice([-3.0, 4.0])])
    middles = np.stack([random.permutation(apart), np.zeros(2)])
    values = middles[:, :, None] + 0.3 * random.standard_normal((2, 2, 8))
    values += (random.random(values.shape) < 0.05) * random.normal(0, 20, values.shape)
    values[random.random(values.shape) < 0.02] = np.nan
    rows = [tuple(None if np.isnan(each) else float(each) for each in row) for row in values.reshape(4, 8)]
    return seen(rows[0], rows[1], (rows[2], rows[3]) if about.versus else None)


def _taken(both: Shared, first: npt.NDArray[np.bool_]) -> Sample:
    """The first version's numbers where that holds, and else the second one's."""
    arm, *versus = (
        tuple(old if ours else new for old, new, ours in zip(*pair, first, strict=True))
        for pair in ((both.before.arm, both.after.arm), (both.before.versus, both.after.versus))
        if pair[0] is not None
    )
    return Sample(arm, versus[0] if versus else None)
