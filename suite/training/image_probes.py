"""Probes of runs on images."""

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from suite.data import images, source
from suite.metrics import labels
from suite.metrics.classifier import Classifier, Reading, classifier
from suite.metrics.frechet import Gaussian, frechet
from suite.metrics.manifold import Manifold, precision_recall
from suite.metrics.score import score
from suite.objectives.losses import critic_loss
from suite.spec import schema
from suite.spec.sizes import classes, image_shape, is_image
from suite.training.view import Array, View, host

if TYPE_CHECKING:
    from suite.metrics.inception import Seen as SeenByInception

Readings = dict[str, NDArray[np.float64]]
QUALITIES = ("frechet", "score", "precision", "recall", "classes", "collapse", "diversity")


def image_quality(view: View, spec: schema.ImageQuality) -> Readings:
    """Generated against held-out images, as a classifier of the same data sees them."""
    data = view.cohort.setting.data
    assert is_image(data)  # `suite.spec.check` sees to it.
    judge, seen = classifier(data), held_out(data, spec.samples)
    made = host(view.fake(spec.samples, "image quality"))
    rows = [quality_of(judge, seen, fake, classes(data)) for fake in made]
    return dict(zip(QUALITIES, np.array(rows).T, strict=True))


class Seen(NamedTuple):
    """What held-out images are to the classifier, as each metric needs it."""

    fitted: Gaussian
    manifold: Manifold
    spreads: labels.Spreads


@lru_cache(maxsize=8)
def held_out(data: schema.ImageData, count: int) -> Seen:
    """Of the images that are the same for every run."""
    seen = classifier(data).read(source.held_out(data, count, "image quality"))
    spreads = labels.spreads(seen.features, seen.probabilities.argmax(1))
    return Seen(Gaussian.of(seen.features), Manifold.of(seen.features), spreads)


def quality_of(judge: Classifier, seen: Seen, fake: Array, count: int) -> tuple[float, ...]:
    """The numbers of one run, in the order of ``QUALITIES``."""
    if not np.isfinite(fake).all():
        return (float("nan"),) * len(QUALITIES)
    made = judge.read(fake)
    near = precision_recall(seen.manifold, Manifold.of(made.features))
    return (
        frechet(seen.fitted, Gaussian.of(made.features)),
        score(made.probabilities),
        near.precision,
        near.recall,
        *_classes(seen.spreads, made, count),
    )


def _classes(seen: labels.Spreads, made: Reading, count: int) -> tuple[float, float, float]:
    """Classes covered, collapse, and diversity within a class."""
    found = made.probabilities.argmax(1)
    return (
        float(labels.classes_covered(found, count)),
        labels.label_collapse(found, count),
        labels.diversity(seen, made.features, found),
    )


def inception(view: View, spec: schema.Inception) -> Readings:
    """FID, IS and KID with the original Inception weights, against held-out images: as many as there are
    generated ones, or all there are.
    """
    # Imported here: the library is an extra that only machines with the weights need.
    from suite.metrics.inception import inception as measure

    data = view.cohort.setting.data
    assert is_image(data)
    made = host(view.fake(spec.samples, "inception")).reshape(view.replicas, -1, *image_shape(data))
    real = _seen_by_inception(data, min(spec.samples, images.held_out_count(data)))
    table = np.array([measure(real, fake, spec.splits) for fake in made])
    return dict(zip(("fid", "is", "kid"), table.T, strict=True))


@lru_cache(maxsize=2)
def _seen_by_inception(data: schema.ImageData, count: int) -> "SeenByInception":
    """Of held-out images, which are the same for every run and at every point."""
    from suite.metrics.inception import see

    return see(source.held_out(data, count, "inception").reshape(-1, *image_shape(data)))


def sheet(view: View, spec: schema.Sheet) -> Readings:
    """Images of the same noise at every point, in grey levels from 0 to 255."""
    fake = np.nan_to_num(host(view.fake(spec.samples, "sheet")), nan=-1.0)
    return {"images": ((fake + 1) * 127.5).round().clip(0, 255)}


def validation(view: View, spec: schema.Validation) -> Readings:
    """The negative critic loss on training and on held-out images, with the same fakes."""
    with torch.no_grad():
        count, purpose = spec.samples, "validation"
        on_fake = view.scores(view.fake(count, purpose), view.asked(count))
        on_train = view.scores(view.train(count, purpose), view.train_labels(count, purpose))
        on_held_out = view.scores(view.real(count, purpose), view.real_labels(count, purpose))
    train = -host(critic_loss(view.loss, on_train, on_fake))
    held_out = -host(critic_loss(view.loss, on_held_out, on_fake))
    gap = train - held_out
    share = np.divide(gap, np.abs(train), out=np.full_like(gap, np.nan), where=train != 0)
    return {"train": train, "held_out": held_out, "gap": gap, "relative_gap": share}
