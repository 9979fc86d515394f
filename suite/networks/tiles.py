"""Pictures cut into overlapping tiles, and the weights that a convolution has for a tile.

A tile of a convolution is what some places side by side see of the picture: as high as the kernel
and as wide as those places need. With one place it is the kernel's patch. A wider tile copies less,
in longer runs, and its product has more columns, which is what a processor is fast at; its weights
are the kernel's, again for each place, between zeros.

Every function here is linear; each comes with its transpose, and each is the other's derivative.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from suite.networks.blocks import padding

Shape = tuple[int, int, int, int, int]
WIDE = 64
"""Columns that a product should have at the most: beyond, more of the weights are zeros than it gains."""


@dataclass(frozen=True, slots=True)
class Tiles:
    """How the pictures that a convolution sees are cut."""

    kernel: int
    stride: int
    places: int
    """How many places side by side a tile serves."""
    line: bool = False
    """Whether the kernel is one row high, at stride 1: pictures of one row are lines."""

    @classmethod
    def of(cls, kernel: int, stride: int, width: int, outputs: int, *, line: bool = False) -> "Tiles":
        """For a convolution with so many ``outputs`` at each of ``width`` places."""
        divisors = (n for n in range(1, width + 1) if width % n == 0)
        fitting = [n for n in divisors if n * outputs <= WIDE] if kernel > 1 else []
        return cls(kernel, stride, max(fitting, default=1), line)

    @property
    def rows(self) -> int:
        """Height of the kernel, and of a tile."""
        return 1 if self.line else self.kernel

    @property
    def columns(self) -> int:
        """Width of a tile."""
        return self.stride * (self.places - 1) + self.kernel

    @property
    def step(self) -> int:
        """Columns from one tile to the next."""
        return self.stride * self.places


def unfold(x: Tensor, tiles: Tiles) -> Tensor:
    """Tiles [replicas, batch * rows * tiles a row, kernel's rows * columns * channels] of pictures [replicas,
    batch, height, width, channels], padded with zeros.
    """
    made: Tensor = _Unfold.apply(x, tiles)
    return made


def fold(cut: Tensor, tiles: Tiles, shape: Shape) -> Tensor:
    """Pictures of ``shape``, each pixel the sum of the tiles' entries at its place: the transpose of
    ``unfold``.
    """
    made: Tensor = _Fold.apply(cut, tiles, shape)
    return made


def band(weight: Tensor, tiles: Tiles) -> Tensor:
    """Weights of a tile [replicas, rows * columns * inputs, places * outputs], from a kernel's
    [replicas, rows * kernel * inputs, outputs].
    """
    if tiles.places == 1:
        return weight
    made: Tensor = _Band.apply(weight, tiles)
    return made


class _Unfold(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, tiles: Tiles) -> Tensor:
        ctx.how = tiles, tuple(x.shape)
        return _cut(x, tiles)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return _Fold.apply(gradients[0], *ctx.how), None


class _Fold(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, cut: Tensor, tiles: Tiles, shape: Shape) -> Tensor:
        ctx.tiles = tiles
        return _together(cut, tiles, shape)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return _Unfold.apply(gradients[0], ctx.tiles), None, None


class _Band(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, weight: Tensor, tiles: Tiles) -> Tensor:
        ctx.tiles = tiles
        return _spread(weight, tiles)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return _Unband.apply(gradients[0], ctx.tiles), None


class _Unband(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, banded: Tensor, tiles: Tiles) -> Tensor:
        ctx.tiles = tiles
        return _gather(banded, tiles)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        return _Band.apply(gradients[0], ctx.tiles), None


def _cut(x: Tensor, tiles: Tiles) -> Tensor:
    replicas, batch, height, width, channels = x.shape
    beside, above = padding(tiles.kernel, tiles.stride), padding(tiles.rows, tiles.stride)
    x = functional.pad(x, (0, 0, *beside, *above))
    r, b, h, w, c = x.stride()
    down, across = height // tiles.stride, width // tiles.step
    size = (replicas, batch, down, across, tiles.rows, tiles.columns, channels)
    views = x.as_strided(size, (r, b, h * tiles.stride, w * tiles.step, h, w, c))
    return views.reshape(replicas, batch * down * across, -1)


def _together(cut: Tensor, tiles: Tiles, shape: Shape) -> Tensor:
    """First along the height, then along the width: fewer and longer runs than pixel by pixel."""
    replicas, batch, height, width, channels = shape
    many, down, across = replicas * batch, height // tiles.stride, width // tiles.step
    parts = cut.reshape(many, down, across, tiles.rows, tiles.columns, channels)
    if across == 1 and tiles.columns >= width:  # Nothing overlaps along the width: the padding goes.
        before = padding(tiles.kernel, tiles.stride)[0]
        return _overlap(parts[:, :, 0, :, before : before + width], tiles.rows, tiles.stride).view(shape)
    rows = _overlap(parts.transpose(2, 3), tiles.rows, tiles.stride)
    wide = rows.view(many * height, across, tiles.columns, channels)
    return _overlap(wide, tiles.columns, tiles.step).view(shape)


def _overlap(parts: Tensor, kernel: int, stride: int) -> Tensor:
    """Add up [pictures, places, kernel, ...] where kernels overlap: [pictures, places, stride, ...]."""
    pictures, places, _, *rest = parts.shape
    make = parts.new_empty if kernel >= stride else parts.new_zeros
    made = make(pictures, places, stride, *rest)
    for shift, first, last, residue in _runs(kernel, stride):
        inside = places - abs(shift)
        target = made.narrow(1, max(shift, 0), inside).narrow(2, residue, last - first)
        source = parts.narrow(1, max(-shift, 0), inside).narrow(2, first, last - first)
        # The first run has no shift and covers everything, so that it need not be added to zeros.
        (target.add_ if shift else target.copy_)(source)
    return made


@cache
def _runs(kernel: int, stride: int) -> tuple[tuple[int, int, int, int], ...]:
    """A kernel's entries in runs that fall on one place: by how many places that is shifted, the
    run's first entry and its end, and where in the place it starts. The run without shift is first.
    """
    before = padding(kernel, stride)[0]
    shifts = sorted({(entry - before) // stride for entry in range(kernel)}, key=abs)
    firsts = [max(shift * stride + before, 0) for shift in shifts]
    lasts = [min((shift + 1) * stride + before, kernel) for shift in shifts]
    residues = [(first - before) % stride for first in firsts]
    return tuple(zip(shifts, firsts, lasts, residues, strict=True))


def _spread(weight: Tensor, tiles: Tiles) -> Tensor:
    replicas, area, outputs = weight.shape
    inputs = area // (tiles.rows * tiles.kernel)
    made = weight.new_zeros(replicas, tiles.rows, tiles.columns, inputs, tiles.places, outputs)
    _diagonal(made, tiles).copy_(weight.reshape(replicas, tiles.rows, 1, tiles.kernel, inputs, outputs))
    return made.flatten(4, 5).flatten(1, 3)


def _gather(banded: Tensor, tiles: Tiles) -> Tensor:
    outputs = banded.shape[2] // tiles.places
    parts = banded.reshape(len(banded), tiles.rows, tiles.columns, -1, tiles.places, outputs)
    return _diagonal(parts, tiles).sum(2).flatten(1, 3)


def _diagonal(parts: Tensor, tiles: Tiles) -> Tensor:
    """Where the kernel's weights lie for each place [replicas, rows, places, kernel, inputs, outputs],
    a view of [replicas, rows, columns, inputs, places, outputs].
    """
    replicas, rows, _, inputs, places, outputs = parts.shape
    r, row, column, i, place, o = parts.stride()
    size = (replicas, rows, places, tiles.kernel, inputs, outputs)
    return parts.as_strided(size, (r, row, tiles.stride * column + place, column, i, o))
