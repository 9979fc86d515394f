"""Convolutions of many replicas at once, each with its own weights.

Pictures are [replicas, batch, height, width, channels]. On a CPU a convolution is the pictures'
patches times the weights, one matrix product for each replica, so that a replica's numbers do not
depend on which others are computed with it. On a GPU it is torch's grouped convolution.

Both directions are padded as TensorFlow's SAME (see ``blocks.padding``).
"""

from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from suite.networks.blocks import padding
from suite.networks.products import product

Shape = tuple[int, int, int, int, int]


def convolve(x: Tensor, weight: Tensor, bias: Tensor | None, kernel: int, stride: int) -> Tensor:
    """Convolution with weights [replicas, kernel * kernel * inputs, outputs], rows in that order,
    and biases [replicas, 1, outputs].
    """
    replicas, batch, height, width, inputs = x.shape
    if x.is_cuda:
        return grouped(x, weight.view(replicas, kernel, kernel, inputs, -1), bias, stride)
    patches = x.flatten(1, 3) if kernel == stride == 1 else unfold(x, kernel, stride)
    return product(patches, weight, bias).view(replicas, batch, height // stride, width // stride, -1)


def deconvolve(x: Tensor, weight: Tensor, bias: Tensor | None, kernel: int) -> Tensor:
    """The transpose of a convolution of stride 2, with weights [replicas, inputs, kernel * kernel *
    outputs], columns in that order, and biases [replicas, 1, outputs].
    """
    replicas, batch, height, width, inputs = x.shape
    if x.is_cuda:
        return grouped_transpose(x, weight.view(replicas, inputs, kernel, kernel, -1), bias)
    outputs = weight.shape[2] // kernel**2
    shape = (replicas, batch, 2 * height, 2 * width, outputs)
    made = fold(product(x.flatten(1, 3), weight, None), kernel, 2, shape)
    return made if bias is None else made + bias[:, :, None, None]


def unfold(x: Tensor, kernel: int, stride: int) -> Tensor:
    """Patches [replicas, batch * places, kernel * kernel * channels] of zero-padded pictures."""
    made: Tensor = _Unfold.apply(x, kernel, stride)
    return made


def fold(patches: Tensor, kernel: int, stride: int, shape: Shape) -> Tensor:
    """Pictures of ``shape``, each pixel the sum of the patches' entries at its place: the transpose
    of ``unfold``.
    """
    made: Tensor = _Fold.apply(patches, kernel, stride, shape)
    return made


class _Unfold(torch.autograd.Function):
    """Linear, and the transpose of ``_Fold``: each is the other's derivative, to any order."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: int, stride: int) -> Tensor:
        ctx.how = kernel, stride, tuple(x.shape)
        return _patches(x, kernel, stride)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return _Fold.apply(gradients[0], *ctx.how), None, None


class _Fold(torch.autograd.Function):
    """Linear, and the transpose of ``_Unfold``."""

    @staticmethod
    def forward(ctx: Any, patches: Tensor, kernel: int, stride: int, shape: Shape) -> Tensor:
        ctx.how = kernel, stride
        return _pictures(patches, kernel, stride, shape)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return _Unfold.apply(gradients[0], *ctx.how), None, None, None


def _patches(x: Tensor, kernel: int, stride: int) -> Tensor:
    replicas, batch, height, width, channels = x.shape
    before, after = padding(kernel, stride)
    x = functional.pad(x, (0, 0, before, after, before, after))
    r, b, h, w, c = x.stride()
    places = (height // stride, width // stride)
    size = (replicas, batch, *places, kernel, kernel, channels)
    patches = x.as_strided(size, (r, b, h * stride, w * stride, h, w, c))
    return patches.reshape(replicas, batch * places[0] * places[1], -1)


def _pictures(patches: Tensor, kernel: int, stride: int, shape: Shape) -> Tensor:
    """First along the height, then along the width: fewer and longer runs than pixel by pixel."""
    replicas, batch, height, width, channels = shape
    many, down, across = replicas * batch, height // stride, width // stride
    tall = patches.reshape(many, down, across, kernel, kernel, channels).transpose(2, 3)
    rows = _overlap(tall, kernel, stride)
    wide = rows.view(many * height, across, kernel, channels)
    return _overlap(wide, kernel, stride).view(shape)


def _overlap(parts: Tensor, kernel: int, stride: int) -> Tensor:
    """Add up [pictures, places, kernel, ...] where kernels overlap: [pictures, places, stride, ...]."""
    pictures, places, _, *rest = parts.shape
    make = parts.new_empty if kernel >= stride else parts.new_zeros
    made = make(pictures, places, stride, *rest)
    for shift, first, last, residue in _runs(kernel, stride):
        inside = places - abs(shift)
        target = made.narrow(1, max(shift, 0), inside).narrow(2, residue, last - first)
        source = parts.narrow(1, max(-shift, 0), inside).narrow(2, first, last - first)
        # The first run has no shift and covers everything, so that it need not be added to zeros.
        (target.add_ if shift else target.copy_)(source)
    return made


@cache
def _runs(kernel: int, stride: int) -> tuple[tuple[int, int, int, int], ...]:
    """A kernel's entries in runs that fall on one place: by how many places that is shifted, the
    run's first entry and its end, and where in the place it starts. The run without shift is first.
    """
    before = padding(kernel, stride)[0]
    shifts = sorted({(entry - before) // stride for entry in range(kernel)}, key=abs)
    firsts = [max(shift * stride + before, 0) for shift in shifts]
    lasts = [min((shift + 1) * stride + before, kernel) for shift in shifts]
    residues = [(first - before) % stride for first in firsts]
    return tuple(zip(shifts, firsts, lasts, residues, strict=True))


def grouped(x: Tensor, weight: Tensor, bias: Tensor | None, stride: int) -> Tensor:
    """``convolve`` by torch's grouped convolution: replicas are the groups, weights [replicas, kernel,
    kernel, inputs, outputs].
    """
    replicas = x.shape[0]
    ends = padding(weight.shape[1], stride) * 2
    kernels = weight.permute(0, 4, 3, 1, 2).flatten(0, 1)
    flat = None if bias is None else bias.flatten()
    made = functional.conv2d(functional.pad(_together(x), ends), kernels, flat, stride, groups=replicas)
    return _apart(made, replicas)


def grouped_transpose(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """``deconvolve`` likewise, weights [replicas, inputs, kernel, kernel, outputs]."""
    replicas, _, height, width, _ = x.shape
    before = padding(weight.shape[2], 2)[0]
    kernels = weight.permute(0, 1, 4, 2, 3).flatten(0, 1)
    flat = None if bias is None else bias.flatten()
    made = functional.conv_transpose2d(_together(x), kernels, flat, 2, groups=replicas)
    return _apart(
        made[:, :, before : before + 2 * height, before : before + 2 * width].contiguous(), replicas
    )


def _together(x: Tensor) -> Tensor:
    """[batch, replicas * channels, height, width], as torch's convolutions take pictures."""
    return x.permute(1, 0, 4, 2, 3).flatten(1, 2)


def _apart(x: Tensor, replicas: int) -> Tensor:
    batch, _, height, width = x.shape
    return x.view(batch, replicas, -1, height, width).permute(1, 0, 3, 4, 2)
