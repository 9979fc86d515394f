"""The character networks of WGAN-GP's gan_language.py as blocks.

The code has a ReLU after the last residual block neither in the generator nor in the critic.
"""

from suite.networks.blocks import Activate, Block, Dense, Flatten, LineConv, Lines, Residual, Softmax
from suite.spec import schema

Blocks = tuple[Block, ...]
KERNEL = 5
FACTOR = 0.3
"""Of what a residual block adds."""


def generator(spec: schema.TextGenerator, shape: tuple[int, int]) -> Blocks:
    """From vectors of noise to flat lines of ``shape``, places and characters."""
    length, characters = shape
    start: Blocks = (Dense(spec.latent, length * spec.width), Lines(length, spec.width))
    end: Blocks = (LineConv(spec.width, characters, 1, length), Softmax(), Flatten())
    return (*start, *(_residual(spec.width, length),) * spec.blocks, *end)


def critic(spec: schema.TextCritic, shape: tuple[int, int]) -> Blocks:
    """From flat lines of ``shape``, places and characters, to one output."""
    length, characters = shape
    start: Blocks = (Lines(length, characters), LineConv(characters, spec.width, 1, length))
    end: Blocks = (Flatten(), Dense(length * spec.width, 1))
    return (*start, *(_residual(spec.width, length),) * spec.blocks, *end)


def _residual(width: int, length: int) -> Residual:
    half: Blocks = (Activate("relu"), LineConv(width, width, KERNEL, length))
    return Residual((*half, *half), (), FACTOR)
