"""Losses against closed forms and PyTorch's own."""

import math

import pytest
import torch
from torch.nn import functional

from suite.objectives.losses import LANES, critic_loss, critic_slopes, generator_loss, sigmoid, softplus

REAL = torch.tensor([[0.5, -1.0, 2.0]], dtype=torch.float64)
FAKE = torch.tensor([[-0.5, 1.5, 0.0]], dtype=torch.float64)
NAMES = ["wasserstein", "least_squares", "minimax", "non_saturating", "hinge"]


def test_wasserstein_critic_raises_real_and_lowers_fake() -> None:
    assert critic_loss("wasserstein", REAL, FAKE).item() == pytest.approx(1 / 3 - 0.5)
    assert generator_loss("wasserstein", FAKE).item() == pytest.approx(-1 / 3)


def test_hinge_counts_what_is_inside_the_margin() -> None:
    """Of 0.5, -1 and 2: 0.5 + 2 + 0; of -0.5, 1.5 and 0: 0.5 + 2.5 + 1. The generator's is linear."""
    assert critic_loss("hinge", REAL, FAKE).item() == pytest.approx(2.5 / 3 + 4 / 3)
    assert generator_loss("hinge", FAKE).item() == pytest.approx(-1 / 3)
    beyond = torch.tensor([[1.5, 1.0, 9.0]], dtype=torch.float64)
    assert critic_loss("hinge", beyond, -beyond).item() == 0


def test_least_squares_has_targets_one_and_zero() -> None:
    real, fake = torch.tensor([[1.0, 1.0]]), torch.tensor([[0.0, 0.0]])
    assert critic_loss("least_squares", real, fake).item() == 0
    assert generator_loss("least_squares", real).item() == 0
    assert generator_loss("least_squares", fake).item() == 0.5


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
def test_discriminator_loss_is_binary_cross_entropy(name: str) -> None:
    expected = functional.binary_cross_entropy_with_logits(
        REAL, torch.ones_like(REAL)
    ) + functional.binary_cross_entropy_with_logits(FAKE, torch.zeros_like(FAKE))
    torch.testing.assert_close(critic_loss(name, REAL, FAKE)[0], expected)


def test_generator_losses_are_those_of_the_papers() -> None:
    probability = torch.sigmoid(FAKE)
    torch.testing.assert_close(generator_loss("minimax", FAKE), torch.log(1 - probability).mean(1))
    torch.testing.assert_close(generator_loss("non_saturating", FAKE), -torch.log(probability).mean(1))


def test_an_undecided_discriminator_has_loss_2_log_2() -> None:
    zero = torch.zeros(1, 5, dtype=torch.float64)
    assert critic_loss("minimax", zero, zero).item() == pytest.approx(2 * math.log(2))


@pytest.mark.parametrize("name", NAMES)
def test_generators_are_pushed_the_way_scores_rise(name: str) -> None:
    """Following its gradient, every generator must raise the critic's scores: a sign test."""
    scores = FAKE.clone().requires_grad_()
    generator_loss(name, scores).sum().backward()
    if name == "least_squares":
        below = scores.detach() < 1
        assert (scores.grad[below] < 0).all()
    else:
        assert (scores.grad < 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_critic_slopes_are_autograds(name: str) -> None:
    real, fake = REAL.clone().requires_grad_(), FAKE.clone().requires_grad_()
    critic_loss(name, real, fake).sum().backward()
    by_real, by_fake = (
        torch.as_tensor(each, dtype=REAL.dtype).expand_as(REAL) for each in critic_slopes(name, REAL, FAKE)
    )
    torch.testing.assert_close((by_real, by_fake), (real.grad, fake.grad))


@pytest.mark.parametrize("count", [1, LANES - 1, LANES, LANES + 1])
def test_padded_softplus_is_softplus(count: int) -> None:
    x = torch.linspace(-5, 5, 2 * count).reshape(2, count)
    torch.testing.assert_close(softplus(x), functional.softplus(x))


@pytest.mark.parametrize("function", [softplus, sigmoid])
@pytest.mark.parametrize("count", [1, 13, 63, 64, 65, 128, 130])
def test_a_replica_has_the_same_bits_in_any_company(function, count: int) -> None:
    x = 8 * torch.randn(37, count, generator=torch.Generator().manual_seed(count))
    together = function(x)
    assert all(torch.equal(function(x[[i]])[0], together[i]) for i in range(37))
