"""Image data sets read whole from their files, in whatever format they come."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.data import cifar, digits, idx
from suite.data.catalogue import entry, files, prepared
from suite.data.checksums import verified
from suite.data.damage import Damaged, reading
from suite.data.known import Entry
from suite.data.prepare import mapped
from suite.spec.sizes import image_shape, of_kind

Pixels = NDArray[np.uint8]
Labels = NDArray[np.int64]
_NO_LABELS: Labels = np.empty(0, np.int64)


class Images(NamedTuple):
    """Bytes of shape [images, height, width, channels], and labels (empty where there are none)."""

    train: Pixels
    train_labels: Labels
    held_out: Pixels
    held_out_labels: Labels


@lru_cache(maxsize=2)
def whole_set(name: str, folder: Path) -> Images:
    """The data set as it is in ``folder``, which keys the cache. UserError where a file is damaged."""
    return _READERS[name](entry(name))


def _digits(_: Entry) -> Images:
    images, labels = digits.read()
    cut = digits.TRAINING
    return Images(images[:cut], labels[:cut], images[cut:], labels[cut:])


def _idx(one: Entry) -> Images:
    """The four files of MNIST's form, images padded by 2 pixels of black to 32 x 32."""
    arrays = [_idx_file(one, number) for number in range(4)]
    train, train_labels, test, test_labels = arrays
    for images, labels, file in ((train, train_labels, 1), (test, test_labels, 3)):
        with reading(files(one)[file].path, one):
            _fit(images, labels)
    return Images(_padded(train), train_labels.astype(np.int64), _padded(test), test_labels.astype(np.int64))


def _idx_file(one: Entry, number: int) -> Pixels:
    file = files(one)[number]
    with reading(file.path, one):
        array = idx.parse(verified(file.part, file.path), 1 if number % 2 else 3)
        if not len(array) or (array.ndim == 3 and array.shape[1:] != (28, 28)):
            raise Damaged(f"holds an array of shape {array.shape}")
        return array


def _fit(images: Pixels, labels: Pixels) -> None:
    if len(images) != len(labels) or labels.max() > 9:
        raise Damaged(f"holds {len(labels):,} labels up to {labels.max()} for {len(images):,} images")


def _padded(images: Pixels) -> Pixels:
    return np.pad(images, ((0, 0), (2, 2), (2, 2)))[..., None]


def _cifar10(one: Entry) -> Images:
    batches = [_cifar_file(one, number) for number in range(len(one.parts))]
    return Images(
        np.concatenate([batch.images for batch in batches[:-1]]),
        np.concatenate([batch.labels for batch in batches[:-1]]),
        *batches[-1],
    )


def _cifar_file(one: Entry, number: int) -> cifar.Batch:
    file = files(one)[number]
    with reading(file.path, one):
        return cifar.parse(verified(file.part, file.path))


def _prepared(one: Entry) -> Images:
    shape = image_shape(of_kind(one.name))
    train, apart = (mapped(one, path, shape) for path in prepared(one))
    return Images(train, _NO_LABELS, apart, _NO_LABELS)


_READERS: dict[str, Callable[[Entry], Images]] = {
    "digits": _digits,
    "mnist": _idx,
    "fashion_mnist": _idx,
    "cifar10": _cifar10,
    "lsun_bedrooms": _prepared,
    "celeba": _prepared,
    "imagenet32": _prepared,
}
