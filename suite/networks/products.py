"""Batched matrix products whose bits do not depend on the number of replicas.

Where one factor is a single row or column, torch takes one way for one replica and another for many,
with different roundings; and slow ones. Here such products are sums of elementwise ones.
"""

import torch
from torch import Tensor


def product(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Rows [replicas, rows, inputs] times weights [replicas, inputs, outputs], with biases [replicas,
    1, outputs].
    """
    if min(weight.shape[1:]) == 1:
        made = x * weight if weight.shape[1] == 1 else (x * weight.transpose(1, 2)).sum(2, keepdim=True)
        return made if bias is None else made + bias
    return torch.bmm(x, weight) if bias is None else torch.baddbmm(bias, x, weight)


def correlation(x: Tensor, y: Tensor) -> Tensor:
    """The first transposed times y, both [replicas, rows, any]: [replicas, columns of x, columns of y]."""
    if min(x.shape[2], y.shape[2]) > 1:
        return torch.bmm(x.transpose(1, 2), y)
    made = (x * y).sum(1)
    return made.unsqueeze(1) if x.shape[2] == 1 else made.unsqueeze(2)
