"""Euclidean distances of many points, by one matrix product."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SAME = 1e-13
"""Points whose squared distance is under this share of their squared lengths are the same point: those nearer
than 3e-7 of their length, about the rounding of the float32 that features come in. The product knows more.
"""


def distances(first: Array, second: Array) -> Array:
    """Distances [count of the first, of the second] of points [count, dimension]; the same point is at 0."""
    lengths = (first * first).sum(axis=1)[:, None] + (second * second).sum(axis=1)[None, :]
    squared = (-2 * first) @ second.T
    squared += lengths
    lengths *= SAME
    squared[squared < lengths] = 0.0
    return np.asarray(np.sqrt(squared, out=squared))


def spread(points: Array) -> float:
    """Mean distance of two different points of [count, dimension]; NaN where there are fewer than two."""
    count = len(points)
    return float(distances(points, points).sum()) / (count * (count - 1)) if count > 1 else float("nan")
