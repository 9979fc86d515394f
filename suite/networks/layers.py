"""What each block computes, on vectors [replicas, batch, width] or pictures [replicas, batch, height,
width, channels] or lines [replicas, batch, length, channels]. All of it can be differentiated twice.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from suite.networks import blocks
from suite.networks.attention import attend
from suite.networks.blocks import Block
from suite.networks.convolution import convolve, convolve_lines, deconvolve
from suite.networks.mlp import LEAK, one_hot, shifted_softplus
from suite.networks.network import Share, whole
from suite.networks.normalization import normalize
from suite.networks.products import product
from suite.networks.rectifier import rectify
from suite.networks.spectral import sigma
from suite.spec.schema import ImageActivation


def apply(
    network: Sequence[Block],
    tensors: Iterator[Tensor],
    x: Tensor,
    labels: Tensor | None,
    share: Share = whole,
    told: Sequence[Tensor] = (),
) -> Tensor:
    """Run ``x`` through the blocks; each takes its parameters from ``tensors``.

    Labels [replicas, batch] are for blocks with classes; ``share`` is for normalisations over a batch
    of which ``x`` is a part; ``told`` are the conditions of a hierarchy, [replicas, batch, width] each.
    """
    for block in network:
        match block:
            case blocks.Residual() | blocks.Hierarchy():
                x = _composed(block, tensors, x, labels, share, told)
            case blocks.Norm() | blocks.ConditionalNorm():
                x = _normalize(block, tensors, x, labels, share, told)
            case _:
                x = _alone(block, tensors, x, labels)
    return x


def _alone(block: Block, tensors: Iterator[Tensor], x: Tensor, labels: Tensor | None) -> Tensor:
    """A block that has no others inside, and does not look at the batch."""
    match block:
        case blocks.Dense() | blocks.Conv() | blocks.Deconv() | blocks.LineConv():
            return _linear(block, tensors, x)
        case blocks.Heads(critic, classes):
            return torch.cat([_linear(head, tensors, x) for head in (critic, classes)], dim=2)
        case blocks.Attention(query, key, value, end):
            found = attend(*(_linear(each, tensors, x) for each in (query, key, value)))
            return x + _linear(end, tensors, found) * next(tensors)[:, :, :, None, None]
        case blocks.Projected(critic, table):
            return _linear(critic, tensors, x) + _projection(table, tensors, x, labels)
        case blocks.Join(count):
            return _joined(x, one_hot(labels, count, x.dtype))
        case blocks.Activate(kind):
            return activate(kind, x)
        case _:
            return _without_parameters(block, x)


def _composed(
    block: blocks.Residual | blocks.Hierarchy,
    tensors: Iterator[Tensor],
    x: Tensor,
    labels: Tensor | None,
    share: Share,
    told: Sequence[Tensor],
) -> Tensor:
    match block:
        case blocks.Residual(body, shortcut, factor):
            kept = apply(shortcut, tensors, x, labels, share, told)
            return torch.add(kept, apply(body, tensors, x, labels, share, told), alpha=factor)
        case blocks.Hierarchy(table, parts, body):
            first, conditions = _conditions(table, parts, next(tensors), x, labels)
            return apply(body, tensors, first, labels, share, conditions)


def activate(kind: ImageActivation, x: Tensor) -> Tensor:
    """The activation function."""
    match kind:
        case "relu":
            return rectify(x, 0.0)
        case "leaky_relu":
            return rectify(x, LEAK)
        case "tanh":
            return torch.tanh(x)
        case "softplus":
            return shifted_softplus(x)
        case "gated":
            return torch.sigmoid(x[..., ::2]) * torch.tanh(x[..., 1::2])


def _linear(block: blocks.Weighted, tensors: Iterator[Tensor], x: Tensor) -> Tensor:
    weight = next(tensors)
    bias = next(tensors) if block.bias else None
    if block.spectral:
        weight = weight / sigma(block, weight, next(tensors))
    match block:
        case blocks.Dense():
            return product(x, weight, bias)
        case blocks.Conv():
            return convolve(x, weight, bias, block.kernel, block.stride)
        case blocks.Deconv():
            return deconvolve(x, weight, bias, block.kernel)
        case blocks.LineConv():
            return convolve_lines(x, weight, bias, block.kernel)


def _without_parameters(block: Block, x: Tensor) -> Tensor:
    match block:
        case blocks.Softmax():
            return torch.softmax(x, dim=-1)
        case blocks.Reshape(size, channels):
            return x.reshape(*x.shape[:2], size, size, channels)
        case blocks.Lines(length, channels):
            return x.reshape(*x.shape[:2], length, channels)
        case blocks.Flatten():
            return x.flatten(2)
        case blocks.Upsample():
            return _squares(x[:, :, :, None, :, None].expand(-1, -1, -1, 2, -1, 2, -1))
        case blocks.Shuffle():
            return _squares(x.view(*x.shape[:4], 2, 2, -1).transpose(3, 4))
        case blocks.MeanPool():
            replicas, batch, height, width, channels = x.shape
            return x.reshape(replicas, batch, height // 2, 2, width // 2, 2, channels).mean((3, 5))
        case blocks.GlobalMean():
            return x.mean((2, 3))
        case blocks.Scale(factor):
            return x * factor
    raise TypeError(f"no computation is known for {block}")


def _squares(x: Tensor) -> Tensor:
    """Pictures from [replicas, batch, height, 2, width, 2, channels]."""
    return x.flatten(4, 5).flatten(2, 3)


def _normalize(
    block: blocks.Norm | blocks.ConditionalNorm,
    tensors: Iterator[Tensor],
    x: Tensor,
    labels: Tensor | None,
    share: Share,
    told: Sequence[Tensor],
) -> Tensor:
    """Batch: over the batch's pixels, for each channel. Layer: over a picture's pixels and channels."""
    if isinstance(block, blocks.ConditionalNorm):
        gain, shift = (_linear(each, tensors, told[block.part]) for each in (block.gain, block.shift))
        return normalize(x, 1 + gain[:, :, None, None], shift[:, :, None, None], (1, 2, 3), share)
    over, share = ((1, 2, 3), share) if block.kind == "batch" else ((2, 3, 4), whole)
    tables = next(tensors), next(tensors)
    gain, shift = (_of_labels(block, table, labels)[:, :, None, None] for table in tables)
    gain = 1 + gain if block.beyond_one else gain
    return normalize(x, gain, shift, over, share)


def _of_labels(block: blocks.Norm, table: Tensor, labels: Tensor | None) -> Tensor:
    """The rows [replicas, batch, channels] of a table [replicas, classes, channels] that belong to
    the labels, or the only one where there are no classes.
    """
    return torch.bmm(one_hot(labels, block.classes, table.dtype), table) if block.classes else table


def _projection(
    table: blocks.Embedding, tensors: Iterator[Tensor], x: Tensor, labels: Tensor | None
) -> Tensor:
    """Product of each vector with its label's row, [replicas, batch, 1] (Miyato and Koyama 2018)."""
    weight = next(tensors)
    if table.spectral:
        weight = weight / sigma(table, weight, next(tensors))
    rows = torch.bmm(one_hot(labels, table.classes, x.dtype), weight)
    return (x * rows).sum(2, keepdim=True)


def _conditions(
    table: blocks.Embedding, parts: int, weight: Tensor, x: Tensor, labels: Tensor | None
) -> tuple[Tensor, list[Tensor]]:
    """What a hierarchy's body is fed with, and its conditions [replicas, batch, width]."""
    rows = torch.bmm(one_hot(labels, table.classes, x.dtype), weight)
    first, *others = x.chunk(parts, dim=2)
    return first, [torch.cat([rows, other], dim=2) for other in others] or [rows]


def _joined(x: Tensor, hot: Tensor) -> Tensor:
    """Vectors or pictures with further channels, the same in each pixel."""
    if x.dim() > hot.dim():
        hot = hot[:, :, None, None].expand(*x.shape[:4], -1)
    return torch.cat([x, hot], dim=-1)
