"""Constraints that packs bring: a term of the critic's loss, a projection after each step, or both."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor

from suite.errors import UserError
from suite.networks import blocks
from suite.networks.image import ImageNetwork
from suite.networks.mlp import MLP
from suite.networks.network import Network
from suite.objectives.given import differentiable, given
from suite.objectives.gradient import CriticGradient
from suite.spec.packs.code import made
from suite.spec.schema import PackConstraint

CURE: Final = "give one number a replica, or None for nothing"


class Seen(NamedTuple):
    """What the critic sees in a step: samples [replicas, batch, dimension], and the random numbers that a
    constraint may use: one from 0 to 1 for each pair of samples, [replicas, batch, 1], and standard normal
    ones, [replicas, batch, dimension].
    """

    real: Tensor
    fake: Tensor
    share: Tensor
    normal: Tensor
    labels: Tensor | None = None
    """[replicas, batch], where networks are told any."""


class Constraint:
    """What a pack's constraint has to be; either function may stay as it is here."""

    def penalty(self, critic: Network, tensors: Sequence[Tensor], seen: Seen) -> Tensor | None:
        """What is added to the critic's loss, one number a replica [replicas]; ``tensors`` are the
        critic's parameters, as ``critic.outputs`` takes them. None for nothing.
        """
        return None

    def project(self, critic: Network, flat: Tensor) -> None:
        """Change the critic's parameters [replicas, parameters] in place, after each step."""


def of_pack(spec: PackConstraint) -> Constraint:
    """The constraint of a pack. UserError where it is none, or would let every critic be."""
    found: object = made("constraints", spec.use, spec.options)
    if not isinstance(found, Constraint):
        raise UserError(
            f"constraint {spec.use!r} is made as {type(found).__name__}\n"
            "    make it a subclass of suite.objectives.constraint.Constraint"
        )
    kind = type(found)
    if kind.penalty is Constraint.penalty and kind.project is Constraint.project:
        raise UserError(
            f"constraint {spec.use!r} has neither a penalty nor a project of its own\n"
            f"    define one of the two in {kind.__name__}, by these names"
        )
    return found


def with_penalty(
    use: str, rule: Constraint, critic: Network, flat: Tensor, seen: Seen, gradient: CriticGradient
) -> CriticGradient:
    """The critic's gradient and loss with what a constraint adds to them. UserError where the pack gives
    something else than ``Constraint`` says.
    """
    tensors = [t.detach().requires_grad_() for t in critic.split(flat)]
    term = rule.penalty(critic, tensors, seen)
    if term is None:
        return gradient
    about = f"constraint {use!r}: penalty"
    term = differentiable(about, given(about, term, flat.shape[:1], CURE), "its `tensors`")
    grads = torch.autograd.grad(term.sum(), tensors, allow_unused=True, materialize_grads=True)
    added = torch.cat([g.flatten(1) for g in grads], dim=1)
    losses = gradient.losses + term.detach().unsqueeze(1)
    return gradient._replace(flat=gradient.flat + added, losses=losses)


def matrices(network: Network, tensors: Sequence[Tensor]) -> list[Tensor]:
    """The weights of each layer [replicas, inputs, outputs], biases and gains apart. A convolution's inputs
    are the pixels and channels under its kernel.
    """
    if isinstance(network, MLP):
        return [layer.weight for layer in network.layers(tensors)]
    if isinstance(network, ImageNetwork):
        roles = [parameter.role for parameter in blocks.tensors(network.blocks)]
        return [t for t, role in zip(tensors, roles, strict=True) if role == "weight"]
    raise TypeError(f"the weights of a {type(network).__name__} are not known")
