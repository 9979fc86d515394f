"""Orthogonal regularisation (Brock et al. 2017 and 2019): how far weights are from orthonormal columns."""

import torch
from torch import Tensor

from suite.networks.products import correlation, product
from suite.spec.schema import Orthogonal


def orthogonal_gradient(weight: Tensor, spec: Orthogonal) -> Tensor:
    """The gradient of ``spec.weight`` times |W^T W - I|^2, or times |W^T W|^2 off its diagonal, of weights
    [replicas, inputs, outputs]: 4 weight W (W^T W - I), or without the diagonal.
    """
    gram = correlation(weight.transpose(1, 2), weight)
    one = torch.eye(weight.shape[2], dtype=weight.dtype, device=weight.device)
    excess = gram - one if spec.form == "identity" else gram * (1 - one)
    return product(weight, excess) * (4 * spec.weight)
