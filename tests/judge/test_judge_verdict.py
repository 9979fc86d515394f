"""Verdicts of every kind, their sentences, and the looks."""

import math
from typing import Any

import numpy as np
import pytest

from suite.judge.levels import level
from suite.judge.values import VERDICTS, Judgement, Sample
from suite.judge.verdict import judge, not_evaluated
from suite.spec.schema import Claim

INF = float("inf")
LOW = (1.0, 2.0, 3.0, 4.0)
HIGH = (5.0, 6.0, 7.0, 8.0)
FIVE = (1.0, 2.0, 3.0, 4.0, 5.0)
NOT = "not reproduced by this implementation at this scale: "
CROSSING = (
    "the interval [1, 5] crosses an end of the band [1.5, 4.5]; about 8 seeds would decide at the spread seen"
)


def claim(kind: Any, **fields: Any) -> Claim:
    kept = {"better": "higher", "versus": "b" if kind == "ordering" else None, "looks": (5,)} | fields
    return Claim(says="it holds", kind=kind, metric="m", arm="a", **kept)


def ordering(arm: Any, versus: Any, **fields: Any) -> Judgement:
    return judge(claim("ordering", **{"looks": (4,), **fields}), Sample(arm, versus))


def one(kind: Any, arm: Any, **fields: Any) -> Judgement:
    return judge(claim(kind, **fields), Sample(arm))


def test_the_vocabulary_is_closed() -> None:
    assert VERDICTS == ("reproduced", "refuted", "inconclusive", "not evaluated")


def test_an_ordering_is_told_in_full() -> None:
    judged = ordering(HIGH, LOW, margin=1.0)
    assert judged == Judgement(
        verdict="reproduced",
        reason="the interval [2, 6] lies above the margin 1",
        looks=1,
        margin=1.0,
        estimate=4.0,
        low=2.0,
        high=6.0,
        n=4,
        look=1,
        alpha=0.05,
        p=2 / 70,
        mean_interval=judged.mean_interval,
        improvement=1.0,
        arm=HIGH,
        versus=LOW,
    )
    # Both variances are 5/3, so Welch has 6 degrees of freedom: 1.9432 * sqrt(5/6) = 1.7739.
    assert judged.mean_interval is not None
    assert (judged.mean_interval.low, judged.mean_interval.high) == pytest.approx((2.2261, 5.7739), abs=1e-4)


def test_an_ordering_of_lower_is_told_as_arm_minus_versus() -> None:
    judged = ordering(LOW, HIGH, better="lower", margin=1.0)
    assert judged.reason == "the interval [-6, -2] lies below the margin -1"
    assert (judged.verdict, judged.estimate, judged.margin) == ("reproduced", -4.0, -1.0)
    assert (judged.improvement, judged.p) == (1.0, 2 / 70)
    assert judged.mean_interval is not None
    assert judged.mean_interval.high < 0


def test_a_refuted_ordering() -> None:
    judged = ordering(LOW, HIGH)
    assert judged.verdict == "refuted"
    assert judged.reason == NOT + "the interval [-6, -2] lies below the margin 0"
    turned = ordering(HIGH, LOW, better="lower")
    assert (turned.verdict, turned.reason) == ("refuted", NOT + "the interval [2, 6] lies above the margin 0")


def test_an_inconclusive_ordering_names_the_seeds_that_would_decide() -> None:
    # Variances 5/3 each, gap 1: (10/3) (1.6449 + 0.8416)^2 / 0.9549 = 21.6.
    judged = ordering(HIGH, LOW, margin=3.0)
    assert judged.verdict == "inconclusive"
    assert judged.reason == (
        "the interval [2, 6] contains the margin 3; about 22 seeds per arm would decide at the spread seen"
    )


def test_no_number_of_seeds_decides_on_the_margin() -> None:
    judged = one("threshold", FIVE, margin=3.0)
    assert judged.reason == (
        "the interval [1, 5] contains the margin 3; no number of seeds would: the estimate is on the margin"
    )


def test_a_gap_far_below_the_spread_needs_more_seeds_than_anyone_has() -> None:
    assert "more than 1,000 seeds would be needed" in one("threshold", FIVE, margin=2.99).reason


def test_a_diverged_seed_ranks_worst_in_an_ordering() -> None:
    judged = ordering((8.0, None, 7.0, 6.0), LOW)
    assert (judged.verdict, judged.low, judged.high) == ("inconclusive", -INF, 6.0)
    assert judged.reason == (
        "the interval [-inf, 6] contains the margin 0; how many seeds would decide cannot be told from "
        "diverged ones; 1 of 8 seeds diverged and rank worst"
    )
    assert ordering((1.0, math.nan, 3.0, 4.0), HIGH, better="lower").high == INF


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_two_arms_that_both_diverge_do_not_show_that_one_is_hardly_worse(better: str) -> None:
    lost = (None,) * 6
    both = ordering(lost, lost, looks=(6,), margin=-0.1, better=better)
    assert (both.verdict, both.low, both.high, both.p) == ("inconclusive", -INF, INF, 1.0)
    assert ordering(lost, lost, looks=(6,), margin=0.1, better=better).verdict == "refuted"
    half = (*HIGH, None, None)
    assert ordering(half, half, looks=(6,), margin=-10.0, better=better).verdict == "inconclusive"
    whole = (*HIGH, 7.0, 8.0)
    assert ordering(whole, whole, looks=(6,), margin=-10.0, better=better).verdict == "reproduced"


def test_diverged_seeds_of_the_other_arm_support_an_ordering() -> None:
    judged = ordering(LOW, (None,) * 4, margin=1.0)
    assert (judged.verdict, judged.estimate, judged.mean_interval) == ("reproduced", INF, None)


@pytest.mark.parametrize("diverged", [None, math.nan])
def test_every_mark_of_divergence_is_kept_as_none(diverged: float | None) -> None:
    judged = one("threshold", (1.0, diverged, 3.0, 4.0, 5.0))
    assert judged.arm == (1.0, None, 3.0, 4.0, 5.0)
    assert judged.low == -INF


@pytest.mark.parametrize("kind", ["threshold", "trend"])
@pytest.mark.parametrize(
    ("better", "margin", "verdict"),
    [
        ("higher", 0.5, "reproduced"),
        ("higher", 5.5, "refuted"),
        ("higher", 2.0, "inconclusive"),
        ("lower", 5.5, "reproduced"),
        ("lower", 0.5, "refuted"),
        ("lower", 2.0, "inconclusive"),
    ],
)
def test_a_value_against_a_margin(kind: str, better: str, margin: float, verdict: str) -> None:
    judged = one(kind, FIVE, better=better, margin=margin)
    assert (judged.verdict, judged.estimate, judged.low, judged.high) == (verdict, 3.0, 1.0, 5.0)
    assert (judged.p == 1 / 32) == (verdict == "reproduced")


def test_threshold_sentences() -> None:
    assert one("threshold", FIVE, margin=0.5).reason == "the interval [1, 5] lies above the margin 0.5"
    assert one("threshold", FIVE, margin=2.0).reason == (
        "the interval [1, 5] contains the margin 2; about 17 seeds would decide at the spread seen"
    )


def test_a_bound_close_to_the_margin_is_printed_apart_from_it() -> None:
    assert one("threshold", (0.150004,) * 5, margin=0.15).reason == (
        "the interval [0.150004, 0.150004] lies above the margin 0.15"
    )


def test_seeds_that_all_agree() -> None:
    assert one("threshold", (2.0,) * 5, margin=1.0).verdict == "reproduced"
    assert one("threshold", (2.0,) * 5, margin=2.0).verdict == "inconclusive"
    assert one("equivalence", (2.0,) * 5, target=2.0, margin=0.1).verdict == "reproduced"


@pytest.mark.parametrize(("better", "end"), [("higher", -INF), ("lower", INF)])
def test_a_diverged_seed_counts_against_a_threshold(better: str, end: float) -> None:
    judged = one("threshold", (1.0, 2.0, 3.0, 4.0, None), better=better, margin=0.0)
    assert judged.verdict != "reproduced"
    assert end in (judged.low, judged.high)


def test_a_rate_counts_seeds_beyond_the_cut() -> None:
    judged = one("rate", FIVE, cut=0.0, margin=0.5)
    assert (judged.verdict, judged.estimate) == ("reproduced", 1.0)
    assert judged.p == pytest.approx(1 / 32)
    assert judged.reason == "the interval [0.549, 1] lies above the margin 0.5"
    assert one("rate", FIVE, cut=1.0, margin=0.5).estimate == 0.8
    assert one("rate", FIVE, cut=2.0, success="below", margin=0.5).estimate == 0.2


@pytest.mark.parametrize(
    ("better", "cut", "verdict"),
    [("higher", 9.0, "refuted"), ("higher", 1.5, "inconclusive"), ("lower", 9.0, "reproduced")],
)
def test_other_verdicts_of_a_rate(better: str, cut: float, verdict: str) -> None:
    assert one("rate", FIVE, better=better, cut=cut, margin=0.5).verdict == verdict


def test_an_inconclusive_rate_names_its_seeds() -> None:
    # 4 of 5; of 9 seeds floor(7.2) = 7 has p = 46/512 = 0.09; of 10, 8 has 56/1024 = 0.055; of 11, 8;
    # of 12, 9; of 13, 10 has 378/8192 = 0.046.
    reason = one("rate", FIVE, cut=1.0, margin=0.5).reason
    assert reason.endswith("contains the margin 0.5; about 13 seeds would decide at the spread seen")
    assert "more than 1,000 seeds" in one("rate", FIVE, cut=1.0, margin=0.79).reason
    assert "no number of seeds would" in one("rate", FIVE, cut=1.0, margin=0.8).reason


@pytest.mark.parametrize(("better", "estimate"), [("higher", 0.8), ("lower", 0.2)])
def test_a_diverged_seed_counts_against_the_rate_claimed(better: str, estimate: float) -> None:
    success = "above" if better == "higher" else "below"
    judged = one("rate", (1.0, None, 1.0, 1.0, 1.0), better=better, cut=0.0, success=success, margin=0.5)
    assert judged.estimate == estimate
    assert judged.reason.endswith("1 of 5 seeds diverged and count against the claim")


@pytest.mark.parametrize(
    ("target", "margin", "verdict", "where"),
    [
        (3.0, 2.5, "reproduced", "the interval [1, 5] lies inside the band [0.5, 5.5]"),
        (8.0, 2.0, "refuted", NOT + "the interval [1, 5] lies outside the band [6, 10]"),
        (-2.0, 2.0, "refuted", NOT + "the interval [1, 5] lies outside the band [-4, 0]"),
        (
            3.0,
            1.5,
            "inconclusive",
            CROSSING,
        ),
    ],
)
def test_an_equivalence_to_a_value(target: float, margin: float, verdict: str, where: str) -> None:
    judged = one("equivalence", FIVE, better=None, target=target, margin=margin)
    assert (judged.verdict, judged.reason, judged.margin) == (verdict, where, margin)
    assert judged.mean_interval is not None


def test_the_p_value_of_an_equivalence_is_the_larger_of_two() -> None:
    # Below 5.5 at 1/32; above 1.0 only with the Walsh average 1 against it: 2/32.
    judged = one("equivalence", FIVE, better=None, target=3.25, margin=2.25)
    assert judged.p == 2 / 32


def test_an_equivalence_of_two_arms() -> None:
    same = {"better": None, "versus": "b", "looks": (4,)}
    inside = judge(claim("equivalence", margin=7.0, **same), Sample(HIGH, LOW))
    assert (inside.verdict, inside.low, inside.high, inside.p) == ("reproduced", 2.0, 6.0, 2 / 70)
    around = judge(claim("equivalence", target=4.0, margin=2.5, **same), Sample(HIGH, LOW))
    assert around.verdict == "reproduced"
    assert judge(claim("equivalence", margin=1.0, **same), Sample(HIGH, LOW)).verdict == "refuted"


def test_diverged_seeds_count_against_an_equivalence_on_both_sides() -> None:
    some = one("equivalence", (*FIVE[:4], None), better=None, target=3.0, margin=9.0)
    assert (some.verdict, some.low, some.high) == ("inconclusive", -INF, INF)
    judged = one("equivalence", (None,) * 5, better=None, target=3.0, margin=9.0)
    assert judged.verdict == "refuted"
    assert judged.reason == (
        NOT + "diverged seeds put the interval outside the band [-6, 12]; "
        "5 of 5 seeds diverged and count against the claim"
    )


def test_a_diverged_seed_that_could_lie_on_either_side_refutes_nothing() -> None:
    judged = one("equivalence", (*FIVE[:4], None), better=None, target=8.0, margin=2.0)
    assert judged.verdict == "inconclusive"


def test_two_arms_that_both_diverge_are_not_equivalent() -> None:
    both = claim("equivalence", better=None, versus="b", margin=1.0, looks=(4,))
    assert judge(both, Sample((None,) * 4, (None,) * 4)).verdict == "refuted"


def test_an_identity_holds_on_every_seed() -> None:
    judged = one("identity", (0.5, 0.75), better=None, target=0.5, margin=0.25, looks=(2,))
    assert judged.reason == "each of 2 seeds lies within 0.25 of 0.5"
    assert (judged.verdict, judged.low, judged.high, judged.estimate) == ("reproduced", 0.5, 0.75, 0.625)
    assert (judged.p, judged.alpha) == (None, None)


def test_an_identity_fails_with_one_seed_off_or_diverged() -> None:
    exact = {"better": None, "target": 0.5, "margin": 0.25, "looks": (2,)}
    off = one("identity", (0.5, 0.0), **exact)
    assert (off.verdict, off.reason) == ("refuted", NOT + "1 of 2 seeds lie farther than 0.25 from 0.5")
    gone = one("identity", (0.5, None), **exact)
    assert (gone.verdict, gone.high) == ("refuted", INF)


def test_one_seed_is_enough_for_an_identity() -> None:
    assert one("identity", (0.5,), better=None, target=0.5, looks=(1,)).verdict == "reproduced"


def test_too_few_seeds_are_not_evaluated() -> None:
    judged = one("threshold", LOW, looks=(6, 12))
    assert (judged.verdict, judged.reason) == ("not evaluated", "has 4 of 6 seeds")
    assert (judged.n, judged.look, judged.looks, judged.low) == (4, 0, 2, None)


def test_the_arm_with_fewer_seeds_decides_what_is_present() -> None:
    assert ordering(HIGH, LOW[:3]).reason == "has 3 of 4 seeds"


def test_a_look_that_decides_closes_the_claim() -> None:
    seeds = (1.0,) * 6 + (-9.0,) * 6
    judged = one("threshold", seeds, looks=(6, 12))
    assert (judged.verdict, judged.look, judged.n, judged.alpha) == ("reproduced", 1, 6, 0.03)
    assert judged.arm == seeds[:6]
    refuted = one("threshold", tuple(-seed for seed in seeds), looks=(6, 12))
    assert (refuted.verdict, refuted.look) == ("refuted", 1)


def test_an_open_claim_goes_to_its_next_look_and_uses_exactly_its_seeds() -> None:
    seeds = (-0.1, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, -99.0)
    judged = one("threshold", seeds, looks=(6, 12))
    assert (judged.verdict, judged.look, judged.n) == ("reproduced", 2, 12)
    assert judged.arm == seeds[:12]


def test_seeds_between_two_looks_wait_for_the_next() -> None:
    judged = one("threshold", (-1.0, *FIVE, *FIVE), looks=(6, 12))
    assert (judged.verdict, judged.look, judged.n) == ("inconclusive", 1, 6)
    assert judged.reason.endswith("; the next look is at 12")


def test_the_last_look_leaves_no_next() -> None:
    judged = one("threshold", (-1.0, 1.0) * 6, looks=(6, 12))
    assert (judged.verdict, judged.look) == ("inconclusive", 2)
    assert "next look" not in judged.reason


def test_a_gate_that_fails_is_a_state_with_its_reason() -> None:
    judged = not_evaluated(claim("threshold", looks=(6, 12)), "two protocols")
    assert judged == Judgement(verdict="not evaluated", reason="two protocols", looks=2)


def test_the_level_falls_with_the_number_of_looks() -> None:
    assert [level(looks) for looks in ((5,), (6, 12), (5, 10, 20))] == [0.05, 0.03, 0.022]


def test_an_ordering_of_one_arms_seeds_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="two arms"):
        one("ordering", FIVE)


@pytest.mark.parametrize("kind", ["ordering", "threshold"])
def test_negating_every_seed_and_the_direction_keeps_the_verdict(kind: str) -> None:
    random = np.random.default_rng(5)
    verdicts = set()
    for shift in random.uniform(-2, 2, size=100):
        arm, versus = tuple(random.standard_normal(6) + shift), tuple(random.standard_normal(6))
        flipped = Sample(tuple(-v for v in arm), tuple(-v for v in versus))
        judged = judge(claim(kind), Sample(arm, versus))
        assert judged.verdict == judge(claim(kind, better="lower"), flipped).verdict
        verdicts.add(judged.verdict)
    assert verdicts == {"reproduced", "refuted", "inconclusive"}
