"""How the class labels of a training image enter the networks, and the losses."""

from typing import Literal

from suite.spec.schema.frozen import Frozen
from suite.spec.schema.words import NonNegative

GeneratorLabels = Literal["none", "concatenate", "normalization"]
"""``concatenate``: the label as 0s and a 1 beside the noise (Mirza and Osindero 2014).
``normalization``: a gain and a shift for each class in every batch normalisation. The gain is 1 + a row
of a table, as in BigGAN's code; in the ResNet it is, as in WGAN-GP's code, the row alone, which starts at 1,
and the last normalisation has none.
"""
CriticLabels = Literal["none", "concatenate", "auxiliary", "projection"]
"""``concatenate``: the label as planes of 0s and of 1s beside the picture. ``auxiliary``: a second
output guesses the label (Odena et al. 2017). ``projection``: the product of a row of a table with the
features before the output is added to it (Miyato and Koyama 2018).
"""


class Auxiliary(Frozen):
    """The weights of an auxiliary output's cross-entropy in the two losses."""

    critic: NonNegative = 1.0
    """In the critic's loss."""
    generator: NonNegative = 1.0
    """1 in AC-GAN, 0.1 in WGAN-GP's code."""
    on_fakes: bool = True
    """Whether the critic learns labels from generated images too: so in AC-GAN, not in WGAN-GP's code."""
