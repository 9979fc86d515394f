"""Adam and RMSProp in one pass over memory, with torch's own fused step of a CPU.

RMSProp is Adam without a mean of gradients, and without corrections.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

import torch
from torch import Tensor

from suite.spec import schema

LATE = 10**9
"""A step so late that the corrections of what began at zero are 1."""


def rate_at(spec: schema.Adam, count: Tensor) -> float | Tensor:
    """The rate at step ``count``, from 1; in float64 where it is not always the same."""
    if spec.decay_over is None:
        return spec.lr
    return (1 - (count.double() - 1) / spec.decay_over).clamp_min(0) * spec.lr


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
            return cls(spec.lr, 0.0, spec.alpha, spec.eps, torch.full_like(count, LATE, dtype=torch.float32))
        return cls(rate_at(spec, count), *spec.betas, spec.eps, count.float())


class Fused:
    """Steps of replicas, all together where they have the same rates."""

    def __init__(self, specs: Sequence[schema.Adam | schema.RMSProp]) -> None:
        self.groups = {spec: [i for i, each in enumerate(specs) if each == spec] for spec in specs}
        self.known: dict[str, tuple[Tensor, tuple[Tensor, ...]]] = {}
        """Tensors of the last step, and their rows."""

    def step(self, parameters: Tensor, gradient: Tensor, slots: Mapping[str, Tensor], count: Tensor) -> None:
        """Move the parameters and the moments, all [replicas, parameters]."""
        # Without memory, the mean of gradients is the gradient.
        every = {"parameters": parameters, "gradient": gradient, "mean": gradient, **slots}
        # Row by row: an element's place is then the same however many replicas there are.
        rows = [self._rows(name, tensor) for name, tensor in every.items()]
        for spec, members in self.groups.items():
            _step([[row[i] for i in members] for row in rows], Rates.of(spec, count))

    def _rows(self, name: str, tensor: Tensor) -> tuple[Tensor, ...]:
        if name not in self.known or self.known[name][0] is not tensor:
            self.known[name] = (tensor, tensor.unbind())
        return self.known[name][1]


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
