"""Mode coverage, dropping and collapse of samples of a mixture, told apart.

A good sample lies within three standard deviations of a mode, as in PacGAN's
evaluation. A mode is covered when it has at least 1 % of its share of the samples as
good ones: a single lucky sample is not enough. Collapse looks at where all samples
go, good or not.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from suite.data.toy import Modes

GOOD_WITHIN = 3.0
COVERED_FROM = 0.01


class Coverage(NamedTuple):
    """Numbers about one sample; see the module."""

    covered: float
    dropped: float
    good_share: float
    collapse: float


def coverage(samples: NDArray[np.floating], modes: Modes) -> Coverage:
    """Coverage of ``modes`` by ``samples`` [count, dimension]."""
    count = len(modes.centres)
    found = cKDTree(modes.centres).query(samples)
    distance, nearest = np.asarray(found[0]), np.asarray(found[1])
    good = distance <= GOOD_WITHIN * modes.deviation
    good_counts = np.bincount(nearest[good], minlength=count)
    covered = int((good_counts >= COVERED_FROM * len(samples) / count).sum())
    return Coverage(covered, count - covered, float(good.mean()), collapse_index(nearest, count))


def collapse_index(nearest: NDArray[np.integer], count: int) -> float:
    """1 - H(shares of the modes) / log(modes): 0 is even, 1 is all in one mode."""
    shares = np.bincount(nearest, minlength=count) / len(nearest)
    taken = shares[shares > 0]
    return float(1 + (taken * np.log(taken)).sum() / np.log(count))
