"""Disturbances of images, each of a level from 0 (nothing) to 1 (nothing is left)."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.float32]
How = Literal["noise", "blur", "salt_and_pepper", "occlusion"]


def disturbed(
    x: Images, shape: tuple[int, int, int], how: How, level: float, rng: np.random.Generator
) -> Images:
    """Disturbed copies of flat images in [-1, 1], shape [count, height * width * channels].

    ``noise``: (1 - level) of the image plus level of Gaussian noise of deviation 1, clipped to [-1, 1];
    ``blur``: a Gaussian of deviation level times the height; ``salt_and_pepper``: that share of pixels
    black or white; ``occlusion``: a grey rectangle of the picture's proportions at a random place, that
    share of its area. Level 0 returns the images as they are and draws nothing.
    """
    if level == 0:
        return x.copy()
    images = x.reshape(-1, *shape)
    match how:
        case "noise":
            result = _noise(images, level, rng)
        case "blur":
            result = _blur(images, level)
        case "salt_and_pepper":
            result = _salt_and_pepper(images, level, rng)
        case "occlusion":
            result = _occlusion(images, level, rng)
    return result.reshape(x.shape)


def _noise(images: Images, level: float, rng: np.random.Generator) -> Images:
    mixed = (1 - level) * images + level * rng.standard_normal(images.shape, dtype=np.float32)
    return np.clip(mixed, -1, 1).astype(np.float32)


def _blur(images: Images, level: float) -> Images:
    from scipy.ndimage import gaussian_filter

    deviation = level * images.shape[1]
    return np.asarray(gaussian_filter(images, (0, deviation, deviation, 0), mode="nearest"), np.float32)


def _salt_and_pepper(images: Images, level: float, rng: np.random.Generator) -> Images:
    count, height, width, _ = images.shape
    drawn, white = rng.random((2, count, height, width, 1), dtype=np.float32)
    return np.where(drawn < level, np.where(white < 0.5, -1, 1), images).astype(np.float32)


def _occlusion(images: Images, level: float, rng: np.random.Generator) -> Images:
    count, height, width, _ = images.shape
    rows, columns = (_covered(side, level, rng.random((count,))) for side in (height, width))
    return np.where((rows[:, :, None] & columns[:, None, :])[..., None], 0, images).astype(np.float32)


def _covered(side: int, level: float, place: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows (or columns) of each image the rectangle covers, shape [count, side]."""
    length = round(side * level**0.5)
    first = np.floor(place * (side - length + 1))[:, None]
    at = np.arange(side)
    return np.asarray((first <= at) & (at < first + length), np.bool_)
