"""Image data sets in memory: training and held-out parts, and what is drawn from them.

Flat images are float32 in [-1, 1], the values of a pixel's channels side by side (row, column, channel).
Labels, splits and sizes are described in docs/data.md.
"""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.data import packed
from suite.data.catalogue import missing, root
from suite.data.disturb import disturbed
from suite.data.read import Images, Labels, Pixels, whole_set
from suite.errors import UserError
from suite.spec import schema
from suite.spec.sizes import classes, kind, plain
from suite.streams import stream

__all__ = [
    "Images",
    "Labelled",
    "disturbed",
    "held_out",
    "held_out_labels",
    "labelled",
    "labels_of",
    "load",
    "one_each",
    "sample",
    "sample_labelled",
]

Flat = NDArray[np.float32]


class Labelled(NamedTuple):
    """Flat images with their labels."""

    train: Flat
    train_labels: Labels
    held_out: Flat
    held_out_labels: Labels


def load(data: schema.ImageData) -> Images:
    """The data set, its training part cut to ``limit``; read once per process.

    UserError where files are missing or damaged, or the limit exceeds the training part.
    """
    return _limited(data, root())


def sample(data: schema.ImageData, rng: np.random.Generator, count: int) -> Flat:
    """``count`` training images with replacement, shape [count, values of an image]."""
    return drawn(load(data).train, rng, count, dequantize=data.dequantize)


def drawn(images: Pixels, rng: np.random.Generator, count: int, *, dequantize: bool) -> Flat:
    """``count`` of the images with replacement, flat.

    A byte b becomes b / 127.5 - 1; dequantised, b / 128 - 1 plus noise uniform in [0, 1/128), one grey
    level (gan_cifar_resnet.py).
    """
    return _of_bytes(images[rng.integers(len(images), size=count)], rng, dequantize=dequantize)


def sample_labelled(
    data: schema.ImageData, rng: np.random.Generator, count: int, *, shuffled: bool = False
) -> tuple[Flat, Labels]:
    """What ``sample`` draws, and the labels [count]; shuffled, each image has that of another one, the
    same one whenever it is drawn.
    """
    images, order = load(data), labels_of(data, shuffled=shuffled)
    index = rng.integers(len(images.train), size=count)
    return _of_bytes(images.train[index], rng, dequantize=data.dequantize), order[index]


def labels_of(data: schema.ImageData, *, shuffled: bool) -> Labels:
    """The labels of the training images, shuffled for a control: the same order for every run."""
    labels = load(data).train_labels
    if not shuffled:
        return labels
    return labels[stream("protocol", f"shuffled labels {kind(data)}").permutation(len(labels))]


def _of_bytes(images: Pixels, rng: np.random.Generator, *, dequantize: bool) -> Flat:
    chosen = images.reshape(len(images), -1)
    if not dequantize:
        return flat(chosen)
    values = rng.random(chosen.shape, dtype=np.float32)
    values += chosen
    values /= np.float32(128)
    values -= np.float32(1)
    return values


def held_out(data: schema.ImageData, count: int, purpose: str) -> Flat:
    """``count`` held-out images, the same for every run of a purpose, without replacement.

    Where more are asked for than there are, they are drawn with replacement. Never dequantised.
    """
    images = load(data).held_out
    return flat(images[_chosen(len(images), count, purpose)])


def held_out_count(data: schema.ImageData) -> int:
    """How many held-out images there are."""
    return len(load(data).held_out)


def held_out_labels(data: schema.ImageData, count: int, purpose: str) -> Labels:
    """The labels [count] of what ``held_out`` gives."""
    labels = load(data).held_out_labels
    return labels[_chosen(len(labels), count, purpose)]


def _chosen(there: int, count: int, purpose: str) -> NDArray[np.int64]:
    rng = stream("held out", purpose)
    return rng.permutation(there)[:count] if count <= there else rng.integers(there, size=count)


def labelled(data: schema.ImageData) -> Labelled:
    """The whole data set with its labels, whatever the limit. ValueError where it has none."""
    whole = _with_labels(data)
    return Labelled(flat(whole.train), whole.train_labels, flat(whole.held_out), whole.held_out_labels)


def one_each(data: schema.ImageData) -> Flat:
    """The first held-out image of each class, shape [classes, values of an image].

    ValueError where there are no labels.
    """
    whole = _with_labels(data)
    first = [int(np.flatnonzero(whole.held_out_labels == label)[0]) for label in range(classes(data))]
    return flat(whole.held_out[first])


def flat(images: Pixels) -> Flat:
    """Bytes 0 to 255 as -1 to 1, one image a row."""
    values = images.reshape(len(images), -1).astype(np.float32)
    values /= np.float32(127.5)
    values -= np.float32(1)
    return values


def _with_labels(data: schema.ImageData) -> Images:
    if not classes(data):
        raise ValueError(f"{kind(data)} has no labels")
    return load(plain(data))


@lru_cache(maxsize=4)
def _limited(data: schema.ImageData, folder: Path) -> Images:
    told = missing(data)
    if told:
        raise UserError(told)
    whole = packed.images(data) if isinstance(data, schema.PackImages) else whole_set(kind(data), folder)
    return whole if data.limit is None else _cut(whole, kind(data), data.limit)


def _cut(whole: Images, name: str, limit: int) -> Images:
    """A subset that is the same for every run; a smaller one is part of every larger one."""
    if limit > len(whole.train):
        raise UserError(
            f"data.limit: {limit} is more than the {len(whole.train)} training images of {name}\n"
            "    lower it, or leave it out to train on all"
        )
    chosen = np.sort(stream("protocol", f"subset {name}").permutation(len(whole.train))[:limit])
    labels = whole.train_labels[chosen] if len(whole.train_labels) else whole.train_labels
    return whole._replace(train=np.asarray(whole.train[chosen]), train_labels=labels)
