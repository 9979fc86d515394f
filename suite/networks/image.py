"""Image networks of many replicas at once, made of blocks.

As for perceptrons, all parameters lie in one flat tensor [replicas, parameters] and the blocks'
tensors are views of it. Between its ends a network works on pictures [replicas, batch, height,
width, channels].
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from suite.networks import architectures, blocks, layers
from suite.networks.blocks import Block
from suite.networks.initialization import initial
from suite.networks.network import Share, whole
from suite.networks.spectral import iterate
from suite.spec import schema


@dataclass(frozen=True)
class ImageNetwork:
    """A generator from noise to flat pictures, or a critic from flat pictures to one output."""

    blocks: tuple[Block, ...]
    share: Share = whole

    @classmethod
    def of_generator(
        cls, spec: schema.ConvGenerator, shape: architectures.Shape, classes: int = 0
    ) -> "ImageNetwork":
        """The generator that a spec describes, for pictures [height, width, channels]."""
        return cls(architectures.generator(spec, shape, classes))

    @classmethod
    def of_critic(
        cls, spec: schema.ConvCritic, shape: architectures.Shape, classes: int = 0
    ) -> "ImageNetwork":
        """The critic that a spec describes, for pictures [height, width, channels]."""
        return cls(architectures.critic(spec, shape, classes))

    @property
    def parameters(self) -> int:
        """Number of parameters of one replica, the vectors of spectral normalisation among them."""
        return sum(prod(shape) for shape in self._shapes)

    @property
    def couples_samples(self) -> bool:
        """Whether one sample's output depends on the others of its batch (batch normalisation)."""
        return any(isinstance(b, blocks.Norm) and b.kind == "batch" for b in blocks.walk(self.blocks))

    def shared(self, share: Share) -> "ImageNetwork":
        """See ``suite.networks.network.Network``."""
        return replace(self, share=share)

    def split(self, flat: Tensor) -> list[Tensor]:
        """Views of ``flat`` [replicas, parameters], one for each parameter tensor."""
        pieces = torch.split(flat, [prod(shape) for shape in self._shapes], dim=1)
        return [piece.view(-1, *shape) for piece, shape in zip(pieces, self._shapes, strict=True)]

    def outputs(self, tensors: Sequence[Tensor], x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Outputs for inputs [replicas, batch, inputs]: flat pictures [replicas, batch, height *
        width * channels], or of a critic [replicas, batch].

        A network that is told classes needs ``labels`` [replicas, batch], whole numbers.
        """
        made = self._run(tensors, x, labels)
        return made[..., 0] if self._is_critic else made

    def heads(
        self, tensors: Sequence[Tensor], x: Tensor, labels: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Of a critic: its outputs [replicas, batch], and the classes' scores [replicas, batch,
        classes], of no class where it has no auxiliary output.
        """
        made = self._run(tensors, x, labels)
        return made[..., 0], made[..., 1:]

    def settle(self, flat: Tensor) -> None:
        """Improve the estimates of singular values among the parameters, in place."""
        iterate(self.blocks, self.split(flat))

    def weights(self, flat: Tensor) -> list[Tensor]:
        """Views of ``flat``: each layer's weight [replicas, everything else, outputs], no table's."""
        owners = [(block, p) for block in blocks.walk(self.blocks) for p in blocks.tensors((block,))]
        return [
            tensor.view(len(flat), -1, block.outputs)
            for (block, parameter), tensor in zip(owners, self.split(flat), strict=True)
            if isinstance(block, blocks.Weighted) and parameter.role == "weight"
        ]

    def initialize(self, how: schema.Initialization, rng: np.random.Generator) -> NDArray[np.float32]:
        """Parameters of one replica, shape [parameters]."""
        parts = [initial(how, parameter, rng).ravel() for parameter in blocks.tensors(self.blocks)]
        return np.concatenate(parts).astype(np.float32)

    @cached_property
    def _shapes(self) -> list[tuple[int, int]]:
        return [parameter.shape for parameter in blocks.tensors(self.blocks)]

    @property
    def _is_critic(self) -> bool:
        return isinstance(self.blocks[0], blocks.Reshape | blocks.Lines)

    def _run(self, tensors: Sequence[Tensor], x: Tensor, labels: Tensor | None) -> Tensor:
        return layers.apply(self.blocks, iter(tensors), x, labels, self.share).to(x.dtype)
