"""A constraint's term against its closed form, and the weights that one may speak of."""

import pytest
import torch

from suite.networks.image import ImageNetwork
from suite.networks.mlp import MLP
from suite.objectives.constraint import Constraint, Seen, matrices, with_penalty
from suite.objectives.gradient import CriticGradient
from suite.spec import schema

NETWORK = MLP((2, 3, 1), "tanh", "none")
FLAT = torch.linspace(-1, 2, 2 * NETWORK.parameters, dtype=torch.float64).view(2, -1)
SEEN = Seen(*(torch.full((2, 4, 2), value, dtype=torch.float64) for value in (1.0, 2.0, 0.5, 0.0)))
BEFORE = CriticGradient(FLAT.cos(), torch.tensor([3.0, 4.0]).double(), torch.tensor([5.0, 6.0]).double())


class Decay(Constraint):
    """Half the square of the weights, biases apart, times the mean of what is real."""

    def penalty(self, critic, tensors, seen):
        squares = sum(weight.square().sum((1, 2)) for weight in matrices(critic, tensors))
        return seen.real.mean() * squares / 2


def test_half_the_square_of_the_weights_adds_the_weights() -> None:
    """The biases, three and one, have no part in the term, and so a derivative of zero."""
    found = with_penalty("a/b", Decay(), NETWORK, FLAT, SEEN, BEFORE)
    weights = FLAT.clone()
    weights[:, 6:9] = 0
    weights[:, 12:] = 0
    torch.testing.assert_close(found.flat, BEFORE.flat + weights)
    torch.testing.assert_close(found.losses, BEFORE.losses + weights.square().sum(1, keepdim=True) / 2)
    assert found.estimates is BEFORE.estimates
    assert not found.losses.requires_grad


def test_a_constraint_without_a_term_changes_nothing() -> None:
    assert with_penalty("a/b", Constraint(), NETWORK, FLAT, SEEN, BEFORE) is BEFORE
    flat = FLAT.clone()
    Constraint().project(NETWORK, flat)
    assert torch.equal(flat, FLAT)


def test_weights_of_a_convolutional_critic_are_its_matrices() -> None:
    """Of three layers, the second of which has a gain and a shift; a kernel has 4 x 4 places."""
    network = ImageNetwork.of_critic(schema.DCGANCritic(width=2, normalization="layer"), (16, 16, 1))
    found = matrices(network, network.split(torch.zeros(3, network.parameters)))
    assert [tuple(each.shape) for each in found] == [(3, 16, 2), (3, 2 * 16, 4), (3, 4 * 16, 1)]


def test_weights_of_another_network_are_not_known() -> None:
    with pytest.raises(TypeError, match="the weights of a Strange are not known"):
        matrices(type("Strange", (), {})(), [])  # type: ignore[arg-type]
