"""scikit-learn's digits: 1,797 grey images of 8 x 8, enlarged to 16 x 16."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.streams import stream

TRAINING = 1197
"""Images to train on; the other 600 are held out."""
_FULL = 16
"""The largest value of scikit-learn's pixels."""


class Digits(NamedTuple):
    """Images of shape [count, 16, 16, 1] and labels, the training part first."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]


def read() -> Digits:
    """All digits in the fixed order whose first ``TRAINING`` are trained on."""
    from sklearn.datasets import load_digits

    found = load_digits()
    order = stream("protocol", "digits split").permutation(len(found.images))
    return Digits(enlarged(found.images / _FULL)[order, :, :, None], found.target[order].astype(np.int64))


def enlarged(images: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Images in [0, 1] of twice the side by bilinear interpolation, as bytes; shape [count, 2n, 2n]."""
    weights = _bilinear(images.shape[1])
    return np.rint(255 * weights @ images @ weights.T).astype(np.uint8)


def _bilinear(side: int) -> NDArray[np.float64]:
    """Row i has the weights of the old pixels in new pixel i; edges are continued."""
    centres = np.clip((np.arange(2 * side) + 0.5) / 2 - 0.5, 0, side - 1)
    return np.asarray(np.maximum(0, 1 - np.abs(centres[:, None] - np.arange(side))), np.float64)
