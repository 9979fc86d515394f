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


def penalty(norm: Tensor, weight: Tensor, floor: Tensor, centre: float = 1.0) -> Tensor:
    """Weight * mean (norm - centre)^2 over the batch, shape [replicas].

    ``norm`` is [replicas, batch]; ``weight`` and ``floor`` are [replicas, 1]; a floor of
    ``ONE_SIDED`` leaves norms below the centre free. R1 has its centre at 0 and half its weight.
    """
    return (weight * torch.maximum(norm - centre, floor) ** 2).mean(1)


def penalty_slope(
    gradient: Tensor, weight: Tensor, floor: Tensor, centre: float = 1.0
) -> tuple[Tensor, Tensor]:
    """The penalty of input gradients [replicas, batch, dimension], and its derivative by them."""
    norm = (gradient * gradient).sum(-1).sqrt_()
    beyond = torch.maximum(norm - centre, floor)
    weighted = weight * beyond
    # A norm of zero has a derivative of zero, as in ``norms``, also where only squares were too small.
    scale = weighted * (2 / norm.shape[1]) / torch.where(norm == 0, math.inf, norm)
    return (weighted * beyond).mean(1), gradient * scale.unsqueeze(2)
