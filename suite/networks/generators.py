"""Where fake samples come from: a trained network, one trained parameter, or a fixed source."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from suite.data import images, source, text, toy
from suite.networks import packed
from suite.networks import text as text_networks
from suite.networks.image import ImageNetwork
from suite.networks.mlp import MLP
from suite.networks.network import Network, Share
from suite.spec import schema
from suite.spec.sizes import classes, dimension, image_shape, is_image, is_text, line_shape
from suite.streams import stream


def draw(setting: schema.Setting, rng: np.random.Generator, count: int) -> toy.Points:
    """What a generator is fed for ``count`` samples of one run, shape [count, inputs].

    Fixed sources that are a distribution of their own are drawn here whole.
    """
    data = setting.data
    match setting.generator:
        case schema.NoisyData(deviation=deviation):
            return np.float32(deviation) * rng.standard_normal((count, dimension(data)), dtype=np.float32)
        case schema.Counterpart():
            return toy.counterpart(data, rng, count)
        case schema.Resampled():
            return source.sample(data, rng, count)
        case schema.Point():
            return np.repeat(source.sample(data, stream("protocol", "point"), 1), count, axis=0)
        case schema.Unigram():
            assert is_text(data)  # `suite.spec.check` sees to it.
            return text.unigrams(data, rng, count)
        case schema.Shift():
            return rng.random((count, 1), dtype=np.float32)
        case schema.Disturbed() | schema.OneEach() as fixed:
            return _of_images(fixed, data, rng, count)
        case network:
            return rng.standard_normal((count, network.latent), dtype=np.float32)


def _of_images(
    spec: schema.Disturbed | schema.OneEach, data: schema.Data, rng: np.random.Generator, count: int
) -> toy.Points:
    assert is_image(data)  # `suite.spec.check` sees to it.
    if isinstance(spec, schema.OneEach):
        every = images.one_each(data)
        return every[np.arange(count) % len(every)]
    return images.disturbed(images.sample(data, rng, count), image_shape(data), spec.how, spec.level, rng)


def is_trained(spec: schema.Generator) -> bool:
    """Whether a generator has parameters."""
    return isinstance(spec, schema.Network | schema.Shift)


def network_of(setting: schema.Setting) -> Network | None:
    """The network of a generator that is one."""
    spec, data = setting.generator, setting.data
    if isinstance(spec, schema.MLPGenerator):
        return MLP.of(spec, spec.latent, dimension(data), classes(data))
    if isinstance(spec, schema.ConvGenerator) and is_image(data):
        return ImageNetwork.of_generator(spec, image_shape(data), classes(data))
    if isinstance(spec, schema.TextGenerator) and is_text(data):
        return ImageNetwork(text_networks.generator(spec, line_shape(data)))
    if isinstance(spec, schema.PackGenerator):
        return packed.generator(spec, data)
    return None


@dataclass(frozen=True)
class GeneratorNetwork:
    """The generators of a cohort: one kind and shape, any number of replicas."""

    spec: schema.Generator
    network: Network | None

    @classmethod
    def of(cls, setting: schema.Setting) -> "GeneratorNetwork":
        """The generator that a setting asks for."""
        return cls(setting.generator, network_of(setting))

    @property
    def parameters(self) -> int:
        """Number of parameters of one replica."""
        if self.network is not None:
            return self.network.parameters
        return 1 if isinstance(self.spec, schema.Shift) else 0

    def shared(self, share: Share) -> "GeneratorNetwork":
        """See ``suite.networks.network.Network``."""
        return self if self.network is None else replace(self, network=self.network.shared(share))

    def split(self, flat: Tensor) -> list[Tensor]:
        """Views of the flat parameters [replicas, parameters], as ``generate`` takes them."""
        return self.network.split(flat) if self.network is not None else [flat]

    def settle(self, flat: Tensor) -> None:
        """See ``suite.networks.network.Network``."""
        if self.network is not None:
            self.network.settle(flat)

    def generate(
        self, tensors: list[Tensor], noise: Tensor, real: Tensor, labels: Tensor | None = None
    ) -> Tensor:
        """Fake samples [replicas, batch, dimension] from draws and the real batch, of the classes asked for
        [replicas, batch] where the network is told them. Of a source without parameters those of several
        steps may be made at once, [steps, replicas, batch, dimension].
        """
        if self.network is not None:
            made = self.network.outputs(tensors, noise, labels)
            made = made if made.dim() == noise.dim() else made.unsqueeze(2)  # Data of one coordinate.
            bounded = isinstance(self.spec, schema.MLPGenerator) and self.spec.output == "tanh"
            return torch.tanh(made) if bounded else made
        if isinstance(self.spec, schema.Shift):
            theta = tensors[0].unsqueeze(1).expand(-1, noise.shape[1], -1)
            return torch.cat([theta, noise], dim=2)
        if isinstance(self.spec, schema.NoisyData):
            return real + noise
        return noise


def initial(setting: schema.Setting, key: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """A generator's starting parameters for the run ``key``, shape [parameters]."""
    spec, network = setting.generator, network_of(setting)
    if network is not None and isinstance(spec, schema.Network):
        return network.initialize(spec.initialization, stream(key, "generator init"))
    if isinstance(spec, schema.Shift):
        return np.array([spec.start], dtype=np.float32)
    return np.zeros(0, dtype=np.float32)
