"""States of controls, and Holm's correction."""

import pytest

from suite.judge.controls import control_state
from suite.judge.holm import holm, overall_p
from suite.judge.verdict import Judgement, Verdict


@pytest.mark.parametrize(
    ("verdict", "holds", "fails"),
    [
        ("reproduced", "as expected", "not as expected"),
        ("refuted", "not as expected", "as expected"),
        ("inconclusive", "not as expected", "as expected"),
        ("not evaluated", "not evaluated", "not evaluated"),
    ],
)
def test_control_state(verdict: Verdict, holds: str, fails: str) -> None:
    judged = Judgement(verdict=verdict, reason="", looks=1)
    assert (control_state("holds", judged), control_state("fails", judged)) == (holds, fails)


def test_holm_by_hand() -> None:
    # 0.01 <= 0.05/4; 0.016 <= 0.05/3; 0.03 > 0.05/2 ends it, so 0.04 <= 0.05 is not looked at.
    assert holm({"a": 0.04, "b": 0.01, "c": 0.016, "d": 0.03}) == {"a", "b", "c", "d"} - {"a", "d"}


def test_holm_of_one_claim_is_its_own_test() -> None:
    assert holm({"a": 0.05}) == {"a"}
    assert holm({"a": 0.051}) == frozenset()
    assert holm({}) == frozenset()


def test_p_values_of_different_looks_share_one_scale() -> None:
    judged = Judgement(verdict="reproduced", reason="", looks=2, alpha=0.03, p=0.03)
    assert overall_p(judged) == pytest.approx(0.05)
    assert overall_p(Judgement(verdict="refuted", reason="", looks=2, alpha=0.03, p=0.9)) == 1.0
    assert overall_p(Judgement(verdict="reproduced", reason="", looks=1)) is None
