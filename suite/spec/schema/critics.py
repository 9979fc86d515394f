"""Networks that are critic or discriminator."""

from typing import Literal

from suite.spec.schema.biggan import BigGANCritic
from suite.spec.schema.frozen import Kind
from suite.spec.schema.initializations import DefaultInit, Initialization, TFLibInit
from suite.spec.schema.labels import CriticLabels
from suite.spec.schema.packs import PackCritic
from suite.spec.schema.text import TextCritic
from suite.spec.schema.words import Activation, Count, CountOrZero, ImageActivation, Normalization


class MLPCritic(Kind, tag="mlp"):
    """A multilayer perceptron with one output, the critic or discriminator."""

    layers: Count
    """Number of linear layers, the output layer included."""
    width: Count
    activation: Activation = "relu"
    normalization: Normalization = "none"
    initialization: Initialization = DefaultInit()
    labels: Literal["none", "concatenate"] = "none"


class DCGANCritic(Kind, tag="dcgan"):
    """DCGAN's: convolutions of stride 2 down to 4 x 4, filters doubling from ``width``, then one
    linear output. No normalisation in the first level.
    """

    width: Count
    kernel: Literal[4, 5] = 4
    """4 is WGAN's code, 5 WGAN-GP's."""
    bias: bool = False
    """Of convolutions: without in WGAN's code, with in WGAN-GP's."""
    activation: ImageActivation = "leaky_relu"
    normalization: Normalization = "batch"
    initialization: Initialization = DefaultInit()
    labels: CriticLabels = "none"
    spectral: bool = False
    """Every weight divided by its largest singular value (Miyato et al. 2018)."""
    attention: Count | None = None
    """Self-attention where pictures have this side (SAGAN)."""
    extra: CountOrZero = 0
    """Further 3 x 3 convolutions that keep the size, as the generator's."""


class ResNetCritic(Kind, tag="resnet"):
    """WGAN-GP's critic for CIFAR-10 (Appendix F): four residual blocks, the mean over the picture,
    one linear output; a second one for the labels in its code (``auxiliary``).
    """

    width: Count = 128
    normalization: Normalization = "none"
    initialization: Initialization = TFLibInit()
    labels: Literal["none", "auxiliary", "projection"] = "none"
    spectral: bool = False
    """Every weight divided by its largest singular value."""
    attention: Count | None = None
    """Self-attention where pictures have this side (SAGAN)."""


class DeepResNetCritic(Kind, tag="deep_resnet"):
    """WGAN-GP's 101-layer critic (Figure 2, last row): bottleneck blocks, each scaled by 0.3."""

    width: Count = 64
    blocks: Count = 33
    """Bottleneck blocks of three convolutions each: with input and output layer 3 * 33 + 2 = 101."""
    normalization: Normalization = "layer"
    initialization: Initialization = TFLibInit()


ConvCritic = DCGANCritic | ResNetCritic | DeepResNetCritic | BigGANCritic
Critic = MLPCritic | ConvCritic | TextCritic | PackCritic
