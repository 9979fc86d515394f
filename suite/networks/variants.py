"""What may be added to an architecture: labels, and spectral normalisation.

Each function takes a network's blocks and gives those of the changed one.
"""

from collections.abc import Iterable
from dataclasses import replace

from suite.networks import blocks
from suite.networks.blocks import Block
from suite.spec.schema import CriticLabels, GeneratorLabels

Blocks = tuple[Block, ...]


def labelled_generator(made: Blocks, how: GeneratorLabels, classes: int) -> Blocks:
    """A generator that starts with a linear layer, and is told the class; see ``GeneratorLabels``."""
    match how:
        case "none":
            return made
        case "normalization":
            return tuple(_conditional(block, classes) for block in made)
        case "concatenate":
            first, *rest = made
            assert isinstance(first, blocks.Dense)
            return blocks.Join(classes), replace(first, inputs=first.inputs + classes), *rest


def _conditional(block: Block, classes: int) -> Block:
    if isinstance(block, blocks.Norm) and block.kind == "batch":
        return replace(block, classes=classes, beyond_one=True)
    return block


def labelled_critic(made: Blocks, how: CriticLabels, classes: int) -> Blocks:
    """A critic that ends with a linear layer, and is told the class or guesses it; see ``CriticLabels``.

    To concatenate, its first layer must be a convolution.
    """
    *body, last = made
    assert isinstance(last, blocks.Dense)
    match how:
        case "none":
            return made
        case "auxiliary":
            return *body, blocks.Heads(last, blocks.Dense(last.inputs, classes))
        case "projection":
            return *body, blocks.Projected(last, blocks.Embedding(classes, last.inputs))
        case "concatenate":
            picture, first, *rest = made
            assert isinstance(first, blocks.Conv)
            return picture, blocks.Join(classes), replace(first, inputs=first.inputs + classes), *rest


def normalized(made: Iterable[Block]) -> Blocks:
    """The network with every weight divided by its largest singular value, tables of classes too."""
    return tuple(_normalized(block) for block in made)


def _normalized(block: Block) -> Block:
    match block:
        case blocks.Residual(body, shortcut, factor):
            return blocks.Residual(normalized(body), normalized(shortcut), factor)
        case blocks.Heads(critic, classes):
            return blocks.Heads(replace(critic, spectral=True), replace(classes, spectral=True))
        case blocks.Projected(critic, table):
            return blocks.Projected(replace(critic, spectral=True), replace(table, spectral=True))
        case blocks.Dense() | blocks.Conv() | blocks.Deconv() | blocks.Embedding():
            return replace(block, spectral=True)
        case _:
            return block
