"""How far apart two trainings ended, in numbers that can be checked by hand."""

import math

import numpy as np
import pytest

from suite.revisions.differences import apart_at, relative
from suite.series import Series


def series(*values: float, at: tuple[int, ...] = (0, 10, 20, 30)) -> Series:
    return Series(np.array(at[: len(values)], dtype=np.int64), np.array(values, dtype=np.float64))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0.0),
        ([1.0, 2.0], [1.0, 4.0], 0.5),
        ([-1.0], [1.0], 2.0),
        ([0.0], [1e-9], 1.0),
        ([0.0], [-0.0], 0.0),
        ([math.nan], [math.nan], 0.0),
        ([math.inf], [math.inf], 0.0),
        ([math.nan], [1.0], math.inf),
        ([math.inf], [1.0], math.inf),
        ([1.0], [1.0, 2.0], math.inf),
        ([], [], 0.0),
    ],
)
def test_relative_differences(one: list[float], other: list[float], expected: float) -> None:
    assert relative(np.array(one), np.array(other)) == expected
    assert relative(np.array(other), np.array(one)) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((1.0, 2.0), (1.0, 2.0), None),
        ((1.0, 2.0, 3.0), (1.0, 2.5, 3.5), 10),
        ((1.0, math.nan, 3.0), (1.0, math.nan, 4.0), 20),
        ((1.0, 2.0), (1.0, 2.0, 3.0), 20),
        ((1.0, 2.0), (), 0),
    ],
)
def test_the_first_iteration_apart(one: tuple[float], other: tuple[float], expected: int | None) -> None:
    assert apart_at({"a": series(*one)}, {"a": series(*other)}) == expected
    assert apart_at({"a": series(*other)}, {"a": series(*one)}) == expected


def test_the_earliest_of_several_series_counts() -> None:
    one = {"a": series(1, 2, 3), "b": series(1, 2, 3)}
    assert apart_at(one, {"a": series(1, 2, 4), "b": series(1, 3, 3)}) == 10
    assert apart_at(one, {"a": series(1, 2, 3)}) == 0
    assert apart_at(one, {**one, "b": series(1, 2, 3, at=(0, 5, 20))}) == 5
