"""Seeds as arrays: turned so that higher is better, with a value for each diverged one."""

import math

import numpy as np
import numpy.typing as npt

from suite.judge.values import Interval, Seeds
from suite.spec.schema import Claim

Floats = npt.NDArray[np.float64]


def placed(seeds: Seeds, diverged: float) -> Floats:
    """The seeds as an array, ``diverged`` standing for each that diverged."""
    return np.array([diverged if value is None else value for value in seeds], dtype=np.float64)


def sign(claim: Claim) -> int:
    """1, or -1 where the claim calls lower better."""
    return -1 if claim.better == "lower" else 1


def oriented(claim: Claim, seeds: Seeds) -> Floats:
    """The seeds turned so that higher is better, diverged ones at -inf."""
    return sign(claim) * placed(seeds, sign(claim) * -math.inf)


def between_worst(claim: Claim) -> float:
    """The difference of two seeds that are both worst, or both infinite: none where the claim is that one arm
    is better, for then it is not; not known where it is that one is hardly worse, which two failures do not
    show.
    """
    return math.nan if claim.margin < 0 else 0.0


def turned(interval: Interval, by: int) -> Interval:
    """The interval of the negated quantity where ``by`` is -1, and itself where it is 1."""
    if by > 0:
        return interval
    low, high = turned_number(interval.high, by), turned_number(interval.low, by)
    return Interval(turned_number(interval.estimate, by), low, high, interval.n)


def turned_number(value: float, by: int) -> float:
    """``by * value``."""
    # Adding 0.0 makes a negative zero positive, which would otherwise be printed as -0.
    return by * value + 0.0
