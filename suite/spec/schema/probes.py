"""Probes: what is measured while training."""

from typing import Annotated

import msgspec
from msgspec import Meta

from suite.spec.schema.biggan import Memorisation, Spectrum, Truncation
from suite.spec.schema.frozen import Frozen
from suite.spec.schema.packs import PackProbe, Use
from suite.spec.schema.text import NGrams, TextSamples
from suite.spec.schema.words import Count, CountOrZero, Fraction, LossName, Positive


class GradientNorms(Frozen):
    """Norm of the critic loss's gradient with respect to each hidden activation, in float64."""

    points: CountOrZero = 20
    samples: Count = 256


class WeightHistogram(Frozen):
    """Histogram of hidden weights, and their share at the ends of their range."""

    points: CountOrZero = 20
    bins: Count = 81
    """Of the histogram."""
    edge: Fraction = 0.05
    """The outer share of the range, on either side, that counts as its end."""


class Surface(Frozen):
    """The critic on a square grid (or a line, for one-dimensional data), and its linear pieces."""

    points: CountOrZero = 0
    grid: Annotated[int, Meta(ge=2, le=1024)] = 81
    """Points of a side."""
    extent: Positive = 2.0
    """The grid reaches from -extent to extent."""


class Potential(Frozen):
    """R^2 of the critic against the exact Kantorovich potential, by optimal transport."""

    points: CountOrZero = 0
    samples: Count = 1000


class Interpolates(Frozen):
    """Norm and direction of the critic's gradient on held-out interpolates (Proposition 1)."""

    points: CountOrZero = 10
    samples: Annotated[int, Meta(ge=2, le=10**9)] = 512


class FakeGradients(Frozen):
    """Gradient of the generator's loss with respect to fake samples: size and saturation."""

    points: CountOrZero = 10
    samples: Count = 512
    loss: LossName | None = None
    """Whose gradient is looked at, where it is not the loss that trains the generator."""


class StepCosine(Frozen):
    """Cosine between the critic's step and the descent direction of the same batch, each iteration."""


class CrossGradient(Frozen):
    """Largest derivative of one sample's output with respect to another sample of its batch."""

    points: CountOrZero = 1
    samples: Count = 16


class Quality(Frozen):
    """Exact W1 to held-out data, and modes covered, dropped and collapsed where there are modes."""

    points: CountOrZero = 10
    samples: Count = 500
    mode_samples: Count = 10_000
    """How many samples the modes are counted on."""


class Divergences(Frozen):
    """Critic's and discriminator's estimates on held-out samples beside exact KL, JS and W1."""

    points: CountOrZero = 10
    samples: Count = 1000


class ImageQuality(Frozen):
    """Generated against held-out images, in the features and labels of a classifier that the suite
    trains on the same data.
    """

    points: CountOrZero = 10
    samples: Count = 500


class LabelFollowing(Frozen):
    """Whether generated images are of the classes that were asked for, as the suite's classifier sees
    them: each class in turn.
    """

    points: CountOrZero = 10
    samples: Count = 500


class Inception(Frozen):
    """FID, IS and KID with the original Inception weights, on machines that have them."""

    points: CountOrZero = 0
    samples: Count = 50_000
    splits: Count = 10
    """Of the Inception score: the mean over this many parts."""


class Sheet(Frozen):
    """Pictures of a fixed batch of noise."""

    points: CountOrZero = 10
    samples: Count = 32


class Validation(Frozen):
    """The critic's loss on training and on held-out data, with the same fakes."""

    points: CountOrZero = 20
    samples: Count = 500


class Discrimination(Frozen):
    """How well the sign of the critic's output tells training from generated data."""

    points: CountOrZero = 50
    samples: Count = 500


class Probes(Frozen):
    """What is measured, by name. ``points`` is how many evenly spaced iterations after the
    start are measured besides the start itself; 0 measures the finished run only.
    """

    gradient_norms: GradientNorms | None = None
    weight_histogram: WeightHistogram | None = None
    surface: Surface | None = None
    potential: Potential | None = None
    interpolates: Interpolates | None = None
    fake_gradients: FakeGradients | None = None
    step_cosine: StepCosine | None = None
    cross_gradient: CrossGradient | None = None
    quality: Quality | None = None
    divergences: Divergences | None = None
    image_quality: ImageQuality | None = None
    inception: Inception | None = None
    sheet: Sheet | None = None
    validation: Validation | None = None
    discrimination: Discrimination | None = None
    ngrams: NGrams | None = None
    text: TextSamples | None = None
    label_following: LabelFollowing | None = None
    truncation: Truncation | None = None
    memorisation: Memorisation | None = None
    spectrum: Spectrum | None = None
    packs: dict[Use, PackProbe] = {}
    """Probes that packs bring, by ``pack/name``."""

    def __hash__(self) -> int:
        """A mapping has none of its own, and settings are looked up by theirs."""
        *own, packs = msgspec.structs.astuple(self)
        return hash((*own, frozenset(packs.items())))
