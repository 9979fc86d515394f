"""Multilayer perceptrons of many replicas at once.

All parameters of a network lie in one flat tensor of shape [replicas, parameters],
so that an optimiser, a clip or a checkpoint is one operation; layers are views of it.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from suite.networks.blocks import Parameter, Role
from suite.networks.initialization import initial
from suite.networks.network import Share, whole
from suite.networks.normalization import normalize
from suite.networks.products import product
from suite.spec import schema

ROLES: tuple[Role, ...] = ("weight", "bias", "gain", "shift")
LEAK = 0.2
"""Slope of LeakyReLU below zero, as in DCGAN and WGAN-GP."""


class Layer(NamedTuple):
    """Tensors of one linear layer: weight [replicas, in, out], the others [replicas, 1, out]."""

    weight: Tensor
    bias: Tensor
    gain: Tensor | None = None
    shift: Tensor | None = None


@dataclass(frozen=True)
class MLP:
    """The architecture: sizes from input to output, activation and normalisation between."""

    sizes: tuple[int, ...]
    activation: schema.Activation
    normalization: schema.Normalization
    share: Share = whole
    classes: int = 0
    """How many of the inputs are for the label."""

    @classmethod
    def of(
        cls, spec: schema.MLPCritic | schema.MLPGenerator, inputs: int, outputs: int, classes: int = 0
    ) -> "MLP":
        """The network a spec describes between ``inputs`` and ``outputs`` coordinates, told of
        ``classes`` where it has labels.
        """
        hidden, told = (spec.width,) * (spec.layers - 1), 0 if spec.labels == "none" else classes
        sizes = (inputs + told, *hidden, outputs)
        return cls(sizes, spec.activation, spec.normalization, classes=told)

    @cached_property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Shapes of the parameters of one replica, in the order in which they lie."""
        return tuple(parameter.shape for parameter in self._tensors())

    @cached_property
    def parameters(self) -> int:
        """Number of parameters of one replica."""
        return sum(rows * columns for rows, columns in self.shapes)

    @cached_property
    def piecewise_linear(self) -> bool:
        """Whether the second derivative of the output by the input is zero almost everywhere."""
        return self.activation in ("relu", "leaky_relu") and self.normalization == "none"

    @property
    def couples_samples(self) -> bool:
        """Whether one sample's output depends on the others of its batch."""
        return self.normalization == "batch"

    def shared(self, share: Share) -> "MLP":
        """See ``suite.networks.network.Network``."""
        return replace(self, share=share)

    def outputs(self, tensors: Sequence[Tensor], x: Tensor, labels: Tensor | None = None) -> Tensor:
        """See ``suite.networks.network.Network``."""
        if self.classes:
            x = torch.cat([x, one_hot(labels, self.classes, x.dtype)], dim=2)
        return self.forward(self.layers(tensors), x)[-1].to(x.dtype)

    def heads(
        self, tensors: Sequence[Tensor], x: Tensor, labels: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """See ``suite.networks.network.Network``."""
        return self.outputs(tensors, x, labels), x.new_empty(*x.shape[:2], 0)

    def settle(self, flat: Tensor) -> None:
        """See ``suite.networks.network.Network``."""

    def split(self, flat: Tensor) -> list[Tensor]:
        """Views of ``flat`` [replicas, parameters], one for each shape."""
        lengths = [rows * columns for rows, columns in self.shapes]
        pieces = torch.split(flat, lengths, dim=1)
        return [p.view(-1, *shape) for p, shape in zip(pieces, self.shapes, strict=True)]

    def layers(self, tensors: Sequence[Tensor]) -> list[Layer]:
        """The pieces of ``split`` gathered into layers."""
        per_hidden = 2 if self.normalization == "none" else 4
        last = len(tensors) - 2
        hidden = [Layer(*tensors[i : i + per_hidden]) for i in range(0, last, per_hidden)]
        return [*hidden, Layer(*tensors[last:])]

    def forward(self, layers: Sequence[Layer], x: Tensor) -> list[Tensor]:
        """Activations [replicas, batch, width] of each hidden layer, then the output, whose
        last dimension is dropped where it is one.
        """
        activations: list[Tensor] = []
        for layer in layers[:-1]:
            x = self.activate(self._normalize(layer, product(x, layer.weight, layer.bias)))
            activations.append(x)
        return [*activations, output(layers[-1], x)]

    def activate(self, z: Tensor) -> Tensor:
        """The activation function; the piecewise linear ones work in place."""
        match self.activation:
            case "relu":
                return torch.relu_(z)
            case "leaky_relu":
                return torch.nn.functional.leaky_relu(z, LEAK, inplace=True)
            case "tanh":
                return torch.tanh(z)
            case "softplus":
                return shifted_softplus(z)
            case "elu":
                return torch.nn.functional.elu(z)

    def _normalize(self, layer: Layer, z: Tensor) -> Tensor:
        if layer.gain is None or layer.shift is None:
            return z
        over, share = ((1,), self.share) if self.normalization == "batch" else ((2,), whole)
        return normalize(z, layer.gain, layer.shift, over, share)

    def initialize(self, how: schema.Initialization, rng: np.random.Generator) -> NDArray[np.float32]:
        """Parameters of one replica, shape [parameters]."""
        parts = [initial(how, parameter, rng).ravel() for parameter in self._tensors()]
        return np.concatenate(parts).astype(np.float32)

    def _tensors(self) -> Iterator[Parameter]:
        """What each of ``shapes`` is, in the same order."""
        layers = list(itertools.pairwise(self.sizes))
        for index, (fan_in, fan_out) in enumerate(layers):
            hidden = index < len(layers) - 1
            roles = ROLES if hidden and self.normalization != "none" else ROLES[:2]
            for role in roles:
                rows = fan_in if role == "weight" else 1
                yield Parameter(role, (rows, fan_out), fan_in, fan_out)


def shifted_softplus(z: Tensor) -> Tensor:
    """WGAN-GP's appendix D: shifted and scaled to resemble ELU, but smooth."""
    return torch.nn.functional.softplus(2 * z + 2) / 2 - 1


def one_hot(labels: Tensor | None, classes: int, dtype: torch.dtype) -> Tensor:
    """Labels [replicas, batch] as rows [replicas, batch, classes] of 0s and a 1."""
    if labels is None:
        raise ValueError("a network with classes needs labels")
    # torch's own looks at the labels first, for which a device would have to be waited for.
    return (labels[..., None] == torch.arange(classes, device=labels.device)).to(dtype)


def output(layer: Layer, x: Tensor) -> Tensor:
    """The last layer. For one output a product and a sum: a batched product with a single
    column takes a slow path.
    """
    if layer.weight.shape[-1] == 1:
        return (x * layer.weight.transpose(1, 2)).sum(-1) + layer.bias[:, :, 0]
    return torch.baddbmm(layer.bias, x, layer.weight)
