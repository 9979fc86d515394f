"""BigGAN (Brock et al. 2019): its networks, what is added to a generator's training, and truncation."""

from typing import Annotated, Literal

from msgspec import Meta

from suite.spec.schema.frozen import Frozen, Kind
from suite.spec.schema.initializations import Initialization, OrthogonalInit
from suite.spec.schema.words import Count, CountOrZero, Fraction, NonNegative


class BigGANGenerator(Kind, tag="biggan"):
    """BigGAN's: residual blocks, each doubling the side, whose batch normalisations know the class and a part
    of the noise.
    """

    width: Count = 96
    """The paper's ch: channels of the narrowest level at 64 x 64 and above, a quarter of all below that."""
    latent: Count = 120
    shared: CountOrZero = 128
    """Width of the one embedding of classes from which every normalisation's gain and shift are worked out
    by a linear layer; with 0 each normalisation has tables of its own."""
    skip: bool = True
    """Noise in as many parts as there are blocks, and one more for the start: each block's normalisations
    see theirs beside the embedding (skip-z, the hierarchical latent space)."""
    depth: Count = 1
    """Residual blocks at each side from 8 on: further ones keep it."""
    normalization: Literal["batch"] = "batch"
    labels: Literal["normalization"] = "normalization"
    spectral: bool = True
    """Every weight divided by its largest singular value, but for the tables of classes (as in the code)."""
    attention: Count | None = None
    """Self-attention after the block that makes pictures of this side: 64 in the paper."""
    initialization: Initialization = OrthogonalInit()


class BigGANCritic(Kind, tag="biggan"):
    """BigGAN's: residual blocks down to 4 x 4 (8 x 8 of pictures of 32 x 32), the sum over the picture, one
    linear output, and the projection on the class.
    """

    width: Count = 96
    depth: Count = 1
    """Residual blocks at each level: further ones keep the side and the channels."""
    labels: Literal["none", "projection"] = "projection"
    spectral: bool = True
    """Every weight divided by its largest singular value, the table of classes' too."""
    attention: Count | None = None
    """Self-attention after the block that makes pictures of this side: 64 in the paper."""
    initialization: Initialization = OrthogonalInit()


class Averaging(Frozen):
    """Generated images that are looked at are those of a running mean of the generator's parameters."""

    decay: Fraction = 0.9999
    """How much of the mean is kept at each step."""
    start: CountOrZero = 0
    """Up to this iteration the mean is the generator itself."""


class Freeze(Frozen):
    """From an iteration on one of the two networks stays as it is, the other goes on (Section 4.2)."""

    network: Literal["generator", "critic"]
    """Which one stays."""
    at: Count
    """The first iteration in which it does; there are iterations after it."""


class Orthogonal(Frozen):
    """What is added to the generator's loss for each of its weights W, a column for each output.

    ``off_diagonal``: weight * |W^T W without its diagonal|^2 (BigGAN). ``identity``: weight * |W^T W - I|^2
    (Brock et al. 2017). BigGAN-PyTorch's code adds half the gradient of the first.
    """

    weight: NonNegative = 1e-4
    """By how much the sum of squares is multiplied."""
    form: Literal["off_diagonal", "identity"] = "off_diagonal"
    """What of W^T W is to be small."""


class Memorisation(Frozen):
    """What the critic's sign takes for real: of training images, and of held-out ones."""

    points: CountOrZero = 10
    samples: Count = 500


class Spectrum(Frozen):
    """The three largest singular values of each layer's weight, of both networks."""

    points: CountOrZero = 20


class Truncation(Frozen):
    """Generated images of noise that is kept small: the thresholds of ``suite.metrics.truncation``, and each
    meaning that the word has there.
    """

    points: CountOrZero = 0
    samples: Annotated[int, Meta(ge=10, le=10**6)] = 500
