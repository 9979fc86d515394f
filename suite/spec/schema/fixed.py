"""Generators that are not trained: controls, and counterparts whose optimal critic is known."""

from typing import Annotated, Literal

from msgspec import Meta

from suite.spec.schema.frozen import Kind
from suite.spec.schema.text import Unigram
from suite.spec.schema.words import Positive


class NoisyData(Kind, tag="noisy_data"):
    """Fixed: the real batch plus N(0, deviation^2), as for the value surfaces of WGAN-GP."""

    deviation: Positive = 1.0
    """Standard deviation of the noise."""


class Counterpart(Kind, tag="counterpart"):
    """Fixed: the second distribution of a data set that has two."""


class Resampled(Kind, tag="resampled"):
    """Fixed: fresh real data. The positive control of every measure of quality."""


class Point(Kind, tag="point"):
    """Fixed: one point of the data, repeated. The control that must be called collapse."""


class Disturbed(Kind, tag="disturbed"):
    """Fixed: fresh real images with a disturbance. The control that a distance must grow with."""

    how: Literal["noise", "blur", "salt_and_pepper", "occlusion"] = "noise"
    """Which disturbance."""
    level: Annotated[float, Meta(ge=0, le=1)] = 0.0
    """0 leaves an image as it is, 1 leaves nothing of it: the share of noise mixed in, of the
    picture the blur's deviation and the covered area, of the pixels those replaced."""


class OneEach(Kind, tag="one_each"):
    """Fixed: one held-out image of each class, repeated. The control that must fool a score of
    sharp and even labels.
    """


Fixed = NoisyData | Counterpart | Resampled | Point | Disturbed | OneEach | Unigram
