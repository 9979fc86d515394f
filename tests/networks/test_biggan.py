"""BigGAN's networks: their size, and what the class and the noise do in them."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from suite.errors import UserError
from suite.networks import architectures, blocks
from suite.networks.image import ImageNetwork
from suite.spec import schema
from suite.streams import stream

IMAGENET = (128, 128, 3)


@dataclass(frozen=True)
class Row:
    """Of the paper's Table 1: a width, what is added, and millions of parameters of both networks."""

    width: int
    shared: int | None
    skip: bool
    millions: float


TABLE = [
    Row(64, None, False, 81.5),
    Row(96, None, False, 173.5),
    Row(96, 128, False, 160.6),
    Row(96, 128, True, 158.3),
    Row(64, 128, True, 71.3),
]


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_parameters_are_the_published_ones(row: Row) -> None:
    generator = schema.BigGANGenerator(width=row.width, shared=row.shared, skip=row.skip)
    critic = schema.BigGANCritic(width=row.width)
    made = architectures.generator(generator, IMAGENET, 1000), architectures.critic(critic, IMAGENET, 1000)
    assert sum(map(blocks.parameters, made)) / 1e6 == pytest.approx(row.millions, rel=0.005)


def test_parameters_are_those_of_the_authors_code() -> None:
    generator = architectures.generator(schema.BigGANGenerator(), IMAGENET, 1000)
    critic = architectures.critic(schema.BigGANCritic(), IMAGENET, 1000)
    # As BigGAN-PyTorch prints them for its script at batch 256 x 8.
    assert (blocks.parameters(generator), blocks.parameters(critic)) == (70433988, 87982370)
