"""The memory of training, against counts by hand and the networks' own."""

import msgspec
import pytest

from suite.launch.memory import COPIES, megabytes
from suite.networks.generators import network_of
from suite.networks.image import ImageNetwork
from suite.spec import schema
from suite.spec.sizes import classes, image_shape
from tests.training.settings import setting


def test_two_perceptrons_by_hand() -> None:
    """Weights of 2 x 8 + 8 x 8 + 8 x 1 and of 3 x 8 + 8 x 8 + 8 x 2; two of three layers are hidden."""
    small = setting(
        data=schema.EightGaussians(),
        critic=schema.MLPCritic(layers=3, width=8),
        generator=schema.MLPGenerator(layers=3, width=8, latent=3),
        batch_size=10,
    )
    parameters, outputs = (16 + 64 + 8) + (24 + 64 + 16), 3 * 8 + 3 * 8 + 2
    assert megabytes(small) == pytest.approx(4 * (6 * parameters + 3 * 10 * 4 * outputs) / 2**20)


@pytest.mark.parametrize(
    ("critic", "generator"),
    [
        (schema.DCGANCritic(width=4), schema.DCGANGenerator(width=4, latent=5)),
        (schema.ResNetCritic(width=4), schema.ResNetGenerator(width=4, latent=5)),
    ],
)
def test_what_does_not_grow_with_the_batch_is_the_parameters(
    critic: schema.Critic, generator: schema.Generator
) -> None:
    small = setting(data=schema.Digits(), critic=critic, generator=generator, batch_size=8)
    large = msgspec.structs.replace(small, batch_size=16)
    made, judge = (
        network_of(small),
        ImageNetwork.of_critic(critic, image_shape(small.data), classes(small.data)),
    )
    assert made is not None
    fixed = 2 * megabytes(small) - megabytes(large)
    assert fixed == pytest.approx(4 * COPIES * (made.parameters + judge.parameters) / 2**20)
    assert megabytes(msgspec.structs.replace(large, accumulate=2)) == pytest.approx(megabytes(small))
