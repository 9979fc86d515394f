"""A piecewise linear perceptron's way forward and back, written out and without new memory.

A derivative by an activation's input is that by its output, masked; masks are read from the
outputs. Autograd comes to the same, and is what tests hold this to.
"""

from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from suite.networks.mlp import LEAK, MLP
from suite.networks.products import correlation, product

NARROW = 256
"""Up to this width products with turned weights are slow, and a copy that is turned is faster. Beyond it
one replica's layers fill a core's cache."""


class Rooms:
    """What lies between the layers of some replicas: memory for a number of rows.

    ``acts`` are the rows [replicas, rows, inputs] and each hidden layer's outputs, ``deltas`` the
    derivatives by each hidden layer's linear outputs; ``seeds`` are the derivatives by each output and
    ``scores`` the outputs. Rows from ``points`` on are points at which the derivative by the input is wanted.

    The few outputs there are lie turned, [replicas, outputs, rows]: products with so few columns are
    several times as slow as with so few rows. A single one is given a second, of zeros, since products
    with one row take one way for one replica and another for many.
    """

    def __init__(self, network: MLP, like: Tensor, rows: int, points: int) -> None:
        replicas, sizes, self.points = len(like), network.sizes, points
        few = max(sizes[-1], 2)
        self.acts = [like.new_empty(replicas, rows, size) for size in sizes[:-1]]
        self.deltas = [like.new_empty(replicas, rows, size) for size in sizes[1:-1]]
        self.between = [like.new_empty(replicas, rows - points, size) for size in sizes[:-1]]
        self.seeds, self.scores = like.new_zeros(replicas, few, rows), like.new_zeros(replicas, few, rows)
        self.last, self.by_last = (like.new_zeros(replicas, few, sizes[-2]) for _ in range(2))


class Tape:
    """A way forward and back through perceptrons with the parameters ``flat`` [replicas, parameters],
    which must stay in their place in memory. Gradients are written to ``into``, of the same shape.
    """

    def __init__(self, network: MLP, flat: Tensor, into: Tensor, rooms: Rooms) -> None:
        # Views take as long to make as small products: they are made here, once.
        outputs, points = network.sizes[-1], rooms.points
        self.network, self.acts, self.deltas = network, rooms.acts, rooms.deltas
        layers = network.layers(network.split(flat))
        self._biases = [layer.bias for layer in layers]
        self._weights = [layer.weight for layer in layers]
        self._turned = [weight.transpose(1, 2) for weight in self._weights]
        self._room = [_room_to_turn(weight) for weight in self._weights]
        self._last, self._last_weight = rooms.last, rooms.last[:, :outputs]
        self._last_turned, self._last_bias = self.acts[-1].transpose(1, 2), self._biases[-1].transpose(1, 2)
        self._scores, self._outputs = rooms.scores, rooms.scores[:, :outputs]
        self._points = [act[:, points:] for act in self.acts]
        self._between, self._first = rooms.between, self.deltas[0][:, points:]
        self._biased = [delta[:, :points] for delta in self.deltas]
        self._seeds, self.seed = rooms.seeds, rooms.seeds[:, :outputs]
        self._seeds_turned, self._seed_biased = self._seeds.transpose(1, 2), self.seed[:, :, :points]
        self._by_last, self._by_weight = rooms.by_last, rooms.by_last[:, :outputs].transpose(1, 2)
        self._into = into
        # Layers' parts of one replica lie in one piece; those of many are brought together at the end.
        pieces = network.split(into)
        self._pieces = pieces if len(into) == 1 else [piece.new_empty(piece.shape) for piece in pieces]

    def forward(self) -> Tensor:
        """Outputs [replicas, outputs, rows] for ``acts[0]``."""
        for weight, bias, x, into in zip(
            self._weights[:-1], self._biases[:-1], self.acts[:-1], self.acts[1:], strict=True
        ):
            self.network.activate(product(x, weight, bias, out=into))
        self._last_weight.copy_(self._turned[-1])
        torch.bmm(self._last, self._last_turned, out=self._scores)
        return self._outputs + self._last_bias

    def back(self) -> None:
        """Fill ``deltas``, given ``seed``, the derivative [replicas, outputs, rows] by each output."""
        torch.bmm(self._seeds_turned, self._last, out=self.deltas[-1])
        above = self._mask(self.deltas[-1], self.acts[-1], self.deltas[-1])
        for index in reversed(range(1, len(self.deltas))):
            into = self.deltas[index - 1]
            product(above, self._weight_turned(index), out=into)
            above = self._mask(into, self.acts[index], into)

    def by_input(self) -> Tensor:
        """The derivative by the points, once ``deltas`` are known."""
        if self._weights[0].shape[1] == 1:
            return product(self._first, self._turned[0])
        return torch.bmm(self._weights[0], self._first.transpose(1, 2)).transpose(1, 2)

    def push(self, rows: Tensor) -> None:
        """Put ``rows`` in the place of the points, and take them forward without biases, masked as those
        were.
        """
        self._points[0].copy_(rows)
        ahead = zip(self._weights[:-1], self._points[:-1], self._points[1:], self._between[1:], strict=True)
        for weight, x, old, room in ahead:
            self._mask(product(x, weight, out=room), old, old)

    def gradient(self) -> None:
        """Sums over rows of products of ``acts`` and derivatives: the gradient by the parameters. Points
        have no part in that of the biases.
        """
        hidden = zip(self.acts[:-1], self.deltas, self._biased, strict=True)
        for index, (x, delta, biased) in enumerate(hidden):
            correlation(x, delta, self._pieces[2 * index])
            torch.sum(biased, 1, keepdim=True, out=self._pieces[2 * index + 1])
        torch.bmm(self._seeds, self.acts[-1], out=self._by_last)
        self._pieces[-2].copy_(self._by_weight)
        torch.sum(self._seed_biased, 2, out=self._pieces[-1][:, 0])
        if len(self._into) > 1:
            torch.cat([piece.flatten(1) for piece in self._pieces], dim=1, out=self._into)

    def _weight_turned(self, index: int) -> Tensor:
        turned, room = self._turned[index], self._room[index]
        return turned if room is None else room.copy_(turned)

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
    parts: list[tuple[slice, Tape]]


@lru_cache(maxsize=4)
def tapes_of(network: MLP, flat: Tensor, rows: int, points: int, *, alone: bool) -> Tapes:
    """The tapes of perceptrons with these parameters: with this tensor, that is, not with its values.
    ``alone`` asks for one a replica, which use the same memory in turn.
    """
    gradient = torch.empty_like(flat)
    size = 1 if alone else len(flat)
    parts = [slice(first, first + size) for first in range(0, len(flat), size)]
    rooms = Rooms(network, flat[:size], rows, points)
    return Tapes(gradient, [(part, Tape(network, flat[part], gradient[part], rooms)) for part in parts])


def are_alone(flat: Tensor, *networks: MLP) -> bool:
    """Whether replicas of these networks are worked on one by one: on a core, whose cache is small, not on
    a device that wants much to do at once.
    """
    return flat.device.type == "cpu" and any(max(network.sizes) > NARROW for network in networks)


def _room_to_turn(weight: Tensor) -> Tensor | None:
    replicas, inputs, outputs = weight.shape
    return weight.new_empty(replicas, outputs, inputs) if max(inputs, outputs) <= NARROW else None
