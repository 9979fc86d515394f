"""Batched matrix products whose bits do not depend on the number of replicas.

Where one factor is a single row or column, torch takes one way for one replica and another for many,
with different roundings; and slow ones. Here such products are sums of elementwise ones.
"""

import torch
from torch import Tensor


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


def correlation(turned: Tensor, y: Tensor, out: Tensor) -> Tensor:
    """Columns of x, turned [replicas, columns, rows], times those of y [replicas, rows, columns]: written
    to ``out``, [replicas, columns of x, columns of y].
    """
    if min(out.shape[1:]) > 1:
        return torch.bmm(turned, y, out=out)
    if out.shape[1] == 1:
        return torch.sum(turned.transpose(1, 2) * y, 1, keepdim=True, out=out)
    return torch.sum(turned * y.transpose(1, 2), 2, keepdim=True, out=out)
