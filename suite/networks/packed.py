"""Networks that packs bring."""

from typing import Any

from suite.errors import UserError
from suite.networks.network import Network
from suite.spec import schema
from suite.spec.packs.code import code
from suite.spec.sizes import dimension, image_shape, is_image, is_text, line_shape

WANTED = ("parameters", "couples_samples", "shared", "split", "outputs", "heads", "settle", "initialize")
"""What a network has."""


def generator(spec: schema.PackGenerator, data: schema.Data) -> Network:
    """From vectors of noise [replicas, batch, latent] to flat samples. UserError where it is no network."""
    made = code("generators", spec.use, spec.options)(spec.latent, shape(data))
    return network(f"generator {spec.use!r}", made)


def critic(spec: schema.PackCritic, data: schema.Data) -> Network:
    """From flat samples to one output, likewise."""
    return network(f"critic {spec.use!r}", code("critics", spec.use, spec.options)(shape(data)))


def network(about: str, made: Any) -> Network:
    """What a pack made; UserError where it lacks something of a network."""
    lacking = [name for name in WANTED if not hasattr(made, name)]
    if lacking:
        raise UserError(
            f"{about} is made as {type(made).__name__}, which has no {', '.join(lacking)}\n"
            "    make it an MLP, an ImageNetwork, or all that suite.networks.network.Network has"
        )
    found: Network = made
    return found


def shape(data: schema.Data) -> tuple[int, ...]:
    """What a flat sample is: coordinates; height, width and channels; or places and characters."""
    if is_image(data):
        return image_shape(data)
    return line_shape(data) if is_text(data) else (dimension(data),)
