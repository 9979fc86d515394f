"""Claims over draws of settings: McNemar's test and the best of k draws, against other ways to them."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy.stats import binomtest, permutation_test

from suite.judge.best import best_interval, best_p, expected_best, patterns, weights
from suite.judge.draws import counted
from suite.judge.values import Counts, Sample
from suite.judge.verdict import judge
from suite.spec.schema import Claim

MCNEMAR = Claim(
    says="",
    kind="paired_rate",
    metric="score",
    arm="new",
    versus="old",
    over="architecture",
    better="higher",
    cut=2.0,
    margin=0.5,
    looks=(12,),
)


def paired(only_arm: int, only_versus: int, both: int, neither: int) -> Sample:
    """Draws with these counts at a cut of 2."""
    pairs = (
        [(3.0, 1.0)] * only_arm + [(1.0, 3.0)] * only_versus + [(3.0, 3.0)] * both + [(1.0, 1.0)] * neither
    )
    return Sample(tuple(a for a, _ in pairs), tuple(b for _, b in pairs))


def test_counts_of_a_table_are_found_again() -> None:
    assert counted(MCNEMAR, paired(5, 1, 4, 2)) == Counts(5, 1, 4, 2)


@pytest.mark.parametrize(("only_arm", "only_versus"), [(8, 0), (7, 1), (6, 2), (2, 5), (0, 4)])
def test_p_is_the_exact_binomial_test_of_the_unlike_draws(only_arm: int, only_versus: int) -> None:
    judged = judge(MCNEMAR, paired(only_arm, only_versus, 2, 10 - only_arm - only_versus))
    unlike = only_arm + only_versus
    assert judged.p == pytest.approx(binomtest(only_arm, unlike, alternative="greater").pvalue)
    ends = binomtest(only_arm, unlike).proportion_ci(0.9, "exact")
    assert (judged.low, judged.high) == pytest.approx((ends.low, ends.high))
    assert (judged.verdict == "reproduced") == (judged.p < 0.05)


def test_fewer_successes_of_the_arm_than_of_the_other_refute() -> None:
    assert judge(MCNEMAR, paired(0, 6, 3, 3)).verdict == "refuted"


def test_draws_that_are_all_alike_decide_nothing() -> None:
    judged = judge(MCNEMAR, paired(0, 0, 7, 5))
    assert (judged.verdict, judged.low, judged.high, judged.p) == ("inconclusive", 0, 1, 1)
    assert judged.counts == Counts(0, 0, 7, 5)


@pytest.mark.parametrize("success", ["above", "below"])
def test_a_run_that_diverged_has_not_succeeded_in_either_arm(success: str) -> None:
    claim = Claim(**{**{f: getattr(MCNEMAR, f) for f in MCNEMAR.__struct_fields__}, "success": success})
    assert counted(claim, Sample((None, 2.0), (2.0, None))) == Counts(0, 0, 0, 2)


@pytest.mark.parametrize("tries", [1, 2, 3, 6])
def test_the_expected_best_is_the_mean_over_all_subsets(tries: int) -> None:
    values = np.array([0.3, -1.0, 2.5, 0.0, 0.3, 7.0])
    every = [max(subset) for subset in combinations(values, tries)]
    assert float(expected_best(values, tries)) == pytest.approx(np.mean(every))


def test_the_weights_of_the_order_statistics_add_up_to_one() -> None:
    for n, tries in product(range(1, 30), (1, 2, 5)):
        if tries <= n:
            assert weights(n, tries).sum() == pytest.approx(1)


def test_the_expected_best_of_uniform_draws_is_that_of_the_distribution() -> None:
    # The mean of the largest of k uniform numbers is k / (k + 1).
    draws = np.random.default_rng(0).random((20_000, 8))
    found = expected_best(draws, 3)
    assert abs(found.mean() - 3 / 4) < 4 * found.std() / np.sqrt(len(draws))


def test_swaps_of_a_few_draws_are_all_swaps() -> None:
    assert {tuple(row) for row in patterns(4).tolist()} == set(product((False, True), repeat=4))
    assert not patterns(4)[0].any()
    assert patterns(20).shape == (4096, 20)
    assert not patterns(20)[0].any()


@pytest.mark.parametrize("tries", [1, 3])
def test_p_is_scipys_permutation_test_of_pairs(tries: int) -> None:
    random = np.random.default_rng(3)
    arm, versus = random.normal(0.6, 1, 8), random.normal(0, 1, 8)

    def statistic(x: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
        moved = (np.moveaxis(each, axis, -1) for each in (x, y))
        return np.subtract(*(expected_best(each, tries) for each in moved))

    expected = permutation_test(
        (arm, versus), statistic, permutation_type="samples", alternative="greater", n_resamples=np.inf
    )
    assert best_p(arm, versus, tries, 0.0) == pytest.approx(expected.pvalue)


def test_the_interval_ends_where_the_test_begins_to_reject() -> None:
    random = np.random.default_rng(5)
    arm, versus = random.normal(2, 1, 9), random.normal(0, 1, 9)
    found = best_interval(arm, versus, 3, 0.05)
    assert best_p(arm, versus, 3, found.low - 1e-9) < 0.05 <= best_p(arm, versus, 3, found.low + 1e-9)
    assert best_p(versus, arm, 3, -found.high - 1e-9) < 0.05 <= best_p(versus, arm, 3, -found.high + 1e-9)
    assert found.low < found.estimate < found.high


def test_an_interval_of_too_few_draws_is_open() -> None:
    found = best_interval(np.array([5.0, 6, 7, 8]), np.array([1.0, 2, 3, 4]), 1, 0.05)
    assert (found.low, found.high) == (-np.inf, np.inf)


def test_the_test_keeps_its_level() -> None:
    random = np.random.default_rng(11)
    pairs = random.standard_normal((400, 2, 8))
    rejected = np.mean([best_p(arm, versus, 3, 0.0) < 0.05 for arm, versus in pairs])
    assert rejected < 0.05 + 3 * np.sqrt(0.05 * 0.95 / len(pairs))


def best_of(better: str, margin: float) -> Claim:
    """A claim about the best of two."""
    return Claim(
        says="",
        kind="best_of",
        metric="fd",
        arm="new",
        versus="old",
        over="search",
        better="lower" if better == "lower" else "higher",
        tries=2,
        margin=margin,
        looks=(8,),
    )


def test_the_best_of_a_lower_metric_is_the_smallest() -> None:
    old = (9.0, 8.0, 7.0, 6.0, 9.5, 8.5, 7.5, 6.5)
    new = tuple(value - 3 for value in old)
    judged = judge(best_of("lower", 1.0), Sample(new, old))
    assert judged.verdict == "reproduced"
    assert judged.estimate == pytest.approx(-3)
    assert judged.margin == -1
    assert judge(best_of("higher", 1.0), Sample(new, old)).verdict == "refuted"


def test_a_diverged_draw_is_as_bad_as_the_worst_that_finished() -> None:
    old = (9.0, 8.0, 7.0, 6.0, 9.5, 8.5, 7.5, 6.5)
    lost, worst = (None, *old[1:]), (9.5, *old[1:])
    claim = best_of("lower", 0.0)
    with_lost, with_worst = judge(claim, Sample(old, lost)), judge(claim, Sample(old, worst))
    assert (with_lost.estimate, with_lost.low, with_lost.p) == (
        with_worst.estimate,
        with_worst.low,
        with_worst.p,
    )
    assert "1 of 16 runs diverged" in with_lost.reason
