"""Adam and RMSProp in one pass over memory, with torch's own fused step of a CPU.

RMSProp is Adam without a mean of gradients, and without corrections.
"""

from collections.abc import Mapping, Sequence
from operator import is_
from typing import NamedTuple, Self

import torch
from torch import Tensor

from suite.spec import schema

LATE = torch.tensor(1e9)
"""A step so late that the corrections of what began at zero are 1."""


def rate_at(spec: schema.Adam, count: Tensor) -> float | Tensor:
    """The rate at step ``count``, from 1; in float64 where it is not always the same."""
    if spec.decay_over is None:
        return spec.lr
    return (1 - (count.double() - 1) / spec.decay_over).clamp_min(0) * spec.lr


Group = tuple[schema.Adam | schema.RMSProp, list[list[Tensor]]]


class Rates(NamedTuple):
    """What a step is taken with."""

    lr: float | Tensor
    beta1: float
    beta2: float
    eps: float
    number: Tensor
    """Which step it is, from 1: it decides the corrections."""

    @classmethod
    def of(cls, spec: schema.Adam | schema.RMSProp, count: Tensor) -> Self:
        """Those of a spec at step ``count``."""
        if isinstance(spec, schema.RMSProp):
            return cls(spec.lr, 0.0, spec.alpha, spec.eps, LATE)
        return cls(rate_at(spec, count), *spec.betas, spec.eps, count.float())


class Fused:
    """Steps of replicas, all together where they have the same rates."""

    def __init__(self, specs: Sequence[schema.Adam | schema.RMSProp]) -> None:
        self.members = {spec: [i for i, each in enumerate(specs) if each == spec] for spec in specs}
        self.known: tuple[list[Tensor], list[Group]] = ([], [])
        """Tensors of the last step, and their rows."""

    def step(self, parameters: Tensor, gradient: Tensor, slots: Mapping[str, Tensor], count: Tensor) -> None:
        """Move the parameters and the moments, all [replicas, parameters]."""
        # Without memory, the mean of gradients is the gradient.
        every = [parameters, gradient, slots.get("mean", gradient), slots["square"]]
        for spec, tensors in self._groups(every):
            _step(tensors, Rates.of(spec, count))

    def _groups(self, every: list[Tensor]) -> list[Group]:
        """Each spec with the rows of its members of each tensor."""
        before, groups = self.known
        if not (before and all(map(is_, every, before))):
            # Row by row: an element's place is then the same however many replicas there are.
            rows = [tensor.unbind() for tensor in every]
            groups = [(spec, [[row[i] for i in m] for row in rows]) for spec, m in self.members.items()]
            self.known = every, groups
        return groups


def _step(tensors: Sequence[list[Tensor]], rates: Rates) -> None:
    """Of parameters, gradients, means and squares, replica by replica."""
    parameters, gradients, means, squares = tensors
    torch._fused_adam_(
        parameters,
        gradients,
        means,
        squares,
        [],
        [rates.number] * len(parameters),
        lr=rates.lr,
        beta1=rates.beta1,
        beta2=rates.beta2,
        weight_decay=0.0,
        eps=rates.eps,
        amsgrad=False,
        maximize=False,
    )


def fused_for(specs: Sequence[schema.Optimizer], device: torch.device) -> Fused | None:
    """The fused step of these optimisers on a device, where there is one."""
    known = [spec for spec in specs if isinstance(spec, schema.Adam | schema.RMSProp)]
    return Fused(known) if device.type == "cpu" and len(known) == len(specs) else None
