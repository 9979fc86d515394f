"""RMSProp, Adam and SGD over flat parameters of many replicas, each with its own rates.

Only correctly rounded operations (add, multiply, divide, root) are used, and no fused
ones: their last bit may depend on an element's place in memory, and so on how many
replicas there are.
"""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from suite.spec import schema


class Optimizer(Protocol):
    """``slots`` are the moments, each [replicas, parameters]; they are what a checkpoint saves."""

    slots: dict[str, Tensor]

    def step(self, gradient: Tensor, count: int) -> Tensor:
        """What to subtract from the parameters at step ``count``, from 1."""
        ...


def optimizer(specs: Sequence[schema.Optimizer], parameters: int, device: torch.device) -> Optimizer:
    """One optimiser for replicas of one kind; ``specs`` gives each replica's rates."""
    slots = len(specs), parameters
    kind = {"rmsprop": RMSProp, "adam": Adam, "sgd": SGD}[specs[0].__struct_config__.tag]  # type: ignore[index]
    return kind(specs, torch.zeros(slots, device=device))  # type: ignore[no-any-return]


def column(values: Sequence[float], like: Tensor) -> Tensor:
    """One number a replica, shape [replicas, 1]."""
    return torch.tensor(values, dtype=like.dtype, device=like.device).unsqueeze(1)


class RMSProp:
    """v <- alpha v + (1 - alpha) g^2; step lr g / (sqrt(v) + eps): PyTorch's form."""

    def __init__(self, specs: Sequence[schema.RMSProp], zeros: Tensor) -> None:
        self.lr = column([s.lr for s in specs], zeros)
        self.alpha = column([s.alpha for s in specs], zeros)
        self.rest = column([1 - s.alpha for s in specs], zeros)
        self.eps = column([s.eps for s in specs], zeros)
        self.slots = {"square": zeros}

    def step(self, gradient: Tensor, count: int) -> Tensor:
        """See ``Optimizer.step``."""
        square = self.slots["square"].mul_(self.alpha).add_(gradient * gradient * self.rest)
        return gradient * self.lr / square.sqrt().add_(self.eps)


class Adam:
    """Kingma and Ba's Adam with bias correction, in PyTorch's form."""

    def __init__(self, specs: Sequence[schema.Adam], zeros: Tensor) -> None:
        self.specs = tuple(specs)
        self.beta1 = column([s.betas[0] for s in specs], zeros)
        self.beta2 = column([s.betas[1] for s in specs], zeros)
        self.rest1 = column([1 - s.betas[0] for s in specs], zeros)
        self.rest2 = column([1 - s.betas[1] for s in specs], zeros)
        self.eps = column([s.eps for s in specs], zeros)
        self.slots = {"mean": zeros, "square": zeros.clone()}

    def step(self, gradient: Tensor, count: int) -> Tensor:
        """See ``Optimizer.step``."""
        mean = self.slots["mean"].mul_(self.beta1).add_(gradient * self.rest1)
        square = self.slots["square"].mul_(self.beta2).add_(gradient * gradient * self.rest2)
        # Python's doubles, as in PyTorch: the correction is exact for late steps.
        rate = column([s.lr / (1 - s.betas[0] ** count) for s in self.specs], mean)
        root = column([(1 - s.betas[1] ** count) ** 0.5 for s in self.specs], mean)
        return mean * rate / square.sqrt().div_(root).add_(self.eps)


class SGD:
    """m <- momentum m + g; step lr m."""

    def __init__(self, specs: Sequence[schema.SGD], zeros: Tensor) -> None:
        self.lr = column([s.lr for s in specs], zeros)
        self.momentum = column([s.momentum for s in specs], zeros)
        self.slots = {"velocity": zeros}

    def step(self, gradient: Tensor, count: int) -> Tensor:
        """See ``Optimizer.step``."""
        return self.slots["velocity"].mul_(self.momentum).add_(gradient) * self.lr
