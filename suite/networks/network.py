"""What training needs to know of a network, whatever it is made of."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from suite.spec import schema


class Network(Protocol):
    """Networks of many replicas: one shape, parameters flat and apart.

    Samples are flat vectors, images too: [replicas, batch, height * width * channels], channels
    last. A network for images gives them their shape itself.
    """

    @property
    def parameters(self) -> int:
        """Number of parameters of one replica."""
        ...

    @property
    def couples_samples(self) -> bool:
        """Whether one sample's output depends on the others of its batch (batch normalisation)."""
        ...

    def split(self, flat: Tensor) -> list[Tensor]:
        """Views of the flat parameters [replicas, parameters], as ``outputs`` takes them."""
        ...

    def outputs(self, tensors: Sequence[Tensor], x: Tensor) -> Tensor:
        """Outputs for inputs [replicas, batch, inputs]: [replicas, batch, outputs], for a critic
        with its single output [replicas, batch].
        """
        ...

    def initialize(self, how: schema.Initialization, rng: np.random.Generator) -> NDArray[np.float32]:
        """Parameters of one replica, shape [parameters]."""
        ...
