"""Precision and recall of generated samples (Kynkäänniemi et al., 2019).

A sample's manifold is the union of balls around its points, each reaching to its point's k-th
nearest neighbour within the sample.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist, pdist, squareform

Array = NDArray[np.float64]


class PrecisionRecall(NamedTuple):
    """Shares of fake points inside the real manifold, and of real points inside the fake one."""

    precision: float
    recall: float


def precision_recall(real: Array, fake: Array, k: int = 3) -> PrecisionRecall:
    """Precision and recall of features [count, features]; the paper's k is 3.

    ValueError where a sample has no more than ``k`` points. A point on a ball's surface is inside.
    """
    if not 1 <= k < min(len(real), len(fake)):
        raise ValueError(f"no {k} neighbours among {len(real)} real and {len(fake)} fake points")
    # Exact differences, no inner products: repeated points have balls of radius zero.
    apart = cdist(real, fake)
    return PrecisionRecall(
        precision=float((apart <= _radii(real, k)[:, None]).any(axis=0).mean()),
        recall=float((apart <= _radii(fake, k)[None, :]).any(axis=1).mean()),
    )


def _radii(sample: Array, k: int) -> Array:
    """Distance to the k-th nearest other point. The nearest of all is the point itself."""
    return np.asarray(np.partition(squareform(pdist(sample)), k, axis=1)[:, k])
