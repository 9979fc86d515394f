"""Numbers about lines of gradient norms and heaps of weights."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
TINY = 1e-300
"""Stands for exactly zero where a logarithm or a ratio is needed."""


class Line(NamedTuple):
    """A least-squares line: its slope and R^2."""

    slope: float
    linearity: float


def line(y: Array) -> Line:
    """The line through (0, y[0]), (1, y[1]), ..."""
    x = np.arange(len(y)) - (len(y) - 1) / 2
    centred = y - y.mean()
    slope = float(x @ centred / (x @ x))
    total = float(centred @ centred)
    return Line(slope, slope * slope * float(x @ x) / total if total > 0 else 1.0)


def decay(norms: Array) -> Line:
    """Line of log10 norms against steps back from the output; ``norms`` run from input to output."""
    return line(np.log10(np.maximum(norms, TINY))[::-1])


def edge_share(weights: Array, bound: float, edge: float) -> float:
    """Share of weights within ``edge`` (a fraction of ``bound``) of either end of +-``bound``."""
    return float((np.abs(weights) >= (1 - edge) * bound).mean())


def bimodality(weights: Array) -> float:
    """Sarle's coefficient, (skewness^2 + 1) / kurtosis: 1 for two points, 1/3 for a normal."""
    centred = weights - weights.mean()
    second = (centred**2).mean()
    if second == 0:
        return float("nan")
    skewness = (centred**3).mean() / second**1.5
    kurtosis = (centred**4).mean() / second**2
    return float((skewness**2 + 1) / kurtosis)
