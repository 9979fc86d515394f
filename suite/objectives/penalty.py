"""The gradient penalty of WGAN-GP (Gulrajani et al. 2017, equation 3)."""

import math

import torch
from torch import Tensor

TWO_SIDED = -math.inf
"""Floor of (norm - centre) that leaves it as it is. A tie would halve the derivative, so that it is not -1,
which the difference is where the norm is next to zero.
"""
ONE_SIDED = 0.0


def interpolate(real: Tensor, fake: Tensor, share: Tensor) -> Tensor:
    """Points on the segments between pairs; ``share`` [replicas, batch, 1] is that of the real."""
    return fake + share * (real - fake)


def norms(gradient: Tensor) -> Tensor:
    """Euclidean norms over the last dimension, with gradient zero (not NaN) at zero; NaN stays."""
    square = (gradient * gradient).sum(-1)
    alive = square != 0
    return torch.where(alive, square, 1.0).sqrt() * alive


def penalty(norm: Tensor, weight: Tensor, floor: Tensor | None, centre: float = 1.0) -> Tensor:
    """Weight * mean (norm - centre)^2 over the batch, shape [replicas].

    ``norm`` is [replicas, batch]; ``weight`` and ``floor`` are [replicas, 1]; a floor of
    ``ONE_SIDED`` leaves norms below the centre free, and with none at all no replica is one-sided. R1 has
    its centre at 0 and half its weight. Perceptrons take the same from ``penalty_slope``, with its derivative
    written out: a change of the formula is one of both.
    """
    return (weight * _beyond(norm, floor, centre) ** 2).mean(1)


def _beyond(norm: Tensor, floor: Tensor | None, centre: float) -> Tensor:
    difference = norm - centre
    return difference if floor is None else torch.maximum(difference, floor)


def penalty_slope(
    gradient: Tensor, weight: Tensor, floor: Tensor | None, into: Tensor, centre: float = 1.0
) -> Tensor:
    """Each sample's part in the penalty [replicas, batch], of which that is the mean, given input gradients
    [replicas, dimension, batch]. The penalty's derivative by them is written to ``into``, of their shape.

    The formula is that of ``penalty``, which all other networks take it from.
    """
    norm = (gradient * gradient).sum(1).sqrt_()
    beyond = _beyond(norm, floor, centre)
    weighted = weight * beyond
    # A norm of zero has a derivative of zero, as in ``norms``, also where only squares were too small.
    scale = (weighted / torch.threshold(norm, 0.0, math.inf)).mul_(2 / norm.shape[1])
    torch.mul(gradient, scale.unsqueeze(1), out=into)
    return weighted * beyond
