"""Convolutions of many replicas as torch's grouped ones, the replicas being the groups: a GPU's way.

torch works out the second derivative of a grouped convolution group by group, which a gradient penalty asks
for in every step. A convolution is linear in the pictures and in the kernels, so that all its derivatives are
one of three: itself, its transpose, and the correlation of pictures with gradients. Each is one call for all
groups, and they are each other's derivatives.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional, grad

from suite.networks.blocks import padding
from suite.networks.products import is_cast

Shape = tuple[int, ...]


def grouped(x: Tensor, weight: Tensor, bias: Tensor | None, stride: int) -> Tensor:
    """``suite.networks.convolution.convolve`` of pictures [replicas, batch, height, width, channels] with
    weights [replicas, kernel, kernel, inputs, outputs].
    """
    replicas = x.shape[0]
    ends = padding(weight.shape[1], stride) * 2
    kernels = weight.permute(0, 4, 3, 1, 2).flatten(0, 1)
    made: Tensor = _Convolution.apply(
        _cast(functional.pad(_together(x), ends)), _cast(kernels), stride, replicas
    )
    return _biased(_apart(made, replicas), bias)


def grouped_transpose(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """``suite.networks.convolution.deconvolve`` likewise, weights [replicas, inputs, kernel, kernel,
    outputs].
    """
    replicas, batch, height, width, _ = x.shape
    kernel, outputs = weight.shape[2], weight.shape[4]
    before = padding(kernel, 2)[0]
    kernels = weight.permute(0, 1, 4, 2, 3).flatten(0, 1)
    whole = (batch, replicas * outputs, 2 * height - 2 + kernel, 2 * width - 2 + kernel)
    made: Tensor = _Transpose.apply(_cast(_together(x)), _cast(kernels), whole, 2, replicas)
    cut = made[:, :, before : before + 2 * height, before : before + 2 * width]
    return _biased(_apart(cut.contiguous(), replicas), bias)


class _Convolution(torch.autograd.Function):
    """Of pictures [batch, groups * inputs, height, width] with kernels [groups * outputs, inputs, kernel,
    kernel].
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernels: Tensor, stride: int, groups: int) -> Tensor:
        ctx.save_for_backward(x, kernels)
        ctx.how = stride, groups
        return functional.conv2d(x, kernels, None, stride, groups=groups)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        (x, kernels), (gradient,) = ctx.saved_tensors, gradients
        by_x, by_kernels = None, None
        if ctx.needs_input_grad[0]:
            by_x = _Transpose.apply(gradient, kernels, tuple(x.shape), *ctx.how)
        if ctx.needs_input_grad[1]:
            by_kernels = _Correlation.apply(x, gradient, tuple(kernels.shape), *ctx.how)
        return by_x, by_kernels, None, None


class _Transpose(torch.autograd.Function):
    """The derivative of a convolution by its pictures, of that ``shape``."""

    @staticmethod
    def forward(ctx: Any, y: Tensor, kernels: Tensor, shape: Shape, stride: int, groups: int) -> Tensor:
        ctx.save_for_backward(y, kernels)
        ctx.how = stride, groups
        made: Tensor = grad.conv2d_input(shape, kernels, y, stride, groups=groups)  # type: ignore[no-untyped-call]
        return made

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        (y, kernels), (gradient,) = ctx.saved_tensors, gradients
        by_y, by_kernels = None, None
        if ctx.needs_input_grad[0]:
            by_y = _Convolution.apply(gradient, kernels, *ctx.how)
        if ctx.needs_input_grad[1]:
            by_kernels = _Correlation.apply(gradient, y, tuple(kernels.shape), *ctx.how)
        return by_y, by_kernels, None, None, None


class _Correlation(torch.autograd.Function):
    """The derivative of a convolution by its kernels, of that ``shape``."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor, shape: Shape, stride: int, groups: int) -> Tensor:
        ctx.save_for_backward(x, y)
        ctx.how = stride, groups
        made: Tensor = grad.conv2d_weight(x, shape, y, stride, groups=groups)  # type: ignore[no-untyped-call]
        return made

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        (x, y), (gradient,) = ctx.saved_tensors, gradients
        by_x, by_y = None, None
        if ctx.needs_input_grad[0]:
            by_x = _Transpose.apply(y, gradient, tuple(x.shape), *ctx.how)
        if ctx.needs_input_grad[1]:
            by_y = _Convolution.apply(x, gradient, *ctx.how)
        return by_x, by_y, None, None, None


def _cast(x: Tensor) -> Tensor:
    """In the precision of products, which not all of these calls take by themselves."""
    kind = x.device.type
    return x.to(torch.get_autocast_dtype(kind)) if is_cast(x.device) and x.dtype == torch.float32 else x


def _biased(x: Tensor, bias: Tensor | None) -> Tensor:
    return x if bias is None else x + bias[:, :, None, None].to(x.dtype)


def _together(x: Tensor) -> Tensor:
    """[batch, replicas * channels, height, width], as torch's convolutions take pictures."""
    return x.permute(1, 0, 4, 2, 3).flatten(1, 2)


def _apart(x: Tensor, replicas: int) -> Tensor:
    batch, _, height, width = x.shape
    return x.view(batch, replicas, -1, height, width).permute(1, 0, 3, 4, 2)
