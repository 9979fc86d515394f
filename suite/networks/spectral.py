"""Spectral normalisation (Miyato et al. 2018): weights divided by their largest singular value.

A convolution's weight is the matrix of its outputs by everything else, as in PyTorch. Beside each weight
W lies a vector u for the outputs; |W u| estimates the singular value. One round of power
iteration before each update of the network improves u, the paper's Algorithm 1. The
vectors lie among the parameters, so that they are saved and restored with them; their gradient is zero, and
no optimiser moves them.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from suite.networks import blocks
from suite.networks.blocks import Block

TINY = 1e-12
"""Least length that is divided by, as in PyTorch."""


def sigma(block: blocks.Normalizable, weight: Tensor, vector: Tensor) -> Tensor:
    """The estimate [replicas, 1, 1] of a weight's largest singular value.

    Its gradient by the weight is v u^T with v = W u / |W u|: that of the paper, which takes both
    vectors for constants.
    """
    image = _times(_matrix(block, weight), vector.detach())
    return image.square().sum(1).sqrt().clamp_min(TINY)[:, None, None]


def iterate(network: Sequence[Block], tensors: Sequence[Tensor]) -> None:
    """One round of power iteration of each vector among ``tensors``, in place."""
    left = iter(tensors)
    for block in blocks.walk(network):
        found = dict(zip(_roles(block), left, strict=False))
        if isinstance(block, blocks.Normalizable) and block.spectral:
            _turn(_matrix(block, found["weight"]), found["vector"])


def _roles(block: Block) -> list[str]:
    return [parameter.role for parameter in blocks.tensors((block,))]


@torch.no_grad()
def _turn(matrix: Tensor, vector: Tensor) -> None:
    image = _unit(_times(matrix, vector))
    vector.copy_(_unit((matrix * image[:, :, None]).sum(1))[:, None])


def _matrix(block: blocks.Normalizable, weight: Tensor) -> Tensor:
    """A weight as [replicas, everything else, outputs]."""
    return weight.reshape(len(weight), -1, block.outputs)


def _times(matrix: Tensor, vector: Tensor) -> Tensor:
    """Each matrix times its vector [replicas, 1, columns]: [replicas, rows].

    A sum of products, since a batched product with a single column is rounded otherwise for one replica.
    """
    return (matrix * vector).sum(2)


def _unit(x: Tensor) -> Tensor:
    return x / x.square().sum(1, keepdim=True).sqrt().clamp_min(TINY)
