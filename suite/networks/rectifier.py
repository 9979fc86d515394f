"""ReLU and LeakyReLU whose second derivative is known to be zero.

torch's own compute it: in the backward pass of a gradient penalty they send zeros through the whole
network, which costs as much as if they were something.
"""

from typing import Any

import torch
from torch import Tensor


def rectify(x: Tensor, slope: float) -> Tensor:
    """``x`` where it is positive, else ``slope`` times ``x``."""
    made: Tensor = _Rectify.apply(x, slope)
    return made


class _Rectify(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, slope: float) -> Tensor:
        ctx.slope = slope
        made = torch.nn.functional.leaky_relu(x, slope) if slope else torch.relu(x)
        ctx.save_for_backward(made)
        return made

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        # Detached, or zeros would still be sent back along the way to it.
        return _Masked.apply(gradients[0], ctx.saved_tensors[0].detach(), ctx.slope), None


class _Masked(torch.autograd.Function):
    """``gradient`` where ``sign`` is positive, else ``slope`` times it: linear in ``gradient``, and
    its own transpose.
    """

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, sign: Tensor, slope: float) -> Tensor:
        ctx.slope = slope
        ctx.save_for_backward(sign)
        made: Tensor = torch.ops.aten.leaky_relu_backward(gradient, sign, slope, False)
        return made

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return _Masked.apply(gradients[0], ctx.saved_tensors[0], ctx.slope), None, None
