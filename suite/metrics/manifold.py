"""Precision and recall of generated samples (Kynkäänniemi et al., 2019).

A sample's manifold is the union of balls around its points, each reaching to its point's k-th
nearest neighbour within the sample.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.metrics.distances import distances

Array = NDArray[np.float64]


class PrecisionRecall(NamedTuple):
    """Shares of fake points inside the real manifold, and of real points inside the fake one."""

    precision: float
    recall: float


class Manifold(NamedTuple):
    """A sample's points, features [count, features], and the radius of each one's ball [count]."""

    points: Array
    radii: Array

    @classmethod
    def of(cls, points: Array, k: int = 3) -> "Manifold":
        """The manifold with balls up to the k-th nearest other point; the paper's k is 3.

        ValueError where there are no more than ``k`` points.
        """
        if not 1 <= k < len(points):
            raise ValueError(f"no {k} neighbours among {len(points)} points")
        # The nearest of all is the point itself.
        return cls(points, np.asarray(np.partition(distances(points, points), k, axis=1)[:, k]))


def precision_recall(real: Manifold, fake: Manifold) -> PrecisionRecall:
    """Precision and recall of two samples. A point on a ball's surface is inside."""
    apart = distances(real.points, fake.points)
    return PrecisionRecall(
        precision=float((apart <= real.radii[:, None]).any(axis=0).mean()),
        recall=float((apart <= fake.radii[None, :]).any(axis=1).mean()),
    )
