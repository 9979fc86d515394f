"""How far apart two trainings ended, in numbers that can be checked by hand."""

import math

import numpy as np
import pytest

from suite.revisions.differences import relative


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
