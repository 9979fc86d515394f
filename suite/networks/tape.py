"""A piecewise linear perceptron's way forward and back, written out and without new memory.

A derivative by an activation's input is that by its output, masked; masks are read from the
outputs. Autograd comes to the same, and is what tests hold this to.
"""

import torch
from torch import Tensor

from suite.networks.mlp import LEAK, MLP, output
from suite.networks.products import correlation, product

NARROW = 256
"""Up to this width products with turned weights are slow, and a copy that is turned is faster."""


class Tape:
    """What lies between the layers for a number of rows, kept from step to step.

    ``acts`` are the rows [replicas, rows, inputs] and each hidden layer's outputs, ``deltas`` the
    derivatives by each hidden layer's linear outputs. Parameters are read from ``flat`` [replicas,
    parameters], which must stay in its place in memory. Penalty points are the rows from ``points`` on.
    """

    def __init__(self, network: MLP, flat: Tensor, rows: int, points: int) -> None:
        replicas, sizes = len(flat), network.sizes
        self.network = network
        self.layers = network.layers(network.split(flat))
        self.acts = [flat.new_empty(replicas, rows, size) for size in sizes[:-1]]
        self.deltas = [flat.new_empty(replicas, rows, size) for size in sizes[1:-1]]
        self.seed = flat.new_empty(replicas, rows, sizes[-1])
        # Views take as long to make as small products.
        self._weights = [layer.weight for layer in self.layers]
        self._turned = [weight.transpose(1, 2) for weight in self._weights]
        self._room = [_room_to_turn(weight) for weight in self._weights]
        self._acts_turned = [act.transpose(1, 2) for act in self.acts]
        self._points = [act[:, points:] for act in self.acts]
        self._between = [
            torch.empty_like(each, memory_format=torch.contiguous_format) for each in self._points
        ]
        self._first = self.deltas[0][:, points:]
        self._biased = [delta[:, :points] for delta in (*self.deltas, self.seed)]
        self._products = [torch.empty_like(weight) for weight in self._weights]
        self._gradient = torch.empty_like(flat)

    def forward(self) -> Tensor:
        """Outputs for ``acts[0]``: [replicas, rows], or [replicas, rows, outputs] where there are more."""
        for layer, x, into in zip(self.layers[:-1], self.acts[:-1], self.acts[1:], strict=True):
            self.network.activate(product(x, layer.weight, layer.bias, out=into))
        # The last deltas are not yet wanted: room for a product.
        return output(self.layers[-1], self.acts[-1], self.deltas[-1])

    def back(self) -> None:
        """Fill ``deltas``, given ``seed``, the derivative [replicas, rows, outputs] by each output."""
        above = self.seed
        for index in reversed(range(len(self.deltas))):
            into = self.deltas[index]
            product(above, self._weight_turned(index + 1), out=into)
            above = self._mask(into, self.acts[index + 1], into)

    def by_input(self) -> Tensor:
        """The derivative by the points, once ``deltas`` are known."""
        return product(self._first, self._weight_turned(0))

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
        [replicas, parameters]. Points have no part in that of the biases. This uses up the last ``acts``,
        and the next time overwrites it.
        """
        found: list[Tensor] = []
        by_layer = zip(self._acts_turned, self.deltas, self._biased, self._products, strict=False)
        for turned, delta, biased, room in by_layer:
            found += [correlation(turned, delta, room).flatten(1), biased.sum(1)]
        one = self.seed.shape[2] == 1
        last = self.acts[-1].mul_(self.seed).sum(1) if one else torch.bmm(self._acts_turned[-1], self.seed)
        return torch.cat([*found, last.flatten(1), self._biased[-1].sum(1)], dim=1, out=self._gradient)

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


def _room_to_turn(weight: Tensor) -> Tensor | None:
    replicas, inputs, outputs = weight.shape
    return weight.new_empty(replicas, outputs, inputs) if max(inputs, outputs) <= NARROW else None
