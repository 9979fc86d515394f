"""Generators that are trained: networks, and a single parameter. Those that are not are in ``fixed``."""

from typing import Literal

from suite.spec.schema.biggan import BigGANGenerator
from suite.spec.schema.fixed import Fixed
from suite.spec.schema.frozen import Kind
from suite.spec.schema.initializations import DefaultInit, Initialization, TFLibInit
from suite.spec.schema.labels import GeneratorLabels
from suite.spec.schema.packs import PackGenerator
from suite.spec.schema.text import TextGenerator
from suite.spec.schema.words import Activation, Count, CountOrZero, ImageActivation, Normalization


class MLPGenerator(Kind, tag="mlp"):
    """A multilayer perceptron from N(0, I) noise to data."""

    layers: Count
    """Number of linear layers, the output layer included."""
    width: Count
    latent: Count = 2
    activation: Activation = "relu"
    normalization: Normalization = "none"
    initialization: Initialization = DefaultInit()
    output: Literal["linear", "tanh"] = "linear"
    """For images: linear in WGAN's code, tanh in WGAN-GP's."""
    labels: Literal["none", "concatenate"] = "none"


class DCGANGenerator(Kind, tag="dcgan"):
    """DCGAN's: noise to 4 x 4, transposed convolutions of stride 2, filters halving to ``width``
    at the last hidden level, tanh.
    """

    width: Count
    latent: Count = 100
    kernel: Literal[4, 5] = 4
    """4 is WGAN's code, 5 WGAN-GP's."""
    bias: bool = False
    """Of convolutions: without in WGAN's code, with in WGAN-GP's."""
    constant: bool = False
    """``width`` filters at every level (WGAN's Figure 6) instead of a doubling toward the noise."""
    activation: ImageActivation = "relu"
    normalization: Normalization = "batch"
    initialization: Initialization = DefaultInit()
    labels: GeneratorLabels = "none"
    spectral: bool = False
    """Every weight divided by its largest singular value (Miyato et al. 2018)."""
    attention: Count | None = None
    """Self-attention where pictures have this side (SAGAN)."""
    extra: CountOrZero = 0
    """Further 3 x 3 convolutions that keep the size, shared out evenly among the sizes from 4 x 4 up. A
    picture of 32 x 32 takes four layers without any (WGAN-GP's Table 1)."""


class ResNetGenerator(Kind, tag="resnet"):
    """WGAN-GP's generator for CIFAR-10 (Appendix F): residual blocks, each doubling the size."""

    width: Count = 128
    latent: Count = 128
    normalization: Normalization = "batch"
    initialization: Initialization = TFLibInit()
    labels: GeneratorLabels = "none"
    spectral: bool = False
    """Every weight divided by its largest singular value."""
    attention: Count | None = None
    """Self-attention where pictures have this side (SAGAN)."""


class DeepResNetGenerator(Kind, tag="deep_resnet"):
    """WGAN-GP's 101-layer generator (Figure 2, last row)."""

    width: Count = 64
    latent: Count = 128
    blocks: Count = 33
    """Bottleneck blocks of three convolutions each."""
    normalization: Normalization = "batch"
    initialization: Initialization = TFLibInit()


class Shift(Kind, tag="shift"):
    """One trained parameter theta: (theta, u) with u uniform, the generator of WGAN's Example 1."""

    start: float = 1.0
    """Theta before training."""


ConvGenerator = DCGANGenerator | ResNetGenerator | DeepResNetGenerator | BigGANGenerator
Network = MLPGenerator | ConvGenerator | TextGenerator | PackGenerator
Generator = Network | Fixed | Shift
