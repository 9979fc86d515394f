"""Batched matrix products whose bits do not depend on the number of replicas.

Where one factor is a single row or column, torch takes one way for one replica and another for many,
with different roundings; and slow ones. Here such products are sums of elementwise ones.
"""

from collections.abc import Callable
from functools import cache, partial

import torch
from torch import Tensor

Call = Callable[[], object]
"""An operation on memory that stays in its place."""


def is_cast(device: torch.device) -> bool:
    """Whether products on a device are in lower precision here, as torch.autocast has it: of all ways to
    compute one, only those that allocate their result.
    """
    return _can_cast(device.type) and torch.is_autocast_enabled(device.type)


@cache
def _can_cast(device: str) -> bool:
    return torch.amp.is_autocast_available(device)


def product(x: Tensor, weight: Tensor, bias: Tensor | None = None, out: Tensor | None = None) -> Tensor:
    """Rows [replicas, rows, inputs] times weights [replicas, inputs, outputs], with biases [replicas,
    1, outputs]; written to ``out`` where it is given.
    """
    if weight.shape[1] == 1:
        made = torch.mul(x, weight, out=out)
    elif weight.shape[2] == 1:
        made = torch.sum(x * weight.transpose(1, 2), 2, keepdim=True, out=out)
    elif bias is not None and out is None:
        return torch.baddbmm(bias, x, weight)
    else:
        # Fills the memory there is; with a bias in it first, wide products take half as long again.
        made = torch.bmm(x, weight, out=out)
    return made if bias is None else torch.add(made, bias, out=out)


def correlation(turned: Tensor, y: Tensor, out: Tensor | None = None) -> Tensor:
    """Columns of one times columns of the other: [replicas, columns of x, rows], which is x turned, times
    [replicas, rows, columns of y]; written to ``out`` where it is given.
    """
    if min(turned.shape[1], y.shape[2]) > 1:
        return torch.bmm(turned, y, out=out)
    x = turned.transpose(1, 2)
    if x.shape[2] == 1:
        return torch.sum(x * y, 1, keepdim=True, out=out)
    return torch.sum((x * y).transpose(1, 2), 2, keepdim=True, out=out)


def ready_product(x: Tensor, weight: Tensor, out: Tensor) -> Call:
    """``product`` of what is in these places when it is called; which way it goes is decided before."""
    return partial(torch.bmm if min(weight.shape[1:]) > 1 else product, x, weight, out=out)


def ready_correlation(turned: Tensor, y: Tensor, out: Tensor) -> Call:
    """``correlation``, likewise."""
    return partial(torch.bmm if min(turned.shape[1], y.shape[2]) > 1 else correlation, turned, y, out=out)
