"""The largest singular values of each layer's weight, as BigGAN tracks them to see a collapse come."""

import numpy as np
from torch import Tensor

from suite.networks.image import ImageNetwork
from suite.networks.network import Network
from suite.spec import schema
from suite.training.view import Array, View, host

KEPT = 3
"""Singular values of a layer, as many as the paper draws."""


def spectrum(view: View, spec: schema.Spectrum) -> dict[str, Array]:
    """Of both networks, before any division by spectral normalisation; NaN where one is not of layers."""
    cohort, state = view.cohort, view.state
    made = _of(cohort.generator.network, state.generator)
    seen = _of(cohort.critic, state.critic)
    return {
        "generator": made[..., 0].max(1),
        "critic": seen[..., 0].max(1),
        "generator_first": made[:, 0, 0],
        "generator_layers": made,
        "critic_layers": seen,
    }


def _of(network: Network | None, flat: Tensor) -> Array:
    """The largest singular values [replicas, layers, ``KEPT``], by layer; 0 where there are fewer."""
    if not isinstance(network, ImageNetwork):
        return np.full((len(flat), 1, KEPT), np.nan)
    return np.stack([_largest(host(weight)) for weight in network.weights(flat)], axis=1)


def _largest(weights: Array) -> Array:
    """Of weights [replicas, rows, columns]: [replicas, ``KEPT``]."""
    found = [_values(weight) for weight in weights]
    return np.stack([np.pad(of_one[:KEPT], (0, max(KEPT - len(of_one), 0))) for of_one in found])


def _values(weight: Array) -> Array:
    if not np.isfinite(weight).all():
        return np.full(KEPT, np.nan)
    return np.asarray(np.linalg.svd(weight, compute_uv=False))
