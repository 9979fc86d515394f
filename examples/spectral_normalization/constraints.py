"""Orthonormal regularisation of the critic's weights."""

from collections.abc import Sequence

import torch
from torch import Tensor

from suite.networks.network import Network
from suite.objectives.constraint import Constraint, Seen, matrices


class Orthonormal(Constraint):
    """weight * the sum over layers of |W^T W - I|^2, of the smaller of the two products.

    Where the paper says W^T W, a layer with more outputs than inputs could never get there: its other
    product, W W^T, can. The last layer, which has a single output, is one of them.
    """

    def __init__(self, weight: float) -> None:
        self.weight = weight

    def penalty(self, critic: Network, tensors: Sequence[Tensor], seen: Seen) -> Tensor:
        """See ``suite.objectives.constraint.Constraint``."""
        terms = [distance(matrix) for matrix in matrices(critic, tensors)]
        return self.weight * torch.stack(terms).sum(0)


def distance(matrix: Tensor) -> Tensor:
    """Squared distance of a weight [replicas, rows, columns] from one with orthonormal columns or, where it
    has fewer of them, rows: [replicas].
    """
    tall = matrix if matrix.shape[1] >= matrix.shape[2] else matrix.transpose(1, 2)
    product = tall.transpose(1, 2) @ tall
    one = torch.eye(product.shape[1], dtype=product.dtype, device=product.device)
    return ((product - one) ** 2).sum((1, 2))
