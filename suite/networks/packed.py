"""Networks that packs bring."""

from suite.networks.network import Network
from suite.spec import schema
from suite.spec.packs.code import code
from suite.spec.sizes import dimension, image_shape, is_image, is_text, line_shape


def generator(spec: schema.PackGenerator, data: schema.Data) -> Network:
    """From vectors of noise [replicas, batch, latent] to flat samples."""
    made: Network = code("generators", spec.use, spec.options)(spec.latent, shape(data))
    return made


def critic(spec: schema.PackCritic, data: schema.Data) -> Network:
    """From flat samples to one output."""
    made: Network = code("critics", spec.use, spec.options)(shape(data))
    return made


def shape(data: schema.Data) -> tuple[int, ...]:
    """What a flat sample is: coordinates; height, width and channels; or places and characters."""
    if is_image(data):
        return image_shape(data)
    return line_shape(data) if is_text(data) else (dimension(data),)
