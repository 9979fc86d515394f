"""What may be added to an architecture: labels, self-attention, and spectral normalisation.

Each function takes a network's blocks and gives those of the changed one.
"""

from collections.abc import Iterable
from dataclasses import replace

from suite.errors import UserError
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


def attending(made: Blocks, side: int | None) -> Blocks:
    """The network with self-attention where its pictures have that side, before they change it.

    UserError where they never have it, or have it to the end of a generator.
    """
    if side is None:
        return made
    sides = _sides(made)
    at = max((i for i, (found, _) in enumerate(sides) if found == side), default=len(made) - 1)
    if at >= len(made) - 2:
        raise UserError(
            f"no pictures of {side} x {side} are between the layers of this network\n"
            "    set attention to half of the data's side, or to a quarter"
        )
    return *made[: at + 1], attention(sides[at][1], side), *made[at + 1 :]


def attention(channels: int, side: int) -> blocks.Attention:
    """An eighth of the channels for queries and keys, half of them for values, no biases (SAGAN's code)."""
    narrow, half = max(channels // 8, 1), max(channels // 2, 1)

    def one(inputs: int, outputs: int) -> blocks.Conv:
        return blocks.Conv(inputs, outputs, 1, side, bias=False, rectified=False)

    return blocks.Attention(
        one(channels, narrow), one(channels, narrow), one(channels, half), one(half, channels)
    )


def _sides(made: Iterable[Block], side: int = 0, channels: int = 0) -> list[tuple[int, int]]:
    """Side and channels of the pictures after each block; 0 of vectors."""
    found = []
    for block in made:
        match block:
            case blocks.Reshape():
                side, channels = block.size, block.channels
            case blocks.Conv():
                side, channels = block.size // block.stride, block.outputs
            case blocks.Deconv():
                side, channels = 2 * block.size, block.outputs
            case blocks.Residual():
                side, channels = _sides(block.body, side, channels)[-1]
            case blocks.Upsample():
                side *= 2
            case blocks.MeanPool():
                side //= 2
            case blocks.Activate("gated"):
                channels //= 2
            case blocks.Flatten() | blocks.GlobalMean():
                side = 0
        found.append((side, channels))
    return found


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
        case blocks.Attention(query, key, value, end):
            first, second, third, last = (replace(each, spectral=True) for each in (query, key, value, end))
            return blocks.Attention(first, second, third, last)
        case blocks.ConditionalNorm(gain, shift, part):
            return blocks.ConditionalNorm(replace(gain, spectral=True), replace(shift, spectral=True), part)
        case blocks.Hierarchy(table, parts, body):
            # Not the table: BigGAN-PyTorch's author saw its generator crippled by that.
            return blocks.Hierarchy(table, parts, normalized(body))
        case blocks.Dense() | blocks.Conv() | blocks.Deconv() | blocks.Embedding():
            return replace(block, spectral=True)
        case _:
            return block
