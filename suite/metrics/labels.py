"""What a classifier's labels of generated images say: classes covered, collapse, diversity within.

A class is covered when it has at least a tenth of an even share: a single lucky image is not enough.
Diversity looks inside the classes, where a score of sharp and even labels is blind.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from suite.metrics.distances import spread
from suite.metrics.modes import collapse_index

Array = NDArray[np.float64]
Labels = NDArray[np.int64]
Spreads = Mapping[int, float]
"""Of each class the mean distance of two of its points; without those that have fewer than two."""


def class_counts(labels: Labels, classes: int) -> Labels:
    """How many of ``labels`` [count] each class has, shape [classes]."""
    return np.bincount(labels, minlength=classes).astype(np.int64)


def classes_covered(labels: Labels, classes: int, share: float = 0.1) -> int:
    """Classes with at least ``share`` of an even share of ``labels`` [count]."""
    return int((class_counts(labels, classes) >= share * len(labels) / classes).sum())


def label_collapse(labels: Labels, classes: int) -> float:
    """1 - H(shares of the classes) / log(classes): 0 is even, 1 is all in one of two or more."""
    return collapse_index(labels, classes)


def shares_right(found: Labels, asked: Labels) -> Array:
    """Of each class among ``asked`` [count], the share of its samples that are ``found`` to be of it."""
    right = found == asked
    return np.array([right[asked == label].mean() for label in np.unique(asked)])


def spreads(features: Array, labels: Labels) -> Spreads:
    """Of points [count, features] and their labels [count]."""
    found, counts = np.unique(labels, return_counts=True)
    return {int(label): spread(features[labels == label]) for label in found[counts > 1]}


def diversity(real: Spreads, fake: Array, labels: Labels) -> float:
    """Mean distance of two fake images of one predicted class, as a share of the real images' one.

    ``real`` are the real images' spreads; the fake ones' features are [count, features], labels
    [count]. Classes are weighted by their fake images; one with fewer than two images on either side
    has no pairs and is left out. 0 for one image a class, about 1 for real images. NaN where no class
    has pairs, or real pairs never differ: nothing is measured then.
    """
    made = spreads(fake, labels)
    both = sorted(made.keys() & real.keys())
    weights = [int((labels == label).sum()) for label in both]
    apart = sum(weight * made[label] for weight, label in zip(weights, both, strict=True))
    apart_real = sum(weight * real[label] for weight, label in zip(weights, both, strict=True))
    return apart / apart_real if apart_real > 0 else float("nan")
