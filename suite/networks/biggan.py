"""BigGAN's networks as blocks (Brock et al. 2019, Appendix B), for pictures of 16 x 16 to 512 x 512.

Where the paper leaves something open, BigGAN-PyTorch is followed, which one of its authors wrote. The levels
for 16 x 16 are the suite's own: those for 32 x 32 without one.
"""

from itertools import pairwise
from typing import NamedTuple

from suite.errors import UserError
from suite.networks.blocks import (
    Activate,
    Attention,
    Block,
    ConditionalNorm,
    Conv,
    Dense,
    Embedding,
    Flatten,
    GlobalMean,
    Hierarchy,
    MeanPool,
    Norm,
    Projected,
    Reshape,
    Residual,
    Scale,
    Upsample,
)
from suite.networks.variants import attention, normalized
from suite.spec import schema

Shape = tuple[int, int, int]
Blocks = tuple[Block, ...]
Spec = schema.BigGANGenerator | schema.BigGANCritic
BASE = 4
"""Side of the pictures that the generator starts with."""
GENERATOR = {
    16: (4, 4, 4),
    32: (4, 4, 4, 4),
    64: (16, 16, 8, 4, 2),
    128: (16, 16, 8, 4, 2, 1),
    256: (16, 16, 8, 8, 4, 2, 1),
    512: (16, 16, 8, 8, 4, 2, 1, 1),
}
"""By the picture's side, channels over ``width`` at 4 x 4 and after each block."""
CRITIC = {
    16: (4, 4, 4),
    32: (4, 4, 4, 4),
    64: (1, 2, 4, 8, 16),
    128: (1, 2, 4, 8, 16, 16),
    256: (1, 2, 4, 8, 8, 16, 16),
    512: (1, 1, 2, 4, 8, 8, 16, 16),
}
"""Likewise of the critic, after each block."""
HALVINGS = {16: 2, 32: 2, 64: 4, 128: 5, 256: 6, 512: 7}
"""How many of the critic's blocks, from the first on, halve the side."""


class _Told(NamedTuple):
    """What normalisations are told."""

    classes: int
    shared: int
    """Width of the shared embedding, or 0."""
    noise: int
    """Width of each part of the noise with skip-z, else 0."""

    def norm(self, channels: int, index: int) -> Block:
        """A normalisation of the block number ``index``."""
        if not self.shared:
            return Norm("batch", channels, self.classes, beyond_one=True)
        linear = Dense(self.shared + self.noise, channels, bias=False)
        return ConditionalNorm(linear, linear, index if self.noise else 0)


def generator(spec: schema.BigGANGenerator, shape: Shape, classes: int) -> Blocks:
    """From noise to flat pictures of ``shape``, of the classes asked for; UserError where none fits."""
    widths = [spec.width * times for times in _of_side(GENERATOR, shape)]
    parts = _parts(spec, len(widths))
    part = spec.latent // parts
    told = _Told(classes, spec.shared, part if spec.skip else 0)
    made: list[Block] = [Dense(part, widths[0] * BASE**2), Reshape(BASE, widths[0])]
    for index, (inputs, outputs) in enumerate(pairwise(widths)):
        further = [_further_up(told, outputs, index)] * (spec.depth - 1)
        made += [_up(told, inputs, outputs, index), *further, *_attending(spec, outputs, 2 * BASE << index)]
    # The last normalisation knows neither class nor noise.
    end = Norm("batch", widths[-1]), Activate("relu"), Conv(widths[-1], shape[2], 3, shape[0])
    body: Blocks = (*made, *end, Activate("tanh"), Flatten())
    _check_attention(spec, body)
    whole = (Hierarchy(Embedding(classes, spec.shared), parts, body),) if spec.shared else body
    return normalized(whole) if spec.spectral else whole


def critic(spec: schema.BigGANCritic, shape: Shape, classes: int) -> Blocks:
    """From flat pictures of ``shape`` to one output; UserError where none fits."""
    side, _, channels = shape
    widths = [channels, *(spec.width * times for times in _of_side(CRITIC, shape))]
    made: list[Block] = [Reshape(side, channels)]
    for index, (inputs, outputs) in enumerate(pairwise(widths)):
        halves = index < HALVINGS[shape[0]]
        made.append(_down(inputs, outputs, side, halves, first=index == 0))
        side //= 1 + halves
        made += [_down(outputs, outputs, side, halves=False, first=False)] * (spec.depth - 1)
        made += _attending(spec, outputs, side) if halves else ()
    last, table = Dense(widths[-1], 1), Embedding(classes, widths[-1])
    end = last if spec.labels == "none" else Projected(last, table)
    # The sum over the picture.
    whole: Blocks = (*made, Activate("relu"), GlobalMean(), Scale(float(side**2)), end)
    _check_attention(spec, whole)
    return normalized(whole) if spec.spectral else whole


def _of_side(table: dict[int, tuple[int, ...]], shape: Shape) -> tuple[int, ...]:
    height, width, _ = shape
    if height != width or height not in table:
        raise UserError(
            f"BigGAN has no networks for pictures of {height} x {width}\n"
            f"    use square pictures with a side of {', '.join(map(str, table))}"
        )
    return table[height]


def _parts(spec: schema.BigGANGenerator, parts: int) -> int:
    """Into how many parts the noise goes: ``parts`` with skip-z, else one."""
    if not spec.skip:
        return 1
    if not spec.shared:
        raise UserError(
            "skip-z puts noise beside the shared embedding, which there is none of\n"
            "    set the generator's shared to its width, or skip to false"
        )
    if spec.latent % parts:
        raise UserError(
            f"noise of {spec.latent} numbers has no {parts} equal parts, one for the start and each block\n"
            f"    set latent to a multiple of {parts}, or skip to false"
        )
    return parts


def _up(told: _Told, inputs: int, outputs: int, index: int) -> Residual:
    """Upsampled before the first convolution."""
    side = BASE << index
    body: Blocks = (
        told.norm(inputs, index),
        Activate("relu"),
        Upsample(),
        Conv(inputs, outputs, 3, 2 * side),
        told.norm(outputs, index),
        Activate("relu"),
        Conv(outputs, outputs, 3, 2 * side),
    )
    # The code upsamples first; that commutes with a 1 x 1 convolution, which is cheaper here.
    return Residual(body, (Conv(inputs, outputs, 1, side, rectified=False), Upsample()))


def _further_up(told: _Told, channels: int, index: int) -> Residual:
    """One that keeps the side of the block number ``index``, and sees the same part of the noise."""
    conv = Conv(channels, channels, 3, 2 * BASE << index)
    norm = told.norm(channels, index)
    return Residual((norm, Activate("relu"), conv, norm, Activate("relu"), conv))


def _down(inputs: int, outputs: int, side: int, halves: bool, first: bool) -> Residual:
    """Pooled after the second convolution; the first block has no activation of the picture itself."""
    pool = (MeanPool(),) if halves else ()
    before = () if first else (Activate("relu"),)
    body = (*before, Conv(inputs, outputs, 3, side), Activate("relu"), Conv(outputs, outputs, 3, side), *pool)
    small = side // 2 if halves else side
    # In later blocks the code pools last; that commutes with a 1 x 1 convolution.
    shortcut = (
        (*pool, Conv(inputs, outputs, 1, small, rectified=False)) if inputs != outputs or halves else ()
    )
    return Residual(body, shortcut)


def _attending(spec: Spec, channels: int, side: int) -> Blocks:
    return (attention(channels, side),) if side == spec.attention else ()


def _check_attention(spec: Spec, made: Blocks) -> None:
    if spec.attention is not None and not any(isinstance(block, Attention) for block in made):
        raise UserError(
            f"no block of this network makes pictures of {spec.attention} x {spec.attention}\n"
            "    set attention to half of the data's side, or leave it out"
        )
