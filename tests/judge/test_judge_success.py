"""What succeeds: one rule for verdicts of rates, of draws, and for comparisons."""

import math
from typing import Any

import numpy as np
import pytest

from suite.judge.success import against, seeds_succeeded, succeeded
from suite.spec.schema import Claim

VALUES = np.array([[0.4, 0.5, 0.6], [math.inf, -math.inf, math.nan]])


def claim(**fields: Any) -> Claim:
    return Claim(says="", kind="rate", metric="m", arm="a", **{"cut": 0.5, "better": "higher"} | fields)


@pytest.mark.parametrize("diverged", [False, True])
def test_success_is_strictly_beyond_the_cut(diverged: bool) -> None:
    above = succeeded(claim(), VALUES, diverged=diverged)
    below = succeeded(claim(success="below"), VALUES, diverged=diverged)
    np.testing.assert_array_equal(above, [[False, False, True], [True, False, diverged]])
    np.testing.assert_array_equal(below, [[True, False, False], [False, True, diverged]])


def test_of_seeds_none_has_diverged() -> None:
    assert seeds_succeeded(claim(), (0.6, None, 0.4), diverged=True).tolist() == [True, True, False]


def test_a_diverged_seed_never_helps_a_claim() -> None:
    assert against(claim(better="lower"))
    assert not against(claim(better="higher"))


def test_without_a_cut_nothing_can_be_told() -> None:
    with pytest.raises(ValueError, match="cut"):
        succeeded(claim(cut=None), VALUES, diverged=False)
