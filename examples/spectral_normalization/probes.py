"""The spectrum of the critic's weights, as in the paper's Figure 3."""

import numpy as np
import torch
from numpy.typing import NDArray

from suite.objectives.constraint import matrices
from suite.spec.schema import PackProbe
from suite.training.view import View, host


def singular_values(view: View, spec: PackProbe) -> dict[str, NDArray[np.float64]]:
    """Numbers [replicas], and ``values`` [replicas, layers, most], the largest first, NaN where a layer has
    fewer.

    The breadth of a layer is the sum of its squared singular values over the largest of them, as a share of
    their number: 1 where all are equal, near 0 where one dominates. It does not depend on the scale of a
    weight, and so not on a division by its largest singular value. Layers with one output are left out: they
    have one value only.
    """
    weights = [w for w in matrices(view.cohort.critic, view.tensors) if min(w.shape[1:]) > 1]
    found = [_values(weight) for weight in weights]
    most = max(values.shape[1] for values in found)
    table = np.full((view.replicas, len(found), most), np.nan)
    for layer, values in enumerate(found):
        table[:, layer, : values.shape[1]] = values
    squares = [(values**2).sum(1) / values[:, 0] ** 2 / values.shape[1] for values in found]
    return {
        "breadth": np.mean(squares, axis=0),
        "evenness": np.mean([values[:, -1] / values[:, 0] for values in found], axis=0),
        "values": table,
    }


def _values(weight: torch.Tensor) -> NDArray[np.float64]:
    """Of a weight [replicas, rows, columns]; NaN for a run that diverged."""
    matrix = host(weight)
    alive = np.isfinite(matrix).all(axis=(1, 2))
    found = np.full((len(matrix), min(matrix.shape[1:])), np.nan)
    if alive.any():
        found[alive] = np.linalg.svd(matrix[alive], compute_uv=False)
    return found
