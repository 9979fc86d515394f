"""The Fréchet distance between the Gaussians fitted to two samples (Heusel et al., 2017, without Inception).

The trace of (C1 C2)^(1/2) is the sum of the singular values of R1 R2', where R'R is the covariance.
A root of the product's eigenvalues would turn round-off of 1e-16 into 1e-8 wherever a covariance is
singular, as one of ReLU features that are never on is.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Gaussian(NamedTuple):
    """The Gaussian fitted to a sample: its mean [features], and a matrix R [rows, features], at most
    square, for which R'R is its covariance. None of it is finite where the sample is not.
    """

    mean: Array
    root: Array

    @classmethod
    def of(cls, sample: Array) -> "Gaussian":
        """Of a sample [count, features]. The covariance divides by the count less one, as in the
        authors' code. ValueError where there are fewer than two points.
        """
        if len(sample) < 2:
            raise ValueError("a covariance needs at least two points")
        if not np.isfinite(sample).all():
            return cls(*np.full((2, 1, sample.shape[1]), np.nan))
        mean = sample.mean(axis=0)
        return cls(mean, np.asarray(np.linalg.qr((sample - mean) / np.sqrt(len(sample) - 1), mode="r")))


def frechet(real: Gaussian, fake: Gaussian) -> float:
    """Squared Fréchet distance; NaN where a feature of either sample is not finite."""
    if not (np.isfinite(real.mean).all() and np.isfinite(fake.mean).all()):
        return float("nan")
    shared = np.linalg.svd(real.root @ fake.root.T, compute_uv=False).sum()
    apart = ((real.mean - fake.mean) ** 2).sum()
    return max(float(apart + (real.root**2).sum() + (fake.root**2).sum() - 2 * shared), 0.0)
