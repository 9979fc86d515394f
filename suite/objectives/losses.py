"""What critic and generator minimise, given the critic's outputs.

Outputs are logits for the GAN losses. Every function takes scores of shape
[replicas, batch] and returns one loss a replica, shape [replicas].
"""

from typing import NamedTuple, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from suite.spec.packs.code import made
from suite.spec.schema import Loss, PackLoss

LANES = 64


class PackedLoss(Protocol):
    """What a pack's loss has to have."""

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        """Of scores [replicas, batch] the critic's loss, one a replica [replicas]."""
        ...

    def generator(self, fake: Tensor) -> Tensor:
        """Each fake sample's part in the generator's loss [replicas, batch], of which the mean is taken."""
        ...


def of_pack(spec: PackLoss) -> PackedLoss:
    """The loss of a pack."""
    found: PackedLoss = made("losses", spec.use, spec.options)
    return found


def critic_loss(name: Loss, real: Tensor, fake: Tensor) -> Tensor:
    """The critic's (discriminator's) loss without its constraint."""
    match name:
        case "wasserstein":
            return fake.mean(1) - real.mean(1)
        case "least_squares":
            return 0.5 * ((real - 1) ** 2).mean(1) + 0.5 * (fake**2).mean(1)
        case "hinge":
            return (1 - real).clamp_min(0).mean(1) + (1 + fake).clamp_min(0).mean(1)
        case "minimax" | "non_saturating":
            return softplus(-real).mean(1) + softplus(fake).mean(1)
        case PackLoss():
            return of_pack(name).critic(real, fake)


def generator_loss(name: Loss, fake: Tensor) -> Tensor:
    """The generator's loss."""
    return generator_terms(name, fake).mean(1)


def generator_terms(name: Loss, fake: Tensor) -> Tensor:
    """Each fake sample's part in the generator's loss, shape [replicas, batch].

    minimax: log(1 - D) = -softplus(logit); non_saturating: -log D = softplus(-logit).
    """
    match name:
        case "wasserstein" | "hinge":
            return -fake
        case "least_squares":
            return 0.5 * (fake - 1) ** 2
        case "minimax":
            return -softplus(fake)
        case "non_saturating":
            return softplus(-fake)
        case PackLoss():
            return of_pack(name).generator(fake)


class ScoreGradient(NamedTuple):
    """The critic's loss and estimate (mean score of real minus of fake), both [replicas], and the loss's
    derivatives by the scores [replicas, batch], one number where they are all the same.
    """

    loss: Tensor
    estimate: Tensor
    by_real: Tensor | float
    by_fake: Tensor | float


def score_gradient(name: Loss, real: Tensor, fake: Tensor) -> ScoreGradient:
    """The derivatives of ``critic_loss``."""
    estimate = real.mean(1) - fake.mean(1)
    # Of Wasserstein critics one is the other.
    loss = -estimate if name == "wasserstein" else critic_loss(name, real, fake)
    return ScoreGradient(loss, estimate, *_slopes(name, real, fake))


def _slopes(name: Loss, real: Tensor, fake: Tensor) -> tuple[Tensor | float, Tensor | float]:
    share = 1 / real.shape[1]
    match name:
        case "wasserstein":
            return -share, share
        case "least_squares":
            return (real - 1) * share, fake * share
        case "hinge":
            return (real < 1).to(real) * -share, (fake > -1).to(fake) * share
        case "minimax" | "non_saturating":
            return sigmoid(-real) * -share, sigmoid(fake) * share
        case PackLoss():
            with torch.enable_grad():
                scores = [each.detach().requires_grad_() for each in (real, fake)]
                by_real, by_fake = torch.autograd.grad(critic_loss(name, *scores).sum(), scores)
            return by_real, by_fake


def generator_slope(name: Loss, fake: Tensor) -> tuple[Tensor, Tensor]:
    """The generator's loss and its derivative by the fake scores."""
    loss, share = generator_loss(name, fake), 1 / fake.shape[1]
    match name:
        case "wasserstein" | "hinge":
            return loss, torch.full_like(fake, -share)
        case "least_squares":
            return loss, (fake - 1) * share
        case "minimax":
            return loss, sigmoid(fake) * -share
        case "non_saturating":
            return loss, sigmoid(-fake) * -share
        case PackLoss():
            with torch.enable_grad():
                scores = fake.detach().requires_grad_()
                (slope,) = torch.autograd.grad(generator_loss(name, scores).sum(), scores)
            return loss, slope


def softplus(x: Tensor) -> Tensor:
    """log(1 + exp(x)) of [replicas, batch].

    Rows are padded to whole vectors: the kernel's vector and scalar paths round differently, and
    which of them an element takes must not depend on how many replicas there are.
    """
    return functional.softplus(_padded(x))[:, : x.shape[1]]


def sigmoid(x: Tensor) -> Tensor:
    """1 / (1 + exp(-x)) of [replicas, batch], softplus's derivative; padded as that is."""
    return torch.sigmoid(_padded(x))[:, : x.shape[1]]


def _padded(x: Tensor) -> Tensor:
    return functional.pad(x, (0, -x.shape[1] % LANES))
