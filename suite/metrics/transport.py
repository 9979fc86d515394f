"""Exact optimal transport between two samples of the same size, by Euclidean distance."""

from typing import NamedTuple

import numpy as np
import ot
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

Array = NDArray[np.float64]


class Potentials(NamedTuple):
    """Kantorovich potential at each real and each fake point, [count] each, and W1.

    Up to one additive constant; larger where a critic should be larger.
    """

    real: Array
    fake: Array
    distance: float


def assignment(real: Array, fake: Array) -> NDArray[np.int64]:
    """For each fake point the index of the real point it is moved to by the optimal plan.

    Points are [count, dimension], both of the same count: the plan is then a permutation.
    """
    fakes, reals = linear_sum_assignment(cdist(fake, real))
    return np.asarray(reals[np.argsort(fakes)], dtype=np.int64)


def w1(real: Array, fake: Array) -> float:
    """The exact 1-Wasserstein distance between two samples [count, dimension]."""
    return float(np.linalg.norm(real[assignment(real, fake)] - fake, axis=1).mean())


def potentials(real: Array, fake: Array) -> Potentials:
    """Optimal dual variables (POT's network simplex)."""
    count = len(real)
    weights = np.full(count, 1 / count)
    cost = cdist(real, fake)
    _, log = ot.emd(weights, weights, cost, log=True)
    return Potentials(log["u"], -log["v"], float(log["cost"]))
