"""Kullback-Leibler and Jensen-Shannon divergences, in nats.

The Jensen-Shannon divergence has the factor 1/2, so that it is log 2 on disjoint
supports. (The definition in WGAN's section 2 lacks it, its Example 1 has it.)
"""

import numpy as np
from numpy.typing import NDArray

BINS = 80
Array = NDArray[np.float64]


def histograms(real: Array, fake: Array) -> tuple[Array, Array]:
    """Shares of two samples in common bins of their first coordinate.

    Bins are centred on multiples of their width, so that a point mass stays in one bin.
    """
    low, high = min(real[:, 0].min(), fake[:, 0].min()), max(real[:, 0].max(), fake[:, 0].max())
    width = max(high - low, 1e-9) / BINS
    edges = low + width * (np.arange(BINS + 2) - 0.5)
    counts = [np.histogram(x[:, 0], edges)[0] / len(x) for x in (real, fake)]
    return counts[0], counts[1]


def kl(p: Array, q: Array) -> float:
    """KL(p || q); infinite where q is zero and p is not."""
    taken = p > 0
    if (q[taken] == 0).any():
        return float("inf")
    return float((p[taken] * np.log(p[taken] / q[taken])).sum())


def js(p: Array, q: Array) -> float:
    """Jensen-Shannon divergence: the mean KL to the mixture, from 0 to log 2."""
    middle = (p + q) / 2
    return (kl(p, middle) + kl(q, middle)) / 2
