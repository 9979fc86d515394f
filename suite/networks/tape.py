"""A piecewise linear perceptron's way forward and back, written out and without new memory.

A derivative by an activation's input is that by its output, masked; masks are read from the
outputs. Autograd comes to the same, and is what tests hold this to.
"""

import itertools
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

import torch
from torch import Tensor

from suite.networks.mlp import LEAK, MLP
from suite.networks.products import Call, product, ready_correlation, ready_product

CACHED = 3 << 19
"""Activations and parameters that are worked on together; of those measured, the best for most shapes."""


class Rows(NamedTuple):
    """What goes through together: ``parts`` of ``batch`` rows each. Those of the parts from ``points`` on
    have no share in the gradient by biases, and the derivative by the input is wanted at them.
    """

    batch: int
    parts: int
    points: int
    are_pushed: bool = False
    """Whether points are pushed forward once more, after the way back."""

    @property
    def all(self) -> int:
        """Of all parts."""
        return self.parts * self.batch


class Rooms:
    """What lies between the layers of some replicas: memory for rows.

    ``inputs`` [replicas, rows, inputs] are to be written before a way forward, ``seeds``
    before a way back: the derivatives by ``outputs`` [replicas, outputs, rows]. ``scores`` are these, and
    ``by_scores`` those, of each part; of networks with one output [replicas, rows].

    Within, ``acts`` are the inputs and each hidden layer's outputs, which the way back writes over unless
    points are pushed; ``deltas`` are the derivatives by each hidden layer's linear outputs, and ``last`` the
    weights of the last layer.

    The few outputs there are lie turned, [replicas, outputs, rows]: products with so few columns are
    several times as slow as with so few rows. A single one is given a second, of zeros, since products
    with one row take one way for one replica and another for many.
    """

    def __init__(self, network: MLP, like: Tensor, rows: Rows) -> None:
        # Views take as long to make as small products: they are made here, once.
        self.rows = rows
        replicas, sizes, (batch, parts, points, are_pushed) = len(like), network.sizes, rows
        count, first, outputs, few = rows.all, points * batch, sizes[-1], max(sizes[-1], 2)
        self.acts = [like.new_empty(replicas, count, size) for size in sizes[:-1]]
        self.inputs, self.acts_turned = self.acts[0], [act.transpose(1, 2) for act in self.acts]
        self.points = [act[:, first:] for act in self.acts]
        self.points_turned = self.points[0].transpose(1, 2)
        self.deltas = apart(self.acts[1:]) if are_pushed else lent(self.acts[1:], outputs)
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
        self.last_by_part = like.new_empty(replicas, outputs, points)
        self.biased_seeds = self.every_seed.view(replicas, few, parts, batch)[:, :outputs, :points]
        self.scores, self.by_scores = (
            [part.squeeze(1) for part in each.chunk(parts, 2)] for each in (self.outputs, self.seeds)
        )


def apart(acts: Sequence[Tensor]) -> list[Tensor]:
    """Memory for the derivatives by each of some layers' linear outputs, given their outputs."""
    return [torch.empty_like(act) for act in acts]


def lent(acts: Sequence[Tensor], outputs: int) -> list[Tensor]:
    """The same where outputs may be overwritten on the way back: mostly where the next layer's outputs were,
    which nobody asks for any more.

    The last layer has none after it: it has new memory. Where the network has a single output, it can do
    with the place of its own outputs, and the layer before has new memory, since a product cannot be written
    over its factors. So has any layer that is not as wide as the next one.
    """
    lenders = [*acts[1:-1], None, acts[-1]] if outputs == 1 else [*acts[1:], None]
    pairs = zip(acts, lenders[-len(acts) :], strict=True)
    return [
        torch.empty_like(act) if lender is None or lender.shape != act.shape else lender
        for act, lender in pairs
    ]


class Tape:
    """A way forward and back through some of the perceptrons with the parameters ``flat`` [replicas,
    parameters], which must stay in their place in memory. Gradients are written to ``into``, of the same
    shape.
    """

    def __init__(self, network: MLP, flat: Tensor, into: Tensor, rooms: Rooms, group: slice) -> None:
        self._group = None if len(into[group]) == len(into) else group
        flat, into = flat[group], into[group]
        self.network, self.rooms, self._rows, self._into = network, rooms, rooms.rows, into
        layers = network.layers(network.split(flat))
        self._weights, self._biases = [layer.weight for layer in layers], [layer.bias for layer in layers]
        self._turned = [weight.transpose(1, 2) for weight in self._weights]
        # Layers' parts of one replica lie in one piece; those of many are brought together at the end.
        pieces = network.split(into)
        self._pieces = pieces if len(into) == 1 else [piece.new_empty(piece.shape) for piece in pieces]
        self._forward, self._back = [*self._forward_calls()], [*self._back_calls()]
        self._push, self._finish = [*self._push_calls()], [*self._finish_calls()]

    def of(self, tensor: Tensor) -> Tensor:
        """The rows of these replicas."""
        return tensor if self._group is None else tensor[self._group]

    def forward(self) -> None:
        """Fill ``outputs``, given ``inputs``."""
        for call in self._forward:
            call()

    def back(self) -> None:
        """Take ``seeds`` back to the first layer."""
        for call in self._back:
            call()

    def by_input(self) -> Tensor:
        """The derivative by the points [replicas, inputs, rows], after the way back."""
        if self._weights[0].shape[1] == 1:
            return product(self.rooms.by_points, self._turned[0]).transpose(1, 2)
        return torch.bmm(self._weights[0], self.rooms.by_points_turned)

    def push(self) -> None:
        """Take forward what has been put in the place of the points, without biases, masked as those were;
        only where ``Rows`` says that they are pushed.
        """
        for call in self._push:
            call()

    def finish(self) -> None:
        """Bring the gradient together, after the way back, and the push where there is one."""
        for call in self._finish:
            call()

    def _forward_calls(self) -> Iterator[Call]:
        rooms = self.rooms
        for index, act in enumerate(rooms.acts[1:]):
            yield ready_product(rooms.acts[index], self._weights[index], act)
            # Not before the product, which would take half as long again if it is wide.
            yield partial(torch.add, act, self._biases[index], out=act)
            yield partial(self.network.activate, act)
        yield partial(rooms.last_weight.copy_, self._weights[-1])
        yield partial(torch.bmm, rooms.last, rooms.acts_turned[-1], out=rooms.every_output)
        yield partial(rooms.outputs.add_, self._biases[-1].transpose(1, 2))

    def _back_calls(self) -> Iterator[Call]:
        """Layers' gradients are summed on the way, while a core's cache holds what they are made of; not
        where points are to be pushed first, or nothing has a share in them.
        """
        rooms, summing = self.rooms, self._rows.points and not self._rows.are_pushed
        yield from self._last_sums() if summing else ()
        yield from self._last_back()
        for index in reversed(range(len(rooms.deltas))):
            yield from self._sums(index) if summing else ()
            if index:
                delta, before = rooms.deltas[index], rooms.deltas[index - 1]
                yield ready_product(delta, self._turned[index], before)
                yield self._mask(before, rooms.acts[index], before)

    def _last_back(self) -> Iterator[Call]:
        """To the last hidden layer's linear outputs."""
        rooms, delta, act = self.rooms, self.rooms.deltas[-1], self.rooms.acts[-1]
        if rooms.seeds.shape[1] == 1:
            yield self._mask(rooms.last[:, :1].expand_as(act), act, delta)
            yield partial(delta.mul_, rooms.seeds.transpose(1, 2))
        else:
            yield partial(torch.bmm, rooms.every_seed_turned, rooms.last, out=delta)
            yield self._mask(delta, act, delta)

    def _push_calls(self) -> Iterator[Call]:
        if not self._rows.are_pushed:
            return
        rooms = self.rooms
        for index, act in enumerate(rooms.points[1:]):
            ahead = rooms.ahead[index]
            yield ready_product(rooms.points[index], self._weights[index], ahead)
            yield self._mask(ahead, act, act)
        for index in range(len(rooms.deltas)):
            yield from self._sums(index)
        yield from self._last_sums()

    def _sums(self, index: int) -> Iterator[Call]:
        """Sums of products of inputs and derivatives over rows: the gradient by a layer's parameters. Points
        have no part in that of the biases.

        A Wasserstein loss has no derivative by the bias of a unit that all rows pass: what real rows add,
        fake ones take away. They do so to the last bit where each part is summed by itself, as autograd
        does; otherwise a rounding is left, of which RMSProp makes a step.
        """
        rooms, by_part = self.rooms, self.rooms.by_part[index]
        yield ready_correlation(rooms.acts_turned[index], rooms.deltas[index], self._pieces[2 * index])
        yield partial(torch.sum, rooms.biased[index], 2, out=by_part)
        yield partial(torch.sum, by_part, 1, keepdim=True, out=self._pieces[2 * index + 1])

    def _last_sums(self) -> Iterator[Call]:
        """The last layer's."""
        rooms = self.rooms
        yield partial(torch.bmm, rooms.every_seed, rooms.acts[-1], out=rooms.by_last)
        yield partial(self._pieces[-2].copy_, rooms.by_last_weight)
        yield partial(torch.sum, rooms.biased_seeds, 3, out=rooms.last_by_part)
        yield partial(torch.sum, rooms.last_by_part, 2, out=self._pieces[-1][:, 0])

    def _finish_calls(self) -> Iterator[Call]:
        if len(self._into) > 1:
            yield partial(torch.cat, [piece.flatten(1) for piece in self._pieces], dim=1, out=self._into)

    def _mask(self, gradient: Tensor, act: Tensor, into: Tensor) -> Call:
        """A derivative by an activation's output taken to its input, given that output."""
        aten = torch.ops.aten
        if self.network.activation == "relu":
            return partial(aten.threshold_backward.grad_input, gradient, act, 0, grad_input=into)
        return partial(aten.leaky_relu_backward.grad_input, gradient, act, LEAK, True, grad_input=into)


class Tapes(NamedTuple):
    """Tapes of some replicas each, one after the other, and the gradient [replicas, parameters] that they
    write, which the next ones overwrite.
    """

    gradient: Tensor
    each: list[Tape]


@lru_cache(maxsize=4)
def tapes_of(network: MLP, flat: Tensor, rows: Rows, *beside: tuple[MLP, int]) -> Tapes:
    """The tapes of perceptrons with these parameters: with this tensor, that is, not with its values.

    Each is of some replicas; those of equally many use the same memory in turn. ``beside`` are networks
    that work on the same replicas in turn with it, and how many rows pass through each.
    """
    gradient = torch.empty_like(flat)
    count = -(-len(flat) // at_once(flat, (network, rows.all), *beside))
    ends = [len(flat) * index // count for index in range(count + 1)]
    groups = [slice(*pair) for pair in itertools.pairwise(ends)]
    rooms = {len(flat[group]): Rooms(network, flat[group], rows) for group in groups}
    return Tapes(gradient, [Tape(network, flat, gradient, rooms[len(flat[g])], g) for g in groups])


def at_once(flat: Tensor, *passes: tuple[MLP, int]) -> int:
    """How many replicas are worked on together, given their networks and how many rows pass through each: on
    a core as many as its caches hold, on a device, which wants much to do at once, all.
    """
    if flat.device.type != "cpu":
        return len(flat)
    numbers = max(rows * sum(network.sizes[1:-1]) + network.parameters for network, rows in passes)
    return max(1, min(len(flat), CACHED // numbers))
