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

    ``inputs`` [replicas, rows, inputs] of each part are to be written before a way forward, ``seeds``
    before a way back: the derivatives by ``outputs`` [replicas, outputs, rows]. ``scores`` are these, and
    ``by_scores`` those, of each part; of networks with one output [replicas, rows].

    Within, ``rows`` are the inputs and each hidden layer's outputs, with a last column of ones, which a bias
    is the weight of, and ``acts`` the same without it; ``deltas`` are the derivatives by each hidden layer's
    linear outputs, and ``last`` the weights of the last layer.

    The few outputs there are lie turned, [replicas, outputs, rows]: products with so few columns are
    several times as slow as with so few rows. A single one is given a second, of zeros, since products
    with one row take one way for one replica and another for many.
    """

    def __init__(self, network: MLP, like: Tensor, parts: Sequence[int], points: int) -> None:
        # Views take as long to make as small products: they are made here, once.
        replicas, sizes, count = len(like), network.sizes, sum(parts)
        outputs, few, first = sizes[-1], max(sizes[-1], 2), sum(parts[:points])
        self.rows = [_aligned(like.new_ones, replicas, count, size + 1) for size in sizes[:-1]]
        self.acts = [rows[:, :, :-1] for rows in self.rows]
        self.columns = [rows.transpose(1, 2) for rows in self.rows]
        self.inputs = self.acts[0].split_with_sizes(parts, 1)
        self.points = [rows[:, first:] for rows in self.rows]
        self.ones = [points[:, :, -1:] for points in self.points if points.shape[1]]
        self.deltas = [like.new_empty(replicas, count, size) for size in sizes[1:-1]]
        self.by_points = self.deltas[0][:, first:]
        self.by_points_turned = self.by_points.transpose(1, 2)
        # The derivative of a constant is zero.
        ahead = {size: _aligned(like.new_zeros, replicas, count - first, size + 1) for size in sizes[1:-1]}
        self.ahead = [ahead[size] for size in sizes[1:-1]]
        self.pushed = [ahead[:, :, :-1] for ahead in self.ahead]
        self.last, self.by_last = (like.new_zeros(replicas, few, sizes[-2] + 1) for _ in range(2))
        self.last_layer, self.last_weight = self.last[:, :outputs], self.last[:, :, :-1]
        self.by_last_layer = self.by_last[:, :outputs].transpose(1, 2)
        self.every_output, self.every_seed = (like.new_zeros(replicas, few, count) for _ in range(2))
        self.every_seed_turned = self.every_seed.transpose(1, 2)
        self.outputs, self.seeds = self.every_output[:, :outputs], self.every_seed[:, :outputs]
        self.scores, self.by_scores = (
            [part.squeeze(1) for part in each.split_with_sizes(parts, 2)]
            for each in (self.outputs, self.seeds)
        )


class Tape:
    """A way forward and back through perceptrons with the parameters ``flat`` [replicas, parameters],
    which must stay in their place in memory. Gradients are written to ``into``, of the same shape.
    """

    def __init__(self, network: MLP, flat: Tensor, into: Tensor, rooms: Rooms) -> None:
        self.network, self.rooms, self._into = network, rooms, into
        self._layers = _layers(network, flat)
        self._turned = [layer[:, :-1].transpose(1, 2) for layer in self._layers]
        self._first_weight, self._last_turned = self._layers[0][:, :-1], self._layers[-1].transpose(1, 2)
        # Layers' parts of one replica lie in one piece; those of many are brought together at the end.
        pieces = _layers(network, into)
        self._pieces = pieces if len(into) == 1 else [piece.new_empty(piece.shape) for piece in pieces]
        self._in_rows = [piece.flatten(1) for piece in self._pieces]

    def forward(self) -> None:
        """Fill ``outputs``, given ``inputs``."""
        rooms = self.rooms
        for ones in rooms.ones:
            ones.fill_(1)
        for index, act in enumerate(rooms.acts[1:]):
            self.network.activate(torch.bmm(rooms.rows[index], self._layers[index], out=act))
        rooms.last_layer.copy_(self._last_turned)
        torch.bmm(rooms.last, rooms.columns[-1], out=rooms.every_output)

    def back(self) -> None:
        """Take ``seeds`` back to the first layer."""
        rooms = self.rooms
        delta = torch.bmm(rooms.every_seed_turned, rooms.last_weight, out=rooms.deltas[-1])
        self._mask(delta, rooms.acts[-1], delta)
        for index in reversed(range(1, len(rooms.deltas))):
            below = product(delta, self._turned[index], out=rooms.deltas[index - 1])
            delta = self._mask(below, rooms.acts[index], below)

    def by_input(self) -> Tensor:
        """The derivative by the points, after the way back."""
        if self._first_weight.shape[1] == 1:
            return product(self.rooms.by_points, self._turned[0])
        return torch.bmm(self._first_weight, self.rooms.by_points_turned).transpose(1, 2)

    def push(self, rows: Tensor) -> None:
        """Put ``rows`` in the place of the points, and take them forward without biases, masked as those
        were.
        """
        rooms = self.rooms
        rooms.points[0][:, :, :-1].copy_(rows)
        rooms.ones[0].zero_()
        for index, act in enumerate(rooms.points[1:]):
            torch.bmm(rooms.points[index], self._layers[index], out=rooms.pushed[index])
            self._mask(rooms.ahead[index], act, act)

    def gradient(self) -> None:
        """Sums over rows of products of inputs and derivatives: the gradient by the parameters. Points have
        no part in that of the biases, once they are pushed.
        """
        rooms = self.rooms
        for columns, delta, piece in zip(rooms.columns, rooms.deltas, self._pieces, strict=False):
            torch.bmm(columns, delta, out=piece)
        torch.bmm(rooms.every_seed, rooms.rows[-1], out=rooms.by_last)
        self._pieces[-1].copy_(rooms.by_last_layer)
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
