"""A piecewise linear perceptron's way forward and back, written out and without new memory.

A derivative by an activation's input is that by its output, masked; masks are read from the
outputs. Autograd comes to the same, and is what tests hold this to.
"""

import itertools
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from suite.networks.mlp import LEAK, MLP
from suite.networks.products import correlation, product

CACHED = 3 << 19
"""Activations and parameters that are worked on together; of those measured, the best for most shapes."""


class Rooms:
    """What lies between the layers of some replicas: memory for rows that come in ``parts``, so many of
    ``batch`` rows each. Those of the parts from ``points`` on are points at which the derivative by the input
    is wanted.

    ``inputs`` [replicas, rows, inputs] are to be written before a way forward, ``seeds``
    before a way back: the derivatives by ``outputs`` [replicas, outputs, rows]. ``scores`` are these, and
    ``by_scores`` those, of each part; of networks with one output [replicas, rows].

    Within, ``acts`` are the inputs and each hidden layer's outputs, ``deltas`` the derivatives by each hidden
    layer's linear outputs, and ``last`` the weights of the last layer.

    The few outputs there are lie turned, [replicas, outputs, rows]: products with so few columns are
    several times as slow as with so few rows. A single one is given a second, of zeros, since products
    with one row take one way for one replica and another for many.
    """

    def __init__(self, network: MLP, like: Tensor, batch: int, parts: int, points: int) -> None:
        # Views take as long to make as small products: they are made here, once.
        replicas, sizes, count, first = len(like), network.sizes, parts * batch, points * batch
        outputs, few = sizes[-1], max(sizes[-1], 2)
        self.acts = [like.new_empty(replicas, count, size) for size in sizes[:-1]]
        self.inputs, self.acts_turned = self.acts[0], [act.transpose(1, 2) for act in self.acts]
        self.points = [act[:, first:] for act in self.acts]
        self.points_turned = self.points[0].transpose(1, 2)
        self.deltas = [like.new_empty(replicas, count, size) for size in sizes[1:-1]]
        in_parts = [delta.view(replicas, parts, batch, -1) for delta in self.deltas]
        self.biased = [delta[:, :points] for delta in in_parts]
        self.by_part = [like.new_empty(replicas, points, size) for size in sizes[1:-1]]
        self.by_points = self.deltas[0][:, first:]
        self.by_points_turned = self.by_points.transpose(1, 2)
        ahead = {size: like.new_empty(replicas, count - first, size) for size in sizes[1:-1]}
        self.ahead = [ahead[size] for size in sizes[1:-1]]
        self.last, self.by_last = (like.new_zeros(replicas, few, sizes[-2]) for _ in range(2))
        self.last_weight, self.by_last_weight = (
            each[:, :outputs].transpose(1, 2) for each in (self.last, self.by_last)
        )
        self.every_output, self.every_seed = (like.new_zeros(replicas, few, count) for _ in range(2))
        self.every_seed_turned = self.every_seed.transpose(1, 2)
        self.outputs, self.seeds = self.every_output[:, :outputs], self.every_seed[:, :outputs]
        self.biased_seeds = self.every_seed.view(replicas, few, parts, batch)[:, :outputs, :points]
        self.scores, self.by_scores = (
            [part.squeeze(1) for part in each.chunk(parts, 2)] for each in (self.outputs, self.seeds)
        )


class Tape:
    """A way forward and back through some of the perceptrons with the parameters ``flat`` [replicas,
    parameters], which must stay in their place in memory. Gradients are written to ``into``, of the same
    shape.
    """

    def __init__(self, network: MLP, flat: Tensor, into: Tensor, rooms: Rooms, group: slice) -> None:
        self._group = None if len(into[group]) == len(into) else group
        flat, into = flat[group], into[group]
        self.network, self.rooms, self._into = network, rooms, into
        layers = network.layers(network.split(flat))
        self._weights, self._biases = [layer.weight for layer in layers], [layer.bias for layer in layers]
        self._turned = [weight.transpose(1, 2) for weight in self._weights]
        self._last_bias = self._biases[-1].transpose(1, 2)
        # Layers' parts of one replica lie in one piece; those of many are brought together at the end.
        pieces = network.split(into)
        self._pieces = pieces if len(into) == 1 else [piece.new_empty(piece.shape) for piece in pieces]
        self._in_rows = [piece.flatten(1) for piece in self._pieces]
        self._by_last_bias = self._pieces[-1][:, 0]

    def of(self, tensor: Tensor) -> Tensor:
        """The rows of these replicas."""
        return tensor if self._group is None else tensor[self._group]

    def forward(self) -> None:
        """Fill ``outputs``, given ``inputs``."""
        rooms = self.rooms
        for index, act in enumerate(rooms.acts[1:]):
            self.network.activate(product(rooms.acts[index], self._weights[index], self._biases[index], act))
        rooms.last_weight.copy_(self._weights[-1])
        torch.bmm(rooms.last, rooms.acts_turned[-1], out=rooms.every_output)
        rooms.outputs.add_(self._last_bias)

    def back(self, *, summing: bool) -> None:
        """Take ``seeds`` back to the first layer. With ``summing``, layers' gradients are summed on the way,
        while a core's cache holds what they are made of; not where points are to be pushed first.
        """
        rooms = self.rooms
        delta = torch.bmm(rooms.every_seed_turned, rooms.last, out=rooms.deltas[-1])
        for index in reversed(range(len(rooms.deltas))):
            delta = self._mask(delta, rooms.acts[index + 1], delta)
            if summing:
                self._sum(index)
            if index:
                delta = product(delta, self._turned[index], out=rooms.deltas[index - 1])

    def by_input(self) -> Tensor:
        """The derivative by the points [replicas, inputs, rows], after the way back."""
        if self._weights[0].shape[1] == 1:
            return product(self.rooms.by_points, self._turned[0]).transpose(1, 2)
        return torch.bmm(self._weights[0], self.rooms.by_points_turned)

    def push(self) -> None:
        """Take forward what has been put in the place of the points, without biases, masked as those were."""
        rooms = self.rooms
        for index, act in enumerate(rooms.points[1:]):
            ahead = product(rooms.points[index], self._weights[index], out=rooms.ahead[index])
            self._mask(ahead, act, act)

    def sum(self) -> None:
        """Sum layers' gradients, after the way back and the push."""
        for index in range(len(self.rooms.deltas)):
            self._sum(index)

    def _sum(self, index: int) -> None:
        """Sum products of inputs and derivatives over rows: the gradient by a layer's parameters. Points have
        no part in that of the biases.

        A Wasserstein loss has no derivative by the bias of a unit that all rows pass: what real rows add,
        fake ones take away. They do so to the last bit where each part is summed by itself, as autograd
        does; otherwise a rounding is left, of which RMSProp makes a step.
        """
        rooms = self.rooms
        correlation(rooms.acts_turned[index], rooms.deltas[index], self._pieces[2 * index])
        parts = torch.sum(rooms.biased[index], 2, out=rooms.by_part[index])
        torch.sum(parts, 1, keepdim=True, out=self._pieces[2 * index + 1])

    def finish(self) -> None:
        """Add the last layer's gradient to those that have been summed, and bring all together."""
        rooms = self.rooms
        torch.bmm(rooms.every_seed, rooms.acts[-1], out=rooms.by_last)
        self._pieces[-2].copy_(rooms.by_last_weight)
        torch.sum(rooms.biased_seeds.sum(3), 2, out=self._by_last_bias)
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
    each: list[Tape]


@lru_cache(maxsize=4)
def tapes_of(network: MLP, flat: Tensor, batch: int, parts: int, points: int, most: int) -> Tapes:
    """The tapes of perceptrons with these parameters: with this tensor, that is, not with its values.

    Each is of ``most`` replicas or fewer; those of equally many use the same memory in turn.
    """
    gradient = torch.empty_like(flat)
    count = -(-len(flat) // most)
    ends = [len(flat) * index // count for index in range(count + 1)]
    groups = [slice(*pair) for pair in itertools.pairwise(ends)]
    rooms = {len(flat[group]): Rooms(network, flat[group], batch, parts, points) for group in groups}
    return Tapes(gradient, [Tape(network, flat, gradient, rooms[len(flat[g])], g) for g in groups])


def at_once(flat: Tensor, *passes: tuple[MLP, int]) -> int:
    """How many replicas are worked on together, given their networks and how many rows pass through each: on
    a core as many as its caches hold, on a device, which wants much to do at once, all.
    """
    if flat.device.type != "cpu":
        return len(flat)
    numbers = max(rows * sum(network.sizes[1:-1]) + network.parameters for network, rows in passes)
    return max(1, min(len(flat), CACHED // numbers))
