"""Whether generated images are of the classes that were asked for."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from suite.data import images
from suite.metrics import labels
from suite.metrics.classifier import Classifier, classifier
from suite.spec import schema
from suite.spec.sizes import classes, is_image
from suite.training.view import Array, View, host

FOLLOWING = ("accuracy", "worst", "diversity")
PURPOSE = "label following"


def label_following(view: View, spec: schema.LabelFollowing) -> dict[str, NDArray[np.float64]]:
    """Each class asked for in turn, and what the suite's classifier sees."""
    data = view.cohort.setting.data
    assert is_image(data)  # `suite.spec.check` sees to it.
    made, asked = host(view.fake(spec.samples, PURPOSE)), np.arange(spec.samples) % classes(data)
    rows = [_following(classifier(data), _real(data, spec.samples), fake, asked) for fake in made]
    return dict(zip(FOLLOWING, np.array(rows).T, strict=True))


@lru_cache(maxsize=8)
def _real(data: schema.ImageData, count: int) -> labels.Spreads:
    """How far held-out images of each class are apart."""
    features = classifier(data).features(images.held_out(data, count, PURPOSE))
    return labels.spreads(features, images.held_out_labels(data, count, PURPOSE))


def _following(
    judge: Classifier, real: labels.Spreads, fake: Array, asked: labels.Labels
) -> tuple[float, ...]:
    """The numbers of one run, in the order of ``FOLLOWING``."""
    if not np.isfinite(fake).all():
        return (float("nan"),) * len(FOLLOWING)
    made = judge.read(fake)
    found = made.probabilities.argmax(1)
    shares, right = labels.shares_right(found, asked), found == asked
    # Of those that follow: images of other classes would pass for variety.
    varied = labels.diversity(real, made.features[right], asked[right])
    return float(shares.mean()), float(shares.min()), varied
