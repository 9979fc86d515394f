"""Convolutions along lines of many replicas at once, each with its own weights.

Lines are [replicas, batch, length, channels]. A convolution is one matrix product for each replica, of
what each few places side by side see of the line, with the kernel's weights for each of them between
zeros (see ``suite.networks.tiles``). Cutting and putting together are linear, and each other's transpose.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from suite.networks.products import product
from suite.networks.tiles import WIDE

Shape = tuple[int, int, int, int]


def convolve_lines(x: Tensor, weight: Tensor, bias: Tensor | None, kernel: int) -> Tensor:
    """Convolution of stride 1, zeros around the line, with weights [replicas, kernel * inputs, outputs],
    rows in that order, and biases [replicas, 1, outputs]. ``kernel`` is odd.
    """
    replicas, batch, length, _ = x.shape
    many = places(kernel, length, weight.shape[2])
    seen = x.flatten(1, 2) if kernel == 1 else cut(x, kernel, many)
    made = product(seen, spread(weight, kernel, many), None if bias is None else bias.repeat(1, 1, many))
    return made.view(replicas, batch, length, -1)


def places(kernel: int, length: int, outputs: int) -> int:
    """How many places side by side a product serves."""
    fitting = [n for n in range(1, length + 1) if length % n == 0 and n * outputs <= WIDE]
    return max(fitting, default=1) if kernel > 1 else 1


def cut(x: Tensor, kernel: int, many: int) -> Tensor:
    """What each ``many`` places see, [replicas, batch * length / many, (many + kernel - 1) * channels]."""
    made: Tensor = _Cut.apply(x, kernel, many)
    return made


def together(pieces: Tensor, kernel: int, many: int, shape: Shape) -> Tensor:
    """Lines of ``shape``, each entry the sum of the pieces' at its place: the transpose of ``cut``."""
    made: Tensor = _Together.apply(pieces, kernel, many, shape)
    return made


def spread(weight: Tensor, kernel: int, many: int) -> Tensor:
    """Weights for ``many`` places, [replicas, (many + kernel - 1) * inputs, many * outputs]."""
    if many == 1:
        return weight
    replicas, rows, outputs = weight.shape
    taps = weight.view(replicas, kernel, rows // kernel, outputs)
    shifted = [functional.pad(taps, (0, 0, 0, 0, place, many - 1 - place)) for place in range(many)]
    return torch.stack(shifted, dim=3).flatten(3, 4).flatten(1, 2)


class _Cut(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: int, many: int) -> Tensor:
        ctx.how = kernel, many, tuple(x.shape)
        replicas, batch, length, channels = x.shape
        side = kernel // 2
        x = functional.pad(x, (0, 0, side, side))
        r, b, place, c = x.stride()
        size = (replicas, batch, length // many, many + kernel - 1, channels)
        return x.as_strided(size, (r, b, place * many, place, c)).reshape(
            replicas, batch * (length // many), -1
        )

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return _Together.apply(gradients[0], *ctx.how), None, None


class _Together(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, pieces: Tensor, kernel: int, many: int, shape: Shape) -> Tensor:
        ctx.how = kernel, many
        replicas, batch, length, channels = shape
        parts = pieces.reshape(replicas, batch, length // many, many + kernel - 1, channels)
        # Long enough for the last step too, which adds only a part of what it steps over.
        made = parts.new_zeros(replicas, batch, length + kernel + many - 2, channels)
        for first in range(0, many + kernel - 1, many):
            last = min(first + many, many + kernel - 1)
            inside = made[:, :, first : first + length].view(replicas, batch, -1, many, channels)
            inside[:, :, :, : last - first] += parts[:, :, :, first:last]
        return made[:, :, kernel // 2 : kernel // 2 + length].contiguous()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return _Cut.apply(gradients[0], *ctx.how), None, None, None
