"""Losses of gradients as they are minimised: means over the batch."""

from torch import Tensor

from suite.objectives.generator import GeneratorGradient
from suite.objectives.gradient import CriticGradient


def loss(found: CriticGradient | GeneratorGradient) -> Tensor:
    """One number a replica [replicas]."""
    return found.losses.mean(1)


def of_critic(found: CriticGradient) -> tuple[Tensor, Tensor, Tensor]:
    """The gradient, the loss and the estimate."""
    return found.flat, loss(found), found.estimates.mean(1)


def of_generator(found: GeneratorGradient) -> tuple[Tensor, Tensor]:
    """The gradient and the loss."""
    return found.flat, loss(found)
