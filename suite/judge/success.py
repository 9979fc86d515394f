"""Which runs of a rate, or of a paired rate, succeed."""

import math

import numpy as np
import numpy.typing as npt

from suite.judge.orientation import placed
from suite.judge.values import Seeds
from suite.spec.schema import Claim

Floats = npt.NDArray[np.float64]
Successes = npt.NDArray[np.bool_]


def succeeded(claim: Claim, values: Floats, *, diverged: bool) -> Successes:
    """Which of some values, of any shape, are beyond the cut; a NaN is a diverged run, and ``diverged``.

    Raises ValueError where the claim has no cut, which is checked before a claim is judged.
    """
    if claim.cut is None:
        raise ValueError("success is beyond a cut, and the claim has none")
    beyond = values > claim.cut if claim.success == "above" else values < claim.cut
    return np.where(np.isnan(values), diverged, beyond)


def seeds_succeeded(claim: Claim, seeds: Seeds, *, diverged: bool) -> Successes:
    """The same of seeds, [n]."""
    return succeeded(claim, placed(seeds, math.nan), diverged=diverged)


def against(claim: Claim) -> bool:
    """What a diverged seed of a rate is, so that it never helps: a success where a low rate is claimed."""
    return claim.better == "lower"
