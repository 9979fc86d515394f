"""The Fréchet distance between the Gaussians fitted to two samples (Heusel et al., 2017, without Inception).

The trace of (C1 C2)^(1/2) is the sum of the singular values of R1 R2', where R'R is the covariance.
A root of the product's eigenvalues would turn round-off of 1e-16 into 1e-8 wherever a covariance is
singular, as one of ReLU features that are never on is.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def frechet(real: Array, fake: Array) -> float:
    """Squared Fréchet distance of two samples of features, [count, features] each.

    Covariances divide by the count less one, as in the authors' code. NaN where a feature is not
    finite. ValueError where a sample has fewer than two points.
    """
    if min(len(real), len(fake)) < 2:
        raise ValueError("a covariance needs at least two points")
    if not (np.isfinite(real).all() and np.isfinite(fake).all()):
        return float("nan")
    first, second = _root(real), _root(fake)
    shared = np.linalg.svd(first @ second.T, compute_uv=False).sum()
    apart = ((real.mean(axis=0) - fake.mean(axis=0)) ** 2).sum()
    return max(float(apart + (first**2).sum() + (second**2).sum() - 2 * shared), 0.0)


def _root(sample: Array) -> Array:
    """A matrix R, at most square, for which R'R is the sample's covariance."""
    scaled = (sample - sample.mean(axis=0)) / np.sqrt(len(sample) - 1)
    return np.asarray(np.linalg.qr(scaled, mode="r"))
