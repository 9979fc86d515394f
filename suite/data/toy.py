"""Low-dimensional distributions of the WGAN and WGAN-GP papers.

Formulas and scales are those of gan_toy.py in igul222/improved_wgan_training.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import make_swiss_roll

from suite.data import packed
from suite.spec import schema

Points = NDArray[np.float32]


class Modes(NamedTuple):
    """A mixture's centres, shape [modes, dimension], and common standard deviation."""

    centres: NDArray[np.float64]
    deviation: float


def sample(data: schema.Data, rng: np.random.Generator, count: int) -> Points:
    """``count`` real points, shape [count, dimension]."""
    match data:
        case schema.SwissRoll():
            return _swiss_roll(data, rng, count)
        case schema.TwoGaussians():
            return _gaussian(rng, count, -data.mean, data.deviation)
        case schema.ParallelLines():
            return _line(rng, count, 0.0)
        case schema.PackData():
            return packed.sample(data, rng, count)
        case _:
            return _mixture(modes(data), rng, count)


def counterpart(data: schema.Data, rng: np.random.Generator, count: int) -> Points:
    """``count`` points of the second distribution of a data set that has two."""
    match data:
        case schema.TwoGaussians():
            return _gaussian(rng, count, data.mean, data.deviation)
        case schema.ParallelLines():
            return _line(rng, count, data.theta)
        case _:
            raise ValueError(f"{type(data).__name__} has no counterpart")


def has_modes(data: schema.Data) -> bool:
    """Whether ``modes`` is defined."""
    return isinstance(data, schema.EightGaussians | schema.TwentyFiveGaussians)


@cache
def modes(data: schema.Data) -> Modes:
    """Centres and deviation of a mixture of Gaussians."""
    match data:
        case schema.EightGaussians():
            angles = np.arange(8) * (np.pi / 4)
            centres = 2.0 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
            return Modes(centres / 1.414, data.deviation / 1.414)
        case schema.TwentyFiveGaussians():
            axis = np.arange(-4.0, 5.0, 2.0)
            centres = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(25, 2)
            return Modes(centres / 2.828, data.deviation / 2.828)
        case _:
            raise ValueError(f"{type(data).__name__} has no modes")


def _mixture(mixture: Modes, rng: np.random.Generator, count: int) -> Points:
    chosen = mixture.centres.take(rng.integers(len(mixture.centres), size=count), axis=0)
    return (chosen + mixture.deviation * rng.standard_normal(chosen.shape)).astype(np.float32)


def _swiss_roll(data: schema.SwissRoll, rng: np.random.Generator, count: int) -> Points:
    points, _ = make_swiss_roll(count, noise=data.noise, random_state=int(rng.integers(2**32)))
    return np.asarray(points[:, [0, 2]] / 7.5, dtype=np.float32)


def _gaussian(rng: np.random.Generator, count: int, mean: float, deviation: float) -> Points:
    return (mean + deviation * rng.standard_normal((count, 1))).astype(np.float32)


def _line(rng: np.random.Generator, count: int, position: float) -> Points:
    points = rng.random((count, 2), dtype=np.float32)
    points[:, 0] = position
    return points
