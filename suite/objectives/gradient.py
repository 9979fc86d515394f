"""Gradient of the critic's loss, penalty included, in two ways that agree.

``by_autograd`` takes any network. ``written_out`` is for piecewise linear critics:
their second derivative by the input is zero almost everywhere, so the penalty's
gradient needs one backward pass for the input gradient and one forward pass of its
derivative, and no second backward pass through the whole graph.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeGuard

import torch
from torch import Tensor

from suite.networks.mlp import MLP
from suite.networks.network import Network
from suite.networks.products import is_cast
from suite.networks.tape import Rows, Tape, tapes_of
from suite.objectives import auxiliary
from suite.objectives.auxiliary import Told
from suite.objectives.losses import critic_loss, critic_slopes, critic_terms
from suite.objectives.penalty import norms, penalty, penalty_slope
from suite.spec.schema import Loss


class Penalty(NamedTuple):
    """What a gradient penalty adds: points [replicas, batch, dimension], and per replica its
    weight and floor, both [replicas, 1], without a floor where none is one-sided; the centre is the same
    for all.
    """

    points: Tensor
    weight: Tensor
    floor: Tensor | None
    centre: float = 1.0

    def of(self, tape: Tape) -> "Penalty":
        """That of the replicas of a tape."""
        floor = None if self.floor is None else tape.of(self.floor)
        return Penalty(tape.of(self.points), tape.of(self.weight), floor, self.centre)


class CriticGradient(NamedTuple):
    """One gradient of the critic: ``flat`` is [replicas, parameters]; ``losses`` and ``estimates`` are each
    pair's part in two means over the batch, [replicas, batch], or [replicas, 1] where only these are known.
    Many steps' means are faster taken at once.
    """

    flat: Tensor
    losses: Tensor
    estimates: Tensor


def critic_gradient(
    network: Network,
    flat: Tensor,
    name: Loss,
    real: Tensor,
    fake: Tensor,
    extra: Penalty | None,
    told: Told | None = None,
) -> CriticGradient:
    """The critic's gradient on a batch [replicas, batch, dimension], the fastest way there is."""
    if told is None and is_straight(network) and not is_cast(flat.device):
        return written_out(network, flat, name, real, fake, extra)
    return by_autograd(network, flat, name, real, fake, extra, told)


def is_straight(network: Network | None) -> TypeGuard[MLP]:
    """Whether a network is a piecewise linear perceptron with hidden layers, of more than one unit each:
    products with a single column take one way for one replica and another for many. A subclass, which a pack
    may bring, has outputs of its own.
    """
    if type(network) is not MLP or not network.piecewise_linear:
        return False
    return min(network.sizes[1:-1], default=0) > 1


def by_autograd(
    network: Network,
    flat: Tensor,
    name: Loss,
    real: Tensor,
    fake: Tensor,
    extra: Penalty | None,
    told: Told | None = None,
) -> CriticGradient:
    """The reference: autograd, and its double backward for the penalty, which is of the pixels alone."""
    tensors = [t.detach().requires_grad_() for t in network.split(flat)]
    labels = None if told is None else told.labels
    # Apart, since batch normalisation must not see real and fake samples together.
    on_real, of_real = network.heads(tensors, real, labels)
    on_fake, of_fake = network.heads(tensors, fake, labels)
    loss = auxiliary.of_critic(critic_loss(name, on_real, on_fake), told, of_real, of_fake)
    if extra is not None:
        points = extra.points.detach().requires_grad_()
        total = network.outputs(tensors, points, labels).sum()
        (slope,) = torch.autograd.grad(total, points, create_graph=True)
        loss = loss + penalty(norms(slope), extra.weight, extra.floor, extra.centre)
    grads = torch.autograd.grad(loss.sum(), tensors, allow_unused=True, materialize_grads=True)
    flat = torch.cat([g.flatten(1) for g in grads], 1)
    return CriticGradient(flat, loss.detach().unsqueeze(1), (on_real - on_fake).detach())


def written_out(
    network: MLP, flat: Tensor, name: Loss, real: Tensor, fake: Tensor, extra: Penalty | None
) -> CriticGradient:
    """The same for a piecewise linear critic with a hidden layer."""
    batch, parts = real.shape[1], 2 if extra is None else 3
    rows = Rows(batch, parts, points=2, are_pushed=extra is not None)
    tapes = tapes_of(network, flat, rows)
    found = [
        _on_tape(tape, name, tape.of(real), tape.of(fake), None if extra is None else extra.of(tape))
        for tape in tapes.each
    ]
    return CriticGradient(tapes.gradient, *together(found))


def together(found: Sequence[tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
    """What was found of groups of replicas, of all of them."""
    return found[0] if len(found) == 1 else tuple(map(torch.cat, zip(*found, strict=True)))


def _on_tape(
    tape: Tape, name: Loss, real: Tensor, fake: Tensor, extra: Penalty | None
) -> tuple[Tensor, Tensor]:
    """The losses and the estimates; the gradient is written where the tape says.

    Rows are [real | fake | penalty points]. Going back, the first two carry the loss's
    derivative and the last carry one, so a single pass gives both the backpropagated loss and
    the input gradient. Going forward again, the penalty's derivative by that input gradient
    takes the place of the penalty rows' activations: one product a layer then sums both parts.
    """
    rooms, batches = tape.rooms, (real, fake) if extra is None else (real, fake, extra.points)
    torch.cat(batches, 1, out=rooms.inputs)
    tape.forward()
    on_real, on_fake = rooms.scores[:2]
    losses, estimates = critic_terms(name, on_real, on_fake), on_real - on_fake
    for place, slope in zip(rooms.by_scores, (*critic_slopes(name, on_real, on_fake), 1.0), strict=False):
        place.copy_(slope) if isinstance(slope, Tensor) else place.fill_(slope)
    tape.back()
    if extra is not None:
        into = rooms.points_turned
        added = penalty_slope(tape.by_input(), extra.weight, extra.floor, into, extra.centre)
        losses = losses + added
        tape.push()
    tape.finish()
    return losses, estimates
