"""Data sets that packs bring: points of a distribution, and images."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from suite.data.read import Images, Labels, Pixels
from suite.errors import UserError
from suite.spec.packs.code import made
from suite.spec.schema import PackData, PackImages
from suite.spec.sizes import classes, dimension, image_shape


class Source(Protocol):
    """What a pack's data have to have."""

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.floating]:
        """``count`` points, shape [count, dimension]; all that is random comes from ``rng``."""
        ...


def sample(data: PackData, rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    """``count`` points, shape [count, dimension]. UserError where the pack gives something else."""
    source: Source = made("data", data.use, data.options)
    points = np.asarray(source.sample(rng, count), dtype=np.float32)
    if points.shape != (count, dimension(data)):
        raise UserError(
            f"data set {data.use!r} gave points of shape {points.shape}, not {(count, dimension(data))}\n"
            "    mend its sample, or the dimension in pack.yaml"
        )
    return points


def images(data: PackImages) -> Images:
    """The whole data set; read once a process. UserError where the pack gives something else."""
    found = Images(*made("images", data.use, data.options))
    _check(data, "training", found.train, found.train_labels)
    _check(data, "held-out", found.held_out, found.held_out_labels)
    return found


def _check(data: PackImages, part: str, pixels: Pixels, labels: Labels) -> None:
    shape, count = image_shape(data), classes(data)
    if not len(pixels) or pixels.dtype != np.uint8 or pixels.shape[1:] != shape:
        fault = f"{part} images are {pixels.dtype} of shape {pixels.shape}, not uint8 of (images, {shape})"
    elif len(labels) != (len(pixels) if count else 0):
        fault = f"there are {len(labels)} labels of {len(pixels)} {part} images"
    elif count and not (labels.min() >= 0 and labels.max() < count):
        fault = f"labels of {part} images are not all from 0 to {count - 1}"
    else:
        return
    raise UserError(f"images {data.use!r}: {fault}\n    mend the pack, or what its pack.yaml says")
