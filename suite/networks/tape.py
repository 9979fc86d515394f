"""A piecewise linear perceptron's way forward and back, written out and without new memory.

A derivative by an activation's input is that by its output, masked; masks are read from the
outputs. Autograd comes to the same, and is what tests hold this to.
"""

from functools import lru_cache

import torch
from torch import Tensor

from suite.networks.mlp import LEAK, MLP
from suite.networks.products import correlation, product

NARROW = 256
"""Up to this width products with turned weights are slow, and a copy that is turned is faster."""


class Tape:
    """What lies between the layers for a number of rows, kept from step to step.

    ``acts`` are the rows [replicas, rows, inputs] and each hidden layer's outputs, ``deltas`` the
    derivatives by each hidden layer's linear outputs. Parameters are read from ``flat`` [replicas,
    parameters], which must stay in its place in memory. Rows from ``points`` on are points at which the
    derivative by the input is wanted.

    The few outputs there are lie turned, [replicas, outputs, rows]: products with so few columns are
    several times as slow as with so few rows. A single one is given a second, of zeros, since products
    with one row take one way for one replica and another for many.
    """

    def __init__(self, network: MLP, flat: Tensor, rows: int, points: int) -> None:
        replicas, sizes = len(flat), network.sizes
        self.network = network
        self.layers = network.layers(network.split(flat))
        self.acts = [flat.new_empty(replicas, rows, size) for size in sizes[:-1]]
        self.deltas = [flat.new_empty(replicas, rows, size) for size in sizes[1:-1]]
        # Views take as long to make as small products.
        self._weights = [layer.weight for layer in self.layers]
        self._turned = [weight.transpose(1, 2) for weight in self._weights]
        self._room = [_room_to_turn(weight) for weight in self._weights]
        self._last_turned = self.acts[-1].transpose(1, 2)
        self._points = [act[:, points:] for act in self.acts]
        self._between = [each.new_empty(each.shape) for each in self._points]
        self._first = self.deltas[0][:, points:]
        self._biased = [delta[:, :points] for delta in self.deltas]
        self._products = [weight.new_empty(weight.shape) for weight in self._weights[:-1]]
        self._gradient = flat.new_empty(flat.shape)
        outputs, inputs = sizes[-1], sizes[-2]
        few = max(outputs, 2)
        self._seeds, self._outputs = flat.new_zeros(replicas, few, rows), flat.new_zeros(replicas, few, rows)
        self._last, self._by_last = (flat.new_zeros(replicas, few, inputs) for _ in range(2))
        self.seed = self._seeds[:, :outputs]
        self._seed_biased = self.seed[:, :, :points]

    def forward(self) -> Tensor:
        """Outputs [replicas, outputs, rows] for ``acts[0]``."""
        for layer, x, into in zip(self.layers[:-1], self.acts[:-1], self.acts[1:], strict=True):
            self.network.activate(product(x, layer.weight, layer.bias, out=into))
        outputs = self.seed.shape[1]
        self._last[:, :outputs] = self._turned[-1]
        torch.bmm(self._last, self._last_turned, out=self._outputs)
        return self._outputs[:, :outputs] + self.layers[-1].bias.transpose(1, 2)

    def back(self) -> None:
        """Fill ``deltas``, given ``seed``, the derivative [replicas, outputs, rows] by each output."""
        torch.bmm(self._seeds.transpose(1, 2), self._last, out=self.deltas[-1])
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

    def gradient(self) -> Tensor:
        """Sums over rows of products of ``acts`` and derivatives: the gradient by the parameters
        [replicas, parameters]. Points have no part in that of the biases. The next one overwrites it.
        """
        found: list[Tensor] = []
        for x, delta, biased, room in zip(
            self.acts[:-1], self.deltas, self._biased, self._products, strict=True
        ):
            found += [correlation(x, delta, room).flatten(1), biased.sum(1)]
        last = torch.bmm(self._seeds, self.acts[-1], out=self._by_last)[:, : self.seed.shape[1]]
        found += [last.transpose(1, 2).flatten(1), self._seed_biased.sum(2)]
        return torch.cat(found, dim=1, out=self._gradient)

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


@lru_cache(maxsize=4)
def tape_of(network: MLP, flat: Tensor, rows: int, points: int) -> Tape:
    """The tape of perceptrons with these parameters: with this tensor, that is, not with its values."""
    return Tape(network, flat, rows, points)


def _room_to_turn(weight: Tensor) -> Tensor | None:
    replicas, inputs, outputs = weight.shape
    return weight.new_empty(replicas, outputs, inputs) if max(inputs, outputs) <= NARROW else None
