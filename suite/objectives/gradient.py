"""Gradient of the critic's loss, penalty included, in two ways that agree.

``by_autograd`` takes any network. ``written_out`` is for piecewise linear critics:
their second derivative by the input is zero almost everywhere, so the penalty's
gradient needs one backward pass for the input gradient and one forward pass of its
derivative, and no second backward pass through the whole graph.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from suite.networks.mlp import LEAK, MLP, Layer
from suite.networks.network import Network
from suite.networks.products import correlation, product
from suite.objectives import auxiliary
from suite.objectives.auxiliary import Told
from suite.objectives.losses import critic_loss, score_gradient
from suite.objectives.penalty import norms, penalty
from suite.spec.schema import Loss


class Penalty(NamedTuple):
    """What a gradient penalty adds: points [replicas, batch, dimension], and per replica its
    weight and floor, both [replicas, 1]; the centre is the same for all.
    """

    points: Tensor
    weight: Tensor
    floor: Tensor
    centre: float = 1.0


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
    if told is None and isinstance(network, MLP) and network.piecewise_linear and len(network.sizes) > 2:
        return written_out(network, flat, name, real, fake, extra)
    return by_autograd(network, flat, name, real, fake, extra, told)


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
    """The same for a piecewise linear critic with a hidden layer.

    Rows are [real | fake | penalty points]. Going back, the first two carry the loss's
    derivative and the last carry one, so a single pass gives both the backpropagated loss and
    the input gradient. Going forward again, the penalty's derivative by that input gradient
    takes the place of the penalty rows' activations: one product a layer then sums both parts.
    """
    layers = network.layers(network.split(flat))
    batch = 2 * real.shape[1]
    rows = torch.cat([real, fake] if extra is None else [real, fake, extra.points], dim=1)
    acts = [rows, *network.forward(layers, rows)]
    on_real, on_fake = acts.pop()[:, :batch].chunk(2, dim=1)
    loss, by_real, by_fake = score_gradient(name, on_real, on_fake)
    ones = rows.new_ones(rows.shape[0], rows.shape[1] - batch)
    seed = torch.cat([by_real, by_fake, ones], dim=1).unsqueeze(2)
    deltas = _backward(network, layers, acts, seed)
    if extra is not None:
        added, push = _penalty_slope(deltas[0][:, batch:], layers[0], extra)
        loss = loss + added
        _push_forward(network, layers, acts, push, batch)
    grads = _products(acts, deltas, batch)
    return CriticGradient(torch.cat(grads, dim=1), loss, (on_real.mean(1) - on_fake.mean(1)))


def _backward(network: MLP, layers: Sequence[Layer], acts: list[Tensor], seed: Tensor) -> list[Tensor]:
    """Derivatives by each layer's linear output, from the first layer to the last."""
    deltas = [seed, through(network, seed * layers[-1].weight.transpose(1, 2), acts[-1])]
    for layer, act in zip(layers[-2:0:-1], acts[-2:0:-1], strict=True):
        deltas.append(through(network, product(deltas[-1], layer.weight.transpose(1, 2)), act))
    return deltas[::-1]


def through(network: MLP, gradient: Tensor, act: Tensor) -> Tensor:
    """``gradient`` by an activation's output taken to its input, given that output."""
    if network.activation == "relu":
        return torch.ops.aten.threshold_backward(gradient, act, 0)  # type: ignore[no-any-return]
    return torch.ops.aten.leaky_relu_backward(gradient, act, LEAK, True)  # type: ignore[no-any-return]


def _penalty_slope(delta: Tensor, first: Layer, extra: Penalty) -> tuple[Tensor, Tensor]:
    """The penalty, and its derivative by the input gradient at each point."""
    slope = product(delta, first.weight.transpose(1, 2)).requires_grad_()
    added = penalty(norms(slope), extra.weight, extra.floor, extra.centre)
    (push,) = torch.autograd.grad(added.sum(), slope)
    return added.detach(), push


def _push_forward(
    network: MLP, layers: Sequence[Layer], acts: list[Tensor], push: Tensor, batch: int
) -> None:
    """Replace the penalty rows of ``acts`` by the penalty's derivative carried forward."""
    for index, layer in enumerate(layers[:-1]):
        mask = acts[index + 1][:, batch:].clone()
        acts[index][:, batch:] = push
        push = through(network, product(push, layer.weight), mask)
    acts[-1][:, batch:] = push


def _products(acts: list[Tensor], deltas: list[Tensor], batch: int) -> list[Tensor]:
    """Flat gradients of weight and bias, layer by layer. Biases do not move an input gradient,
    so the penalty rows have no part in theirs.
    """
    grads: list[Tensor] = []
    for act, delta in zip(acts[:-1], deltas[:-1], strict=True):
        grads += [correlation(act, delta).flatten(1), delta[:, :batch].sum(1)]
    last = (acts[-1] * deltas[-1]).sum(1)
    return [*grads, last, deltas[-1][:, :batch].sum(1)]
