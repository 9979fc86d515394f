"""Where two trainings part, in series that can be read at a glance, and that every command says the same."""

import math
from collections.abc import Mapping

import numpy as np
import pytest

from suite.compare.deviation import deviation
from suite.revisions.differences import difference
from suite.revisions.divergence import parting
from suite.series import Series
from tests.launch.records import record

Trained = Mapping[str, Series]


def series(*values: float, at: tuple[int, ...] = (0, 10, 20, 30)) -> Series:
    return Series(np.array(at[: len(values)], dtype=np.int64), np.array(values, dtype=np.float64))


LATE = series(7, 8, at=(20, 40))
BOTH = {"a": series(1, 2, 3), "b": series(1, 2, 3)}
PAIRS: tuple[tuple[Trained, Trained, tuple[int, str] | None], ...] = (
    ({}, {}, None),
    (BOTH, BOTH, None),
    (BOTH, {"a": series(1, 2, 4), "b": series(1, 3, 3)}, (10, "b")),
    (BOTH, {"a": series(1, 9, 3), "b": series(1, 9, 3)}, (10, "a")),
    (BOTH, {**BOTH, "b": series(1, 2, 3, at=(0, 5, 20))}, (5, "b")),
    ({"a": series(1, math.nan, 3)}, {"a": series(1, math.nan, 4)}, (20, "a")),
    ({"a": series(1, 2)}, {"a": series(1, 2, 3)}, (20, "a")),
    ({"a": series(1, 9)}, {"a": series(1, 2, 3)}, (10, "a")),
    ({"a": series(1, 2)}, {"a": series()}, (0, "a")),
    # What one alone has measured.
    (BOTH, {"a": series(1, 2, 3)}, (0, "b")),
    (BOTH, {**BOTH, "late": LATE}, (20, "late")),
    (BOTH, {**BOTH, "b": series(1, 2, 4), "new": series(1, 2, 3)}, (20, "b")),
    ({"a": series(1)}, {"b": series(1)}, (0, "a")),
    (BOTH, {**BOTH, "empty": series()}, None),
)


@pytest.mark.parametrize(("one", "other", "expected"), PAIRS)
def test_the_first_point_apart(one: Trained, other: Trained, expected: tuple[int, str] | None) -> None:
    assert parting(one, other) == parting(other, one) == expected


@pytest.mark.parametrize(("one", "other", "expected"), PAIRS)
def test_comparisons_and_repetitions_name_the_same_iteration(
    one: Trained, other: Trained, expected: tuple[int, str] | None
) -> None:
    compared = deviation(one, other)
    assert (compared and (compared.first, compared.first_quantity)) == expected
    assert difference(record(), record(), one, other).apart_at == (expected and expected[0])
