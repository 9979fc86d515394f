"""Convolutions of many replicas at once, each with its own weights.

Pictures are [replicas, batch, height, width, channels]. On a CPU a convolution is the pictures'
tiles times the tile's weights, one matrix product for each replica, so that a replica's numbers do
not depend on which others are computed with it. On a GPU it is torch's grouped convolution.

Both directions are padded as TensorFlow's SAME (see ``blocks.padding``).
"""

from torch import Tensor

from suite.networks.grouped import grouped, grouped_transpose
from suite.networks.products import product
from suite.networks.tiles import Tiles, band, fold, unfold


def convolve(x: Tensor, weight: Tensor, bias: Tensor | None, kernel: int, stride: int) -> Tensor:
    """Convolution with weights [replicas, kernel * kernel * inputs, outputs], rows in that order,
    and biases [replicas, 1, outputs].
    """
    replicas, batch, height, width, inputs = x.shape
    if x.device.type != "cpu":
        return grouped(x, weight.view(replicas, kernel, kernel, inputs, -1), bias, stride)
    tiles = Tiles.of(kernel, stride, width // stride, weight.shape[2])
    seen = x.flatten(1, 3) if kernel == stride == 1 else unfold(x, tiles)
    biases = None if bias is None else bias.repeat(1, 1, tiles.places)
    made = product(seen, band(weight, tiles), biases)
    return made.view(replicas, batch, height // stride, width // stride, -1)


def convolve_lines(x: Tensor, weight: Tensor, bias: Tensor | None, kernel: int) -> Tensor:
    """Convolution of stride 1 along lines [replicas, batch, length, channels], with weights [replicas,
    kernel * inputs, outputs] and biases [replicas, 1, outputs]. ``kernel`` is odd.
    """
    tiles = Tiles.of(kernel, 1, x.shape[2], weight.shape[2], line=True)
    seen = x.flatten(1, 2) if kernel == 1 else unfold(x.unsqueeze(2), tiles)
    biases = None if bias is None else bias.repeat(1, 1, tiles.places)
    return product(seen, band(weight, tiles), biases).view(*x.shape[:3], -1)


def deconvolve(x: Tensor, weight: Tensor, bias: Tensor | None, kernel: int) -> Tensor:
    """The transpose of a convolution of stride 2, with weights [replicas, inputs, kernel * kernel *
    outputs], columns in that order, and biases [replicas, 1, outputs].
    """
    replicas, batch, height, width, inputs = x.shape
    if x.device.type != "cpu":
        return grouped_transpose(x, weight.view(replicas, inputs, kernel, kernel, -1), bias)
    tiles = Tiles.of(kernel, 2, width, inputs)
    across = band(weight.transpose(1, 2), tiles).transpose(1, 2)
    shape = (replicas, batch, 2 * height, 2 * width, weight.shape[2] // kernel**2)
    made = fold(product(x.reshape(replicas, -1, tiles.places * inputs), across), tiles, shape)
    return made if bias is None else made + bias[:, :, None, None]
