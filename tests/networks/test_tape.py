"""Memory of the way back through a perceptron."""

import itertools

import pytest
import torch

from suite.networks.mlp import MLP
from suite.networks.tape import Rooms, Rows


def rooms(hidden: tuple[int, ...], outputs: int, are_pushed: bool) -> Rooms:
    network = MLP((2, *hidden, outputs), "relu", "none")
    return Rooms(network, torch.zeros(3, network.parameters), Rows(4, 3, 2, are_pushed))


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("hidden", [(5,), (5, 5), (5, 5, 5, 5), (5, 5, 7), (5, 7, 7), (7, 5, 7)])
def test_a_derivative_is_not_written_over_what_it_is_made_of(hidden: tuple[int, ...], outputs: int) -> None:
    made = rooms(hidden, outputs, are_pushed=False)
    places = [delta.data_ptr() for delta in made.deltas]
    assert all(after != before for after, before in itertools.pairwise(places))
    for index, place in enumerate(places):
        # The masks and the factors of sums that are still to come; the last layer's may be its own.
        needed = made.acts[: index + (1 if outputs == 1 and index == len(hidden) - 1 else 2)]
        assert place not in [act.data_ptr() for act in needed]


def test_little_memory_is_asked_for_where_outputs_can_be_overwritten() -> None:
    made = rooms((5,) * 9, 1, are_pushed=False)
    outputs = {act.data_ptr() for act in made.acts}
    assert len({delta.data_ptr() for delta in made.deltas} - outputs) == 1


def test_outputs_stay_where_points_are_pushed() -> None:
    made = rooms((5, 5, 5), 1, are_pushed=True)
    assert not {act.data_ptr() for act in made.acts} & {delta.data_ptr() for delta in made.deltas}
