"""Orthogonal regularisation (Brock et al. 2017 and 2019): how far weights are from orthonormal columns."""

import torch
from torch import Tensor

from suite.networks.products import correlation, product
from suite.spec.schema import Orthogonal


def orthogonal_penalty(weight: Tensor, form: str) -> Tensor:
    """|W^T W - I|^2 of each weight [replicas, inputs, outputs], or |W^T W|^2 off its diagonal: [replicas]."""
    return _excess(weight, form).square().sum((1, 2))


def orthogonal_gradient(weight: Tensor, spec: Orthogonal) -> Tensor:
    """The gradient of ``spec.weight`` times that: 4 weight W (W^T W - I), or without the diagonal."""
    return product(weight, _excess(weight, spec.form)) * (4 * spec.weight)


def _excess(weight: Tensor, form: str) -> Tensor:
    gram, one = (
        correlation(weight, weight),
        torch.eye(weight.shape[2], dtype=weight.dtype, device=weight.device),
    )
    return gram - one if form == "identity" else gram * (1 - one)
