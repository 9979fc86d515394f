"""Noise that is kept small ('truncation'), by each of the meanings that the word has.

``resample``: each number that is beyond the threshold is drawn again: BigGAN's paper. ``clamp``: it is put on
the threshold. ``scale``: all are multiplied by the threshold, and none is cut off: BigGAN-PyTorch's, there
called a variance. ``squeeze``: drawn again beyond 2, then multiplied: the models published on TensorFlow Hub.
At one threshold their standard deviations differ: at 0.5 they are 0.28, 0.43, 0.5 and 0.44.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Meaning = Literal["resample", "clamp", "scale", "squeeze"]
MEANINGS: tuple[Meaning, ...] = get_args(Meaning)
THRESHOLDS = (2.0, 1.5, 1.0, 0.5, 0.25, 0.04)
"""Those of BigGAN's Figure 2 that it names, from 2 to 0.04, with some between."""
PUBLISHED = 2.0
"""Of the models on TensorFlow Hub."""

READ = ("frechet", "score", "precision", "recall", "diversity", "saturated")
"""What is read of the images at each threshold."""
FULL = 0.98
"""A pixel, of -1 to 1, is saturated beyond this, on either side."""
MORE_SATURATED, LESS_PRECISE = 1.5, 0.05
"""A generator is amenable to truncation where at a threshold of 0.5 its images have at most so many times as
many saturated pixels as without, and at most so much less precision. The paper looks for 'saturation
artifacts' and gives no number: these are the suite's."""

Noise = NDArray[np.float32]


def truncated(meaning: Meaning, threshold: float, rng: np.random.Generator, shape: tuple[int, ...]) -> Noise:
    """Normal noise of ``shape``, kept small; the threshold is above zero."""
    match meaning:
        case "resample":
            return _resampled(threshold, rng, shape)
        case "clamp":
            return rng.standard_normal(shape, dtype=np.float32).clip(-threshold, threshold)
        case "scale":
            return np.float32(threshold) * rng.standard_normal(shape, dtype=np.float32)
        case "squeeze":
            return np.float32(threshold) * _resampled(PUBLISHED, rng, shape)


def _resampled(threshold: float, rng: np.random.Generator, shape: tuple[int, ...]) -> Noise:
    noise = rng.standard_normal(shape, dtype=np.float32)
    while (beyond := np.abs(noise) > threshold).any():
        noise[beyond] = rng.standard_normal(np.count_nonzero(beyond), dtype=np.float32)
    return noise
