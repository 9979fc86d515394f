"""Infinite numbers of runs that finished: a level never reached ranks last, and is no divergence."""

import math
from itertools import product
from typing import Any

import numpy as np
import pytest

from suite.judge.intervals import location_interval, location_p, middle, shift_interval
from suite.judge.seeds import seeds_to_decide
from suite.judge.values import Interval, Sample, Seeds
from suite.judge.verdict import judge
from suite.spec.schema import Claim

INF = math.inf
NEVER = "never reached 0.9"
LATE: Seeds = (INF, INF, INF, INF, INF, 500.0)
MOSTLY: Seeds = (INF, INF, INF, INF, 400.0, 500.0)
EARLY: Seeds = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0)


def claim(kind: Any, **fields: Any) -> Claim:
    return Claim(says="", kind=kind, metric="steps", arm="a", **{"looks": (6,)} | fields)


def test_what_is_never_reached_takes_longer() -> None:
    judged = judge(
        claim("threshold", better="higher", margin=100, looks=(6, 12)), Sample(LATE, infinite=NEVER)
    )
    assert (judged.verdict, judged.low, judged.estimate, judged.high) == ("reproduced", 500.0, INF, INF)
    assert judged.p == 1 / 64
    assert judged.reason == (
        "the interval [500, inf] lies above the margin 100; 5 of 6 seeds never reached 0.9"
    )
    assert judged.arm == LATE


def test_what_is_never_reached_is_not_reached_soon() -> None:
    judged = judge(
        claim("threshold", better="lower", margin=100, looks=(6, 12)), Sample(LATE, infinite=NEVER)
    )
    assert (judged.verdict, judged.low, judged.high) == ("refuted", 500.0, INF)
    assert judged.reason.endswith("lies above the margin 100; 5 of 6 seeds never reached 0.9")


@pytest.mark.parametrize(("better", "verdict"), [("higher", "reproduced"), ("lower", "refuted")])
def test_an_ordering_ranks_what_is_never_reached_last(better: Any, verdict: str) -> None:
    judged = judge(claim("ordering", versus="b", better=better), Sample(MOSTLY, EARLY))
    # At 0.05 seven of 36 differences may lie outside each end; the eighth is 500 - 50.
    assert (judged.verdict, judged.low, judged.high) == (verdict, 450.0, INF)
    assert judged.improvement == (better == "higher")
    assert judged.mean_interval is None
    assert judged.reason.endswith("lies above the margin 0; 4 of 12 seeds are infinite")


def test_a_diverged_seed_is_worst_and_one_that_never_got_there_is_not() -> None:
    """Its means with those that never got there may lie anywhere: they speak against the claim."""
    seeds = (None, *LATE[1:])
    judged = judge(claim("threshold", better="higher", margin=100), Sample(seeds, infinite=NEVER))
    assert (judged.verdict, judged.low, judged.high) == ("inconclusive", -INF, INF)
    assert judged.reason.split("; ") == [
        "the interval [-inf, inf] contains the margin 100",
        "how many seeds would decide cannot be told from diverged ones",
        "1 of 6 seeds diverged and rank worst",
        "4 of 6 seeds never reached 0.9",
    ]


def test_seeds_to_decide_are_not_told_from_infinite_ones() -> None:
    judged = judge(claim("threshold", better="higher", margin=600, looks=(6, 12)), Sample(LATE))
    assert "how many seeds would decide cannot be told from infinite ones; 5 of 6" in judged.reason
    assert seeds_to_decide([np.array([1.0, INF])], 1.0, 0.05) is None


def test_seeds_to_decide_are_told_from_neither_diverged_nor_undefined_ones() -> None:
    trend = claim("trend", better="higher", over="size", looks=(6, 12))
    lost = "have no ratio"
    judged = judge(trend, Sample((None, *EARLY[1:]), lost=lost, finished=(0,)))
    assert "cannot be told from undefined ones; 1 of 6 seeds have no ratio and rank worst" in judged.reason
    judged = judge(trend, Sample((None, None, *EARLY[2:]), lost=f"diverged or {lost}", finished=(0,)))
    assert "cannot be told from diverged ones; 2 of 6 seeds diverged or have no ratio" in judged.reason


def test_only_seeds_that_were_used_are_told_to_have_finished() -> None:
    trend = claim("trend", better="higher", over="size", looks=(6, 12))
    judged = judge(trend, Sample((*EARLY, *EARLY[:5], None), finished=(11,)))
    assert (judged.n, judged.finished) == (6, ())
    judged = judge(trend, Sample((None, *EARLY[1:], None), finished=(0, 6)))
    assert (judged.n, judged.finished) == (6, (0,))


@pytest.mark.parametrize("better", ["higher", "lower"])
@pytest.mark.parametrize("end", [INF, -INF])
@pytest.mark.parametrize("kind", ["threshold", "ordering", "equivalence", "rate"])
def test_an_infinite_number_is_as_good_as_a_huge_one(kind: str, end: float, better: Any) -> None:
    """Ranks do not tell them apart."""
    random, huge = np.random.default_rng(3), math.copysign(1e6, end)
    needs: dict[str, Any] = {
        "threshold": {"better": better, "margin": 0.1},
        "ordering": {"better": better, "margin": 0.1, "versus": "b"},
        "equivalence": {"margin": 2.0},
        "rate": {"better": better, "margin": 0.5, "cut": 0.5},
    }
    rule = claim(kind, **needs[kind])
    verdicts = set[str]()
    for _ in range(60):
        arms = random.standard_normal((2, 6)) + np.array([[random.choice([-2.0, 0.0, 2.0])], [0.0]])
        lost = random.random((2, 6)) < 0.2
        found = [
            judge(rule, sample(np.where(lost, value, arms), both=rule.versus is not None))
            for value in (end, huge)
        ]
        assert (found[0].verdict, found[0].p) == (found[1].verdict, found[1].p)
        verdicts.add(found[0].verdict)
    assert verdicts == {"reproduced", "refuted", "inconclusive"}


def sample(arms: Any, *, both: bool) -> Sample:
    return Sample(tuple(arms[0].tolist()), tuple(arms[1].tolist()) if both else None)


@pytest.mark.parametrize("better", ["higher", "lower"])
@pytest.mark.parametrize(
    "kind", ["threshold", "trend", "ordering", "equivalence", "both", "identity", "rate"]
)
def test_no_mixture_of_infinities_makes_no_number(kind: str, better: Any) -> None:
    versus = {"versus": "b"} if kind in ("ordering", "both") else {}
    centred = kind in ("equivalence", "both", "identity")
    fields = {"margin": 0.5, "cut": 1.5, "over": "size", **({} if centred else {"better": better})}
    rule = claim("equivalence" if kind == "both" else kind, looks=(4,), **fields, **versus)
    for arm in product((1.0, INF, -INF, None), repeat=4):
        judged = judge(rule, Sample(arm, (0.0, 3.0, INF, None) if versus else None))
        assert judged.low is not None
        assert judged.estimate is not None
        assert judged.high is not None
        assert judged.low <= judged.estimate <= judged.high
        if not centred and judged.p is not None and judged.alpha is not None:
            assert (judged.verdict == "reproduced") == (judged.p < judged.alpha)


def test_a_mean_of_opposite_infinities_may_lie_anywhere() -> None:
    """It widens the interval on both sides, and counts against the claim."""
    values = np.array([-INF, 1.0, 2.0, 3.0, 4.0, INF])
    # At one-sided 0.05 and n = 6 two of 21 means may lie outside each end; 5 of either infinity, and theirs,
    # lie there; as the least of all, the latter puts 2.5 in the middle.
    assert location_interval(values, 0.05) == Interval(2.5, -INF, INF, 6)
    assert location_p(values, 0.0) == location_p(np.array([-1e9, 1.0, 2.0, 3.0, 4.0, 0.9e9]), 0.0)


def test_arms_that_both_have_either_infinity_have_a_shift() -> None:
    arm, versus = np.array([-INF, INF]), np.array([0.0, 1.0])
    assert shift_interval(arm, versus, 0.2) == Interval(-INF, -INF, INF, 2)


def test_the_middle_is_the_median_where_there_is_one() -> None:
    assert middle(np.array([1.0, 2.0, 3.0, 5.0])) == 2.5
    assert middle(np.array([1.0, 2.0, INF])) == 2.0
    assert middle(np.array([1.0, INF])) == INF
    assert middle(np.array([INF, INF])) == INF
    assert middle(np.array([-INF, INF])) == -INF


def test_how_far_apart_arms_are_that_both_never_reach_a_level_is_not_known() -> None:
    judged = judge(claim("equivalence", versus="b", margin=5), Sample((INF,) * 6, (INF,) * 6))
    assert (judged.verdict, judged.low, judged.high, judged.p) == ("inconclusive", -INF, INF, 1.0)
    assert judged.reason.split("; ")[1:] == [
        "how many seeds would decide cannot be told from infinite ones",
        "12 of 12 seeds are infinite",
    ]
    apart = judge(claim("equivalence", versus="b", margin=5), Sample((INF,) * 6, EARLY))
    assert (apart.verdict, apart.low, apart.high) == ("refuted", INF, INF)
    assert "lies outside the band [-5, 5]" in apart.reason


def test_infinity_is_beyond_any_tolerance() -> None:
    judged = judge(claim("identity", margin=1.0), Sample((0.0, 0.0, 0.0, 0.0, INF, INF)))
    assert (judged.verdict, judged.estimate, judged.high) == ("refuted", 0.0, INF)
    assert judged.reason.endswith("2 of 6 seeds lie farther than 1 from 0; 2 of 6 seeds are infinite")


@pytest.mark.parametrize(("success", "rate"), [("below", 1 / 6), ("above", 5 / 6)])
def test_of_a_rate_infinity_is_on_its_side_of_the_cut(success: Any, rate: float) -> None:
    rule = claim("rate", better="higher", cut=600, margin=0.5, success=success)
    assert judge(rule, Sample(LATE)).estimate == pytest.approx(rate)


def test_an_expected_best_of_infinite_numbers_is_not_judged() -> None:
    rule = claim("best_of", versus="b", better="higher", tries=2, over="draw")
    judged = judge(rule, Sample(LATE, EARLY))
    assert (judged.verdict, judged.n) == ("not evaluated", 6)
    assert judged.reason == "5 of 12 seeds are infinite, of which there is no mean"
    assert judge(rule, Sample((None, *EARLY[1:]), EARLY)).verdict == "inconclusive"


def test_neither_are_they_from_numbers_whose_spread_is_none() -> None:
    """Squares of such numbers are larger than any float; a gap next to nothing makes them so as well."""
    assert seeds_to_decide([np.array([1.0, 1e200])], 1.0, 0.05) is None
    assert seeds_to_decide([np.array([1e308, -1e308])], 1.0, 0.05) is None
    assert seeds_to_decide([np.array([1.0, 2.0])], 1e-200, 0.05) is None
    assert seeds_to_decide([np.array([1e200, 2e200])], 0.25e200, 0.05) == 52
