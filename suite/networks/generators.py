"""Where fake samples come from: a trained network, one trained parameter, or a fixed source."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from suite.data import toy
from suite.networks.mlp import MLP
from suite.spec import schema
from suite.streams import stream


def draw(setting: schema.Setting, rng: np.random.Generator, count: int) -> toy.Points:
    """What a generator is fed for ``count`` samples of one run, shape [count, inputs].

    Fixed sources that are a distribution of their own are drawn here whole.
    """
    match setting.generator:
        case schema.MLPGenerator(latent=latent):
            return rng.standard_normal((count, latent), dtype=np.float32)
        case schema.NoisyData(deviation=deviation):
            shape = (count, toy.dimension(setting.data))
            return np.float32(deviation) * rng.standard_normal(shape, dtype=np.float32)
        case schema.Counterpart():
            return toy.counterpart(setting.data, rng, count)
        case schema.Resampled():
            return toy.sample(setting.data, rng, count)
        case schema.Point():
            one = toy.sample(setting.data, stream("protocol", "point"), 1)
            return np.repeat(one, count, axis=0)
        case schema.Shift():
            return rng.random((count, 1), dtype=np.float32)


def is_trained(spec: schema.Generator) -> bool:
    """Whether a generator has parameters."""
    return isinstance(spec, schema.MLPGenerator | schema.Shift)


@dataclass(frozen=True)
class GeneratorNetwork:
    """The generators of a cohort: one kind and shape, any number of replicas."""

    spec: schema.Generator
    network: MLP | None

    @classmethod
    def of(cls, setting: schema.Setting) -> "GeneratorNetwork":
        """The generator that a setting asks for."""
        spec = setting.generator
        if isinstance(spec, schema.MLPGenerator):
            return cls(spec, MLP.of(spec, spec.latent, toy.dimension(setting.data)))
        return cls(spec, None)

    @property
    def parameters(self) -> int:
        """Number of parameters of one replica."""
        if self.network is not None:
            return self.network.parameters
        return 1 if isinstance(self.spec, schema.Shift) else 0

    def split(self, flat: Tensor) -> list[Tensor]:
        """Views of the flat parameters [replicas, parameters], as ``generate`` takes them."""
        return self.network.split(flat) if self.network is not None else [flat]

    def generate(self, tensors: list[Tensor], noise: Tensor, real: Tensor) -> Tensor:
        """Fake samples [replicas, batch, dimension] from draws and the real batch."""
        if self.network is not None:
            return self.network.forward(self.network.layers(tensors), noise)[-1]
        if isinstance(self.spec, schema.Shift):
            theta = tensors[0].unsqueeze(1).expand(-1, noise.shape[1], -1)
            return torch.cat([theta, noise], dim=2)
        if isinstance(self.spec, schema.NoisyData):
            return real + noise
        return noise


def initial(setting: schema.Setting, key: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """A generator's starting parameters for the run ``key``, shape [parameters]."""
    spec = setting.generator
    if isinstance(spec, schema.MLPGenerator):
        network = MLP.of(spec, spec.latent, toy.dimension(setting.data))
        return network.initialize(spec.initialization, stream(key, "generator init"))
    if isinstance(spec, schema.Shift):
        return np.array([spec.start], dtype=np.float32)
    return np.zeros(0, dtype=np.float32)
