"""RMSProp, Adam and SGD over flat parameters of many replicas, each with its own rates.

Formulas are of correctly rounded operations (add, multiply, divide, root): the last bit of a fused one
may depend on an element's place in memory, and so on how many replicas there are. Where replicas' rows can
be worked on one by one, as on a CPU, that is no danger, and ``suite.training.fused`` is faster.
"""

import math
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from suite.spec import schema
from suite.training.fused import Fused, fused_for

PIECE = 1 << 17
"""Numbers worked on at once, so that what lies between two operations stays in a core's cache."""


class Rule(Protocol):
    """An optimiser's formula. ``slots`` names its moments."""

    slots: tuple[str, ...]

    def step(self, gradient: Tensor, moments: Sequence[Tensor], count: Tensor) -> Tensor:
        """What to subtract from the parameters at step ``count``, from 1; updates the moments.

        All are [replicas, any number of parameters].
        """
        ...


class Optimizer:
    """A rule and its moments, each [replicas, parameters]; they are what a checkpoint saves."""

    def __init__(self, rule: Rule, zeros: Tensor, fused: Fused | None = None) -> None:
        self.rule, self.fused = rule, fused
        self.slots = {name: zeros.clone() for name in rule.slots}

    def step(self, parameters: Tensor, gradient: Tensor, count: Tensor) -> None:
        """Move the parameters [replicas, parameters] at step ``count``, from 1."""
        if self.fused is not None:
            self.fused.step(parameters, gradient, self.slots, count)
            return
        width = parameters.shape[1] if parameters.is_cuda else max(PIECE // len(parameters), 1)
        pieces = [torch.split(t, width, dim=1) for t in (parameters, gradient, *self.slots.values())]
        for moved, part, *moments in zip(*pieces, strict=True):
            moved.sub_(self.rule.step(part, moments, count))


def optimizer(specs: Sequence[schema.Optimizer], parameters: int, device: torch.device) -> Optimizer:
    """One optimiser for replicas of one kind; ``specs`` gives each replica's rates."""
    zeros = torch.zeros(len(specs), parameters, device=device)
    return Optimizer(_rule(specs, device), zeros, fused_for(specs, device))


def _rule(specs: Sequence[schema.Optimizer], device: torch.device) -> Rule:
    rmsprops = [spec for spec in specs if isinstance(spec, schema.RMSProp)]
    adams = [spec for spec in specs if isinstance(spec, schema.Adam)]
    if rmsprops:
        return RMSProp(rmsprops, device)
    return Adam(adams, device) if adams else SGD([s for s in specs if isinstance(s, schema.SGD)], device)


def column(values: Sequence[float], device: torch.device) -> Tensor:
    """One number a replica, shape [replicas, 1]."""
    return torch.tensor(values, dtype=torch.float32, device=device).unsqueeze(1)


def exact(values: Sequence[float], device: torch.device) -> Tensor:
    """The same in float64."""
    return torch.tensor(values, dtype=torch.float64, device=device).unsqueeze(1)


def _over(spec: schema.Adam) -> float:
    """Steps after which the rate is zero."""
    return math.inf if spec.decay_over is None else spec.decay_over


def root(square: Tensor) -> Tensor:
    """Square root of a second moment. Zeros and denormals, which dead units leave behind and whose
    roots take 30 times as long, count as the smallest normal number: next to eps that is nothing.
    """
    return square.clamp_min(torch.finfo(square.dtype).tiny).sqrt_()


class RMSProp:
    """v <- alpha v + (1 - alpha) g^2; step lr g / (sqrt(v) + eps): PyTorch's form."""

    slots: tuple[str, ...] = ("square",)

    def __init__(self, specs: Sequence[schema.RMSProp], device: torch.device) -> None:
        self.lr = column([s.lr for s in specs], device)
        self.alpha = column([s.alpha for s in specs], device)
        self.rest = column([1 - s.alpha for s in specs], device)
        self.eps = column([s.eps for s in specs], device)

    def step(self, gradient: Tensor, moments: Sequence[Tensor], count: Tensor) -> Tensor:
        """See ``Rule.step``."""
        square = moments[0].mul_(self.alpha).add_((gradient * gradient).mul_(self.rest))
        return (gradient * self.lr).div_(root(square).add_(self.eps))


class Adam:
    """Kingma and Ba's Adam with bias correction, in PyTorch's form."""

    slots: tuple[str, ...] = ("mean", "square")

    def __init__(self, specs: Sequence[schema.Adam], device: torch.device) -> None:
        self.lr, self.over = exact([s.lr for s in specs], device), exact([_over(s) for s in specs], device)
        self.fading = [exact([s.betas[i] for s in specs], device) for i in range(2)]
        self.beta1 = column([s.betas[0] for s in specs], device)
        self.beta2 = column([s.betas[1] for s in specs], device)
        self.rest1 = column([1 - s.betas[0] for s in specs], device)
        self.rest2 = column([1 - s.betas[1] for s in specs], device)
        self.eps = column([s.eps for s in specs], device)

    def step(self, gradient: Tensor, moments: Sequence[Tensor], count: Tensor) -> Tensor:
        """See ``Rule.step``."""
        mean = moments[0].mul_(self.beta1).add_(gradient * self.rest1)
        square = moments[1].mul_(self.beta2).add_((gradient * gradient).mul_(self.rest2))
        # In float64, as in PyTorch: the correction is exact for late steps.
        number = count.double()
        rest1, rest2 = (1 - fading**number for fading in self.fading)
        rate = self.lr * (1 - (number - 1) / self.over).clamp_min(0) / rest1
        return (mean * rate.float()).div_(root(square).div_(rest2.sqrt().float()).add_(self.eps))


class SGD:
    """m <- momentum m + g; step lr m."""

    slots: tuple[str, ...] = ("velocity",)

    def __init__(self, specs: Sequence[schema.SGD], device: torch.device) -> None:
        self.lr = column([s.lr for s in specs], device)
        self.momentum = column([s.momentum for s in specs], device)

    def step(self, gradient: Tensor, moments: Sequence[Tensor], count: Tensor) -> Tensor:
        """See ``Rule.step``."""
        return moments[0].mul_(self.momentum).add_(gradient) * self.lr
