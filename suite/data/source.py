"""Real samples of any data set: drawn from a distribution, from images or from text."""

import numpy as np
from numpy.typing import NDArray

from suite.data import images, text, toy
from suite.spec import schema
from suite.spec.sizes import is_image, is_text, told
from suite.streams import stream


def sample(data: schema.Data, rng: np.random.Generator, count: int) -> toy.Points:
    """``count`` training samples, shape [count, dimension]."""
    if is_text(data):
        return text.sample(data, rng, count)
    return images.sample(data, rng, count) if is_image(data) else toy.sample(data, rng, count)


def sample_labelled(
    setting: schema.Setting, rng: np.random.Generator, count: int
) -> tuple[toy.Points, NDArray[np.int64]]:
    """What ``sample`` draws, with the labels [count, 1] where they play a part, else [count, 0]."""
    data = setting.data
    if not (told(setting) and is_image(data)):
        return sample(data, rng, count), np.zeros((count, 0), dtype=np.int64)
    drawn, labels = images.sample_labelled(data, rng, count, shuffled=setting.labels == "shuffled")
    return drawn, labels[:, None]


def held_out(data: schema.Data, count: int, purpose: str) -> toy.Points:
    """``count`` samples that no training sees, the same for every run, shape [count, dimension]."""
    if is_image(data):
        return images.held_out(data, count, purpose)
    if is_text(data):
        return text.held_out(data, count, purpose)
    return toy.sample(data, stream("held out", purpose), count)
