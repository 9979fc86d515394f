"""A piecewise linear perceptron's way forward and back, written out and without new memory.

A derivative by an activation's input is that by its output, masked; masks are read from the
outputs. Autograd comes to the same, and is what tests hold this to.
"""

import itertools
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from suite.networks.mlp import LEAK, MLP
from suite.networks.products import product

VECTOR = 8
"""Numbers in a vector of a common processor."""
NARROW = 256
"""Beyond this width one replica's layers fill a core's cache."""


class Rooms:
    """What lies between the layers of some replicas: memory for rows that come in ``parts``, batches of so
    many rows each. Those of the parts from ``points`` on are points at which the derivative by the input is
    wanted.

    ``acts`` are the rows [replicas, rows, inputs + 1] and each hidden layer's outputs, with a last column of
    ones, which a bias is the weight of; ``deltas`` are the derivatives by each hidden layer's linear outputs.
    ``seeds`` are those by the outputs, ``scores`` the outputs, and ``last`` the weights of the last layer.

    The few outputs there are lie turned, [replicas, outputs, rows]: products with so few columns are
    several times as slow as with so few rows. A single one is given a second, of zeros, since products
    with one row take one way for one replica and another for many.
    """

    def __init__(self, network: MLP, like: Tensor, parts: Sequence[int], points: int) -> None:
        replicas, sizes, rows = len(like), network.sizes, sum(parts)
        few = max(sizes[-1], 2)
        self.parts, self.points = parts, sum(parts[:points])
        self.acts = [_aligned(like.new_ones, replicas, rows, size + 1) for size in sizes[:-1]]
        self.deltas = [like.new_empty(replicas, rows, size) for size in sizes[1:-1]]
        # The derivative of a constant is zero.
        beyond = rows - self.points
        self.between = {size: _aligned(like.new_zeros, replicas, beyond, size + 1) for size in sizes[1:-1]}
        self.seeds, self.scores = like.new_zeros(replicas, few, rows), like.new_zeros(replicas, few, rows)
        self.last, self.by_last = (like.new_zeros(replicas, few, sizes[-2] + 1) for _ in range(2))


class Tape:
    """A way forward and back through perceptrons with the parameters ``flat`` [replicas, parameters],
    which must stay in their place in memory. Gradients are written to ``into``, of the same shape.

    ``inputs`` [replicas, rows, inputs] of each part are to be written before the way forward, ``seeds``
    before the way back: the derivatives by ``outputs`` [replicas, outputs, rows]. ``scores`` are these, and
    ``by_scores`` those, of each part; of networks with one output [replicas, rows].
    """

    def __init__(self, network: MLP, flat: Tensor, into: Tensor, rooms: Rooms) -> None:
        # Views take as long to make as small products: they are made here, once.
        outputs, points = network.sizes[-1], rooms.points
        self.network, self._into = network, into
        self._layers = _layers(network, flat)
        self._turned = [layer[:, :-1].transpose(1, 2) for layer in self._layers]
        self._rows, self._acts = rooms.acts, [act[:, :, :-1] for act in rooms.acts]
        self._points = [act[:, points:] for act in rooms.acts]
        self._ones = [act[:, points:, -1:] for act in rooms.acts if act.shape[1] > points]
        self._deltas, self._first = rooms.deltas, rooms.deltas[0][:, points:]
        self._first_weight, self._first_turned = self._layers[0][:, :-1], self._first.transpose(1, 2)
        self._between = [rooms.between[size] for size in network.sizes[1:-1]]
        self._pushed = [room[:, :, :-1] for room in self._between]
        self._last, self._last_weight = rooms.last, rooms.last[:, :outputs]
        self._last_layer, self._last_rows = self._layers[-1].transpose(1, 2), rooms.acts[-1].transpose(1, 2)
        self._by_last, self._by_weight = rooms.by_last, rooms.by_last[:, :outputs].transpose(1, 2)
        self._back_last = rooms.last[:, :, :-1]
        self._scores, self.outputs = rooms.scores, rooms.scores[:, :outputs]
        self._seeds, self.seeds = rooms.seeds, rooms.seeds[:, :outputs]
        self._seeds_turned = rooms.seeds.transpose(1, 2)
        self.inputs = self._acts[0].split_with_sizes(rooms.parts, 1)
        self.scores, self.by_scores = (
            [part.squeeze(1) for part in each.split_with_sizes(rooms.parts, 2)]
            for each in (self.outputs, self.seeds)
        )
        # Layers' parts of one replica lie in one piece; those of many are brought together at the end.
        pieces = _layers(network, into)
        self._pieces = pieces if len(into) == 1 else [piece.new_empty(piece.shape) for piece in pieces]
        self._in_rows = [piece.flatten(1) for piece in self._pieces]

    def forward(self) -> None:
        """Fill ``outputs``, given ``inputs``."""
        for ones in self._ones:
            ones.fill_(1)
        for layer, rows, act in zip(self._layers[:-1], self._rows[:-1], self._acts[1:], strict=True):
            self.network.activate(torch.bmm(rows, layer, out=act))
        self._last_weight.copy_(self._last_layer)
        torch.bmm(self._last, self._last_rows, out=self._scores)

    def back(self) -> None:
        """Take ``seeds`` back to the first layer."""
        delta = torch.bmm(self._seeds_turned, self._back_last, out=self._deltas[-1])
        self._mask(delta, self._acts[-1], delta)
        for index in reversed(range(1, len(self._deltas))):
            below = product(delta, self._turned[index], out=self._deltas[index - 1])
            delta = self._mask(below, self._acts[index], below)

    def by_input(self) -> Tensor:
        """The derivative by the points, after the way back."""
        if self._first_weight.shape[1] == 1:
            return product(self._first, self._turned[0])
        return torch.bmm(self._first_weight, self._first_turned).transpose(1, 2)

    def push(self, rows: Tensor) -> None:
        """Put ``rows`` in the place of the points, and take them forward without biases, masked as those
        were.
        """
        self._points[0][:, :, :-1].copy_(rows)
        self._ones[0].zero_()
        for index, old in enumerate(self._points[1:]):
            torch.bmm(self._points[index], self._layers[index], out=self._pushed[index])
            self._mask(self._between[index], old, old)

    def gradient(self) -> None:
        """Sums over rows of products of inputs and derivatives: the gradient by the parameters. Points have
        no part in that of the biases, once they are pushed.
        """
        for rows, delta, piece in zip(self._rows, self._deltas, self._pieces, strict=False):
            torch.bmm(rows.transpose(1, 2), delta, out=piece)
        torch.bmm(self._seeds, self._rows[-1], out=self._by_last)
        self._pieces[-1].copy_(self._by_weight)
        if len(self._into) > 1:
            torch.cat(self._in_rows, dim=1, out=self._into)

    def _mask(self, gradient: Tensor, act: Tensor, into: Tensor) -> Tensor:
        """A derivative by an activation's output taken to its input, given that output."""
        if self.network.activation == "relu":
            torch.ops.aten.threshold_backward.grad_input(gradient, act, 0, grad_input=into)
        else:
            torch.ops.aten.leaky_relu_backward.grad_input(gradient, act, LEAK, True, grad_input=into)
        return into


class Tapes(NamedTuple):
    """Tapes of some replicas each, one after the other, and the gradient [replicas, parameters] that they
    write, which the next ones overwrite.
    """

    gradient: Tensor
    groups: list[tuple[slice, Tape]]


@lru_cache(maxsize=4)
def tapes_of(network: MLP, flat: Tensor, parts: tuple[int, ...], points: int, *, alone: bool) -> Tapes:
    """The tapes of perceptrons with these parameters: with this tensor, that is, not with its values.
    ``alone`` asks for one a replica, which use the same memory in turn.
    """
    gradient = torch.empty_like(flat)
    size = 1 if alone else len(flat)
    groups = [slice(first, first + size) for first in range(0, len(flat), size)]
    rooms = Rooms(network, flat[:size], parts, points)
    return Tapes(gradient, [(group, Tape(network, flat[group], gradient[group], rooms)) for group in groups])


def are_alone(flat: Tensor, *networks: MLP) -> bool:
    """Whether replicas of these networks are worked on one by one: on a core, whose cache is small, not on
    a device that wants much to do at once.
    """
    return flat.device.type == "cpu" and any(max(network.sizes) > NARROW for network in networks)


def _aligned(fill: Callable[..., Tensor], replicas: int, rows: int, columns: int) -> Tensor:
    """Memory [replicas, rows, columns] of which each row begins at a whole vector."""
    return fill(replicas, rows, -(-columns // VECTOR) * VECTOR)[:, :, :columns]


def _layers(network: MLP, flat: Tensor) -> list[Tensor]:
    """Views of each layer's weights with the bias below them [replicas, inputs + 1, outputs]: so they lie,
    where there is no normalisation between them.
    """
    shapes = [(inputs + 1, outputs) for inputs, outputs in itertools.pairwise(network.sizes)]
    pieces = flat.split_with_sizes([rows * columns for rows, columns in shapes], 1)
    return [piece.view(-1, *shape) for piece, shape in zip(pieces, shapes, strict=True)]
