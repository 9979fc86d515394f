"""What the weights of a network are before training."""

from suite.spec.schema.frozen import Kind
from suite.spec.schema.words import Positive


class DefaultInit(Kind, tag="default"):
    """PyTorch's nn.Linear: weights and biases uniform in +-1/sqrt(inputs)."""


class HeInit(Kind, tag="he"):
    """Weights uniform in +-sqrt(6/inputs), biases zero."""


class UniformInit(Kind, tag="uniform"):
    """Weights and biases uniform in +-bound: an initialisation inside a clip range."""

    bound: Positive
    """Largest absolute value."""


class NormalInit(Kind, tag="normal"):
    """Weights N(0, deviation^2), biases zero."""

    deviation: Positive = 0.02
    """Standard deviation of the weights."""


class SignInit(Kind, tag="signs"):
    """Every weight +bound or -bound at random, biases zero: a fully clipped layer."""

    bound: Positive
    """Absolute value of every weight."""


class DCGANInit(Kind, tag="dcgan"):
    """DCGAN's: weights N(0, 0.02^2), gains N(1, 0.02^2), biases and shifts zero (WGAN's code)."""


class TFLibInit(Kind, tag="tflib"):
    """WGAN-GP's code: weights uniform with variance 4/(inputs + outputs), counted with the kernel
    and the stride, in convolutions and 2/(inputs + outputs) in linear layers; biases zero.
    """


class OrthogonalInit(Kind, tag="orthogonal"):
    """Weights with orthonormal columns, a column for each output, or rows where there are fewer of them
    (Saxe et al. 2014); biases zero.
    """


Initialization = (
    DefaultInit | HeInit | UniformInit | NormalInit | SignInit | DCGANInit | TFLibInit | OrthogonalInit
)
