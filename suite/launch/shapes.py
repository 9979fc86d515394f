"""A setting's networks as far as their time and memory are concerned."""

from typing import NamedTuple

from suite.launch import pack_networks
from suite.networks import architectures, text
from suite.networks.architectures import Blocks
from suite.spec import schema
from suite.spec.sizes import classes, dimension, image_shape, is_image, is_text, line_shape


class Perceptron(NamedTuple):
    """Its layers all have one width, but for the last."""

    layers: int
    width: int
    inputs: int
    outputs: int

    @property
    def weights(self) -> int:
        """How many, biases apart."""
        if self.layers == 1:
            return self.inputs * self.outputs
        return self.width * (self.inputs + self.outputs + (self.layers - 2) * self.width)


Shape = Perceptron | Blocks


def critic(setting: schema.Setting) -> Shape | None:
    """The shape of the critic, a pack's being what it is like; None where that is not known."""
    data, spec = setting.data, pack_networks.critic(setting.critic)
    if isinstance(spec, schema.MLPCritic):
        return Perceptron(spec.layers, spec.width, dimension(data), 1)
    if isinstance(spec, schema.TextCritic) and is_text(data):
        return text.critic(spec, line_shape(data))
    if isinstance(spec, schema.ConvCritic) and is_image(data):
        return architectures.critic(spec, image_shape(data), classes(data))
    return None


def generator(setting: schema.Setting) -> Shape | None:
    """The same of the generator; None also where there is nothing to train."""
    data, spec = setting.data, pack_networks.generator(setting.generator)
    if isinstance(spec, schema.MLPGenerator):
        return Perceptron(spec.layers, spec.width, spec.latent, dimension(data))
    if isinstance(spec, schema.TextGenerator) and is_text(data):
        return text.generator(spec, line_shape(data))
    if isinstance(spec, schema.ConvGenerator) and is_image(data):
        return architectures.generator(spec, image_shape(data), classes(data))
    return None


def are_known(setting: schema.Setting) -> bool:
    """Whether no network is a pack's that does not say what it is like."""
    networks = pack_networks.critic(setting.critic), pack_networks.generator(setting.generator)
    return not any(isinstance(each, schema.PackCritic | schema.PackGenerator) for each in networks)
