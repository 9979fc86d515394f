"""What training needs to know of a network, whatever it is made of."""

from collections.abc import Callable, Sequence
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from suite.spec import schema

Share = Callable[[Tensor], Tensor]
"""From means over a process's part of a batch to those over the batch; can be differentiated twice."""


def whole(mean: Tensor) -> Tensor:
    """Of a process that has the whole batch."""
    return mean


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

    def shared(self, share: Share) -> Self:
        """The network of a process that has a part of each batch: batch normalisation is over all of it."""
        ...

    def split(self, flat: Tensor) -> list[Tensor]:
        """Views of the flat parameters [replicas, parameters], as ``outputs`` takes them."""
        ...

    def outputs(self, tensors: Sequence[Tensor], x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Outputs for inputs [replicas, batch, inputs]: [replicas, batch, outputs], for a critic
        with its single output [replicas, batch]. One that is told classes needs ``labels`` [replicas, batch].
        """
        ...

    def heads(
        self, tensors: Sequence[Tensor], x: Tensor, labels: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Of a critic: its outputs, and the scores [replicas, batch, classes] of an auxiliary output, of no
        class where it has none.
        """
        ...

    def settle(self, flat: Tensor) -> None:
        """Make ready for an update of the flat parameters: what goes along with them is changed in place."""
        ...

    def initialize(self, how: schema.Initialization, rng: np.random.Generator) -> NDArray[np.float32]:
        """Parameters of one replica, shape [parameters]."""
        ...
