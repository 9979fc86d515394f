"""What critic and generator minimise, given the critic's outputs.

Outputs are logits for the GAN losses. Every function takes scores of shape
[replicas, batch] and returns one loss a replica, shape [replicas].
"""

from typing import Final, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from suite.objectives.given import apart, differentiable, given
from suite.spec.packs.code import made
from suite.spec.schema import Loss, PackLoss

LANES = 64
ONE_EACH: Final = "give one number a replica, such as the mean over the batch: (fake - real).mean(1)"
PARTS: Final = "give each sample's part, such as -fake: the mean over the batch is taken of it"


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


def _of_critic(spec: PackLoss, real: Tensor, fake: Tensor) -> Tensor:
    """[replicas]; UserError where the pack gives something else."""
    found = of_pack(spec).critic(real, fake)
    return given(f"loss {spec.use!r}: critic", found, real.shape[:1], ONE_EACH)


def _of_generator(spec: PackLoss, fake: Tensor) -> Tensor:
    """[replicas, batch], likewise."""
    return given(f"loss {spec.use!r}: generator", of_pack(spec).generator(fake), fake.shape, PARTS)


def try_out(name: Loss, batch: int, device: torch.device) -> None:
    """UserError for a pack's loss with other shapes, without a gradient, or of mixed replicas: with two of
    these, since a run that is trained alone would not tell.
    """
    if not isinstance(name, PackLoss):
        return
    with torch.enable_grad():
        real, fake, other = torch.linspace(-2, 2, 6 * batch, device=device).view(3, 2, batch).unbind()
        real, fake = (each.detach().requires_grad_() for each in (real, fake))
        others = [torch.stack([each[0], other[0]]) for each in (real, fake)]
        _try("critic", name, _of_critic(name, real, fake), _of_critic(name, *others))
        _try("generator", name, _of_generator(name, fake), _of_generator(name, others[1]))


def _try(part: str, spec: PackLoss, found: Tensor, again: Tensor) -> None:
    about = f"loss {spec.use!r}: {part}"
    apart(about, differentiable(about, found, "the scores")[0], again[0])


def critic_loss(name: Loss, real: Tensor, fake: Tensor) -> Tensor:
    """The critic's (discriminator's) loss without its constraint."""
    return critic_terms(name, real, fake).mean(1)


def critic_terms(name: Loss, real: Tensor, fake: Tensor) -> Tensor:
    """Each pair's part in the critic's loss, of which that is the mean, shape [replicas, batch]; of a pack's
    loss all there is to know is the mean, shape [replicas, 1].
    """
    match name:
        case "wasserstein":
            return fake - real
        case "least_squares":
            return 0.5 * ((real - 1) ** 2 + fake**2)
        case "hinge":
            return (1 - real).clamp_min(0) + (1 + fake).clamp_min(0)
        case "minimax" | "non_saturating":
            return softplus(-real) + softplus(fake)
        case PackLoss():
            return _of_critic(name, real, fake).unsqueeze(1)


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
            # A copy: it may be the scores themselves, and others write over them.
            return _of_generator(name, fake).clone()


def critic_slopes(name: Loss, real: Tensor, fake: Tensor) -> tuple[Tensor | float, Tensor | float]:
    """The derivatives of ``critic_loss`` by real and by fake scores, [replicas, batch]; one number where they
    are all the same.
    """
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


def generator_slope(name: Loss, fake: Tensor) -> Tensor | float:
    """The derivative of ``generator_loss`` by the scores, likewise."""
    share = 1 / fake.shape[1]
    match name:
        case "wasserstein" | "hinge":
            return -share
        case "least_squares":
            return (fake - 1) * share
        case "minimax":
            return sigmoid(fake) * -share
        case "non_saturating":
            return sigmoid(-fake) * -share
        case PackLoss():
            with torch.enable_grad():
                scores = fake.detach().requires_grad_()
                (slope,) = torch.autograd.grad(generator_loss(name, scores).sum(), scores)
            return slope


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
