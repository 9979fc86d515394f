"""The number of seeds that would decide."""

import numpy as np
import pytest

from suite.judge.levels import ALPHA
from suite.judge.seeds import rate_seeds_to_decide, seeds_to_decide, smallest_deciding
from suite.spec.claim_checks import DECIDING, MIN_SEEDS

FIVE = np.array([1.0, 2.0, 3.0, 4.0, 5.0])


@pytest.mark.parametrize(("arms", "alpha", "n"), [(1, 0.05, 5), (1, 0.03, 6), (2, 0.05, 4), (2, 0.03, 4)])
def test_fewest_seeds_that_can_decide(arms: int, alpha: float, n: int) -> None:
    assert smallest_deciding(arms, alpha) == n


def test_validate_goes_by_these_numbers() -> None:
    levels = [ALPHA[looks] for looks in sorted(ALPHA)]
    assert tuple(smallest_deciding(1, alpha) for alpha in levels) == DECIDING
    assert {smallest_deciding(2, alpha) for alpha in levels} == {MIN_SEEDS}


def test_half_the_gap_needs_four_times_the_seeds() -> None:
    # 2.5 (1.6449 + 0.8416)^2 / 0.9549 = 16.2, and four times that is 64.7.
    assert seeds_to_decide([FIVE], 1.0, 0.05) == 17
    assert seeds_to_decide([FIVE], 0.5, 0.05) == 65
    assert seeds_to_decide([FIVE, FIVE], 1.0, 0.05) == 33


def test_never_fewer_than_one_more() -> None:
    assert seeds_to_decide([FIVE], 100.0, 0.05) == 6
    assert seeds_to_decide([np.array([1.0])], 1.0, 0.05) == 5


def test_neither_on_the_margin_nor_after_a_divergence() -> None:
    assert seeds_to_decide([FIVE], 0.0, 0.05) is None
    assert seeds_to_decide([FIVE, np.array([1.0, -np.inf])], 1.0, 0.05) is None


def test_a_rate_of_one_needs_the_seeds_that_power_alpha() -> None:
    # 0.9^28 = 0.0523 and 0.9^29 = 0.0471.
    assert rate_seeds_to_decide(5, 5, 0.9, 0.05) == 29
    assert rate_seeds_to_decide(0, 5, 0.1, 0.05) == 29


def test_the_rate_seen_is_rounded_toward_the_margin() -> None:
    # 3 of 13 has p = 378/8192 = 0.046; 3 of 12 has 0.073, and 3 of 11 has 0.113.
    assert rate_seeds_to_decide(4, 5, 0.5, 0.05) == 13
    assert rate_seeds_to_decide(1, 5, 0.5, 0.05) == 13


def test_a_rate_on_the_margin_is_never_decided() -> None:
    assert rate_seeds_to_decide(3, 6, 0.5, 0.05) is None


def test_a_rate_is_asked_of_more_seeds_than_there_are() -> None:
    # 1/32 and 1/16: five successes of five decide at 0.05, four of four do not.
    assert rate_seeds_to_decide(5, 5, 0.5, 0.05) == 6
    assert rate_seeds_to_decide(4, 4, 0.5, 0.05) == 5


def test_a_p_value_on_the_level_does_not_decide() -> None:
    assert rate_seeds_to_decide(1, 1, 0.5, 0.25) == 3


def test_a_thousand_seeds_are_looked_at_and_no_more() -> None:
    # Of n successes in n, p is the margin to the power of n.
    assert rate_seeds_to_decide(5, 5, 0.05 ** (1 / 999.5), 0.05) == 1000
    assert rate_seeds_to_decide(5, 5, 0.05 ** (1 / 1000.5), 0.05) is None
