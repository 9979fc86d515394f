"""How a gradient becomes a step."""

from suite.spec.schema.frozen import Kind
from suite.spec.schema.words import Count, Fraction, Positive


class RMSProp(Kind, tag="rmsprop"):
    """PyTorch's RMSProp: second moment from zero, no bias correction, eps outside the root."""

    lr: Positive
    alpha: Fraction = 0.99
    """Decay of the mean of squared gradients."""
    eps: Positive = 1e-8


class Adam(Kind, tag="adam"):
    """Adam with bias correction."""

    lr: Positive
    betas: tuple[Fraction, Fraction] = (0.9, 0.999)
    """Decay of the means of gradients (momentum) and of squared gradients."""
    eps: Positive = 1e-8
    decay_over: Count | None = None
    """Steps of this optimiser over which its rate falls to zero on a straight line; none where not
    given."""


class SGD(Kind, tag="sgd"):
    """Stochastic gradient descent, with PyTorch's momentum."""

    lr: Positive
    momentum: Fraction = 0.0
    """Share of the last step that is kept."""


Optimizer = RMSProp | Adam | SGD
