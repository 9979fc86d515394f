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
from suite.networks.tape import Tape, are_alone, tapes_of
from suite.objectives import auxiliary
from suite.objectives.auxiliary import Told
from suite.objectives.losses import critic_loss, score_gradient
from suite.objectives.penalty import norms, penalty, penalty_slope
from suite.spec.schema import Loss


class Penalty(NamedTuple):
    """What a gradient penalty adds: points [replicas, batch, dimension], and per replica its
    weight and floor, both [replicas, 1]; the centre is the same for all.
    """

    points: Tensor
    weight: Tensor
    floor: Tensor
    centre: float = 1.0

    def of(self, part: slice) -> "Penalty":
        """That of some replicas."""
        return Penalty(self.points[part], self.weight[part], self.floor[part], self.centre)


class CriticGradient(NamedTuple):
    """One gradient of the critic: ``flat`` is [replicas, parameters], ``loss`` (penalty
    included) and ``estimate`` (mean output on real minus on fake) are [replicas].
    """

    flat: Tensor
    loss: Tensor
    estimate: Tensor


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
    products with a single column take one way for one replica and another for many.
    """
    if not isinstance(network, MLP) or not network.piecewise_linear:
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
    estimate = (on_real.mean(1) - on_fake.mean(1)).detach()
    return CriticGradient(torch.cat([g.flatten(1) for g in grads], 1), loss.detach(), estimate)


def written_out(
    network: MLP, flat: Tensor, name: Loss, real: Tensor, fake: Tensor, extra: Penalty | None
) -> CriticGradient:
    """The same for a piecewise linear critic with a hidden layer."""
    batch = real.shape[1]
    parts = 2 if extra is None else 3
    tapes = tapes_of(network, flat, batch, parts, 2, alone=are_alone(flat, network))
    found = [
        _on_tape(tape, name, real[group], fake[group], None if extra is None else extra.of(group))
        for group, tape in tapes.groups
    ]
    loss, estimate = together(found)
    return CriticGradient(tapes.gradient, loss, estimate)


def together(found: Sequence[tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
    """What was found of groups of replicas, of all of them."""
    return found[0] if len(found) == 1 else tuple(map(torch.cat, zip(*found, strict=True)))


def _on_tape(
    tape: Tape, name: Loss, real: Tensor, fake: Tensor, extra: Penalty | None
) -> tuple[Tensor, Tensor]:
    """The loss and the estimate; the gradient is written where the tape says.

    Rows are [real | fake | penalty points]. Going back, the first two carry the loss's
    derivative and the last carry one, so a single pass gives both the backpropagated loss and
    the input gradient. Going forward again, the penalty's derivative by that input gradient
    takes the place of the penalty rows' activations: one product a layer then sums both parts.
    """
    rooms, batches = tape.rooms, (real, fake) if extra is None else (real, fake, extra.points)
    for place, batch in zip(rooms.inputs, batches, strict=True):
        place.copy_(batch)
    tape.forward()
    slopes = score_gradient(name, *rooms.scores[:2])
    for place, slope in zip(rooms.by_scores, (slopes.by_real, slopes.by_fake, 1.0), strict=False):
        place.copy_(slope) if isinstance(slope, Tensor) else place.fill_(slope)
    tape.back()
    if extra is None:
        tape.gradient()
        return slopes.loss, slopes.estimate
    added, push = penalty_slope(tape.by_input(), extra.weight, extra.floor, extra.centre)
    tape.push(push)
    tape.gradient()
    return slopes.loss + added, slopes.estimate
