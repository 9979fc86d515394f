"""The Inception score (Salimans et al., 2016), of any classifier's probabilities.

It is 1 where every image gets the same probabilities and the number of classes where labels are sure
and even. One image of each class, repeated, has the highest score: it says nothing of diversity.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr

Array = NDArray[np.float64]


def score(probabilities: Array, splits: int = 1) -> float:
    """The mean score of ``splits`` equal parts of ``probabilities`` [count, classes]."""
    return float(scores(probabilities, splits).mean())


def scores(probabilities: Array, splits: int) -> Array:
    """exp(mean KL(p(y|x) || p(y))) of each consecutive part, shape [splits].

    Fewer images a part give a lower score, so that only equal parts compare. ValueError where there
    are fewer images than parts.
    """
    if not 1 <= splits <= len(probabilities):
        raise ValueError(f"{len(probabilities)} images in {splits} parts")
    ends = [part * len(probabilities) // splits for part in range(splits + 1)]
    return np.array([_one(probabilities[a:b]) for a, b in pairwise(ends)])


def _one(probabilities: Array) -> float:
    marginal = probabilities.mean(axis=0)
    return float(np.exp(rel_entr(probabilities, marginal).sum(axis=1).mean()))
