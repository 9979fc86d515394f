"""Exact optimal transport between two samples of the same size, by Euclidean distance."""

from typing import NamedTuple

import numpy as np
import ot
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

Array = NDArray[np.float64]
MOST_STEPS = 10**8
"""Of POT's network simplex, which warns where it has not finished."""


class Potentials(NamedTuple):
    """Kantorovich potential at each real and each fake point, [count] each, and W1.

    Up to one additive constant; larger where a critic should be larger.
    """

    real: Array
    fake: Array
    distance: float


def assignment(real: Array, fake: Array) -> NDArray[np.int64]:
    """For each fake point the index of the real point it is moved to by the optimal plan.

    Points are [count, dimension], both of the same count: a vertex of the plans, which is what the
    network simplex ends at, is then a permutation.
    """
    plan = ot.emd(*_even(len(fake)), cdist(fake, real), numItermax=MOST_STEPS)
    return np.asarray(plan.argmax(axis=1), dtype=np.int64)


def w1(real: Array, fake: Array) -> float:
    """The exact 1-Wasserstein distance between two samples [count, dimension]."""
    return float(np.linalg.norm(real[assignment(real, fake)] - fake, axis=1).mean())


def potentials(real: Array, fake: Array) -> Potentials:
    """Optimal dual variables (POT's network simplex)."""
    _, log = ot.emd(*_even(len(real)), cdist(real, fake), numItermax=MOST_STEPS, log=True)
    return Potentials(log["u"], -log["v"], float(log["cost"]))


def _even(count: int) -> tuple[Array, Array]:
    weights = np.full(count, 1 / count)
    return weights, weights
