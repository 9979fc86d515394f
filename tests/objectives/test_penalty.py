"""The gradient penalty against closed forms."""

import pytest
import torch

from suite.objectives.penalty import ONE_SIDED, TWO_SIDED, interpolate, norms, penalty, penalty_slope


def column(*values: float) -> torch.Tensor:
    return torch.tensor(values).unsqueeze(1)


def slope_of(
    gradient: torch.Tensor, weight: torch.Tensor, floor: torch.Tensor | None, *centre: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """The penalty [replicas], and its derivative by the gradients [replicas, batch, dimension]."""
    turned = gradient.transpose(1, 2)
    into = torch.empty_like(turned)
    return penalty_slope(turned, weight, floor, into, *centre).mean(1), into.transpose(1, 2)


def test_a_linear_critics_penalty_is_known() -> None:
    """D(x) = 3 x1 + 4 x2 has gradient norm 5 everywhere: 10 (5 - 1)^2 = 160."""
    gradient = torch.tensor([3.0, 4.0]).expand(1, 7, 2)
    assert penalty(norms(gradient), column(10.0), column(TWO_SIDED)).item() == pytest.approx(160)


def test_sides_differ_below_norm_one_only() -> None:
    norm = torch.tensor([[0.5, 2.0]])
    assert penalty(norm, column(1.0), column(TWO_SIDED)).item() == pytest.approx((0.25 + 1) / 2)
    assert penalty(norm, column(1.0), column(ONE_SIDED)).item() == pytest.approx(0.5)


def test_each_replica_has_its_own_weight() -> None:
    norm = torch.full((3, 4), 2.0)
    weights = column(0.0, 1.0, 10.0)
    assert penalty(norm, weights, column(*[TWO_SIDED] * 3)).tolist() == pytest.approx([0, 1, 10])


def test_norm_runs_over_the_coordinates_of_each_sample() -> None:
    gradient = torch.zeros(2, 3, 2)
    gradient[1, 2] = torch.tensor([3.0, 4.0])
    expected = torch.zeros(2, 3)
    expected[1, 2] = 5
    torch.testing.assert_close(norms(gradient), expected)


def test_norm_of_a_dead_critic_has_gradient_zero() -> None:
    gradient = torch.zeros(1, 3, 2, requires_grad=True)
    norms(gradient).sum().backward()
    assert torch.equal(gradient.grad, torch.zeros(1, 3, 2))


@pytest.mark.parametrize("centre", [(), (0.0,), (0.5,)])
def test_the_slope_is_the_penaltys_derivative(centre: tuple[float, ...]) -> None:
    """Around 1 where no centre is given; of a gradient of zero it is zero."""
    gradient = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0)).double()
    gradient[0, 0] = 0
    gradient.requires_grad_()
    expected = penalty(norms(gradient), column(10.0, 0.1), column(TWO_SIDED, ONE_SIDED), *centre)
    (derivative,) = torch.autograd.grad(expected.sum(), gradient)
    found, slope = slope_of(gradient.detach(), column(10.0, 0.1), column(TWO_SIDED, ONE_SIDED), *centre)
    torch.testing.assert_close((found, slope), (expected.detach(), derivative))
    around = centre[0] if centre else 1.0
    by_hand = (norms(gradient[0].detach()) - around).square().mean() * 10
    torch.testing.assert_close(found[0], by_hand)


def test_without_a_floor_no_replica_is_one_sided() -> None:
    gradient = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0))
    weights, floors = column(10.0, 0.1), column(TWO_SIDED, TWO_SIDED)
    assert torch.equal(penalty(norms(gradient), weights, None), penalty(norms(gradient), weights, floors))
    assert all(map(torch.equal, slope_of(gradient, weights, None), slope_of(gradient, weights, floors)))


@pytest.mark.parametrize(("size", "slope"), [(1e-9, -10.0), (1e-25, 0.0)])
def test_next_to_zero_both_ways_have_the_same_slope(size: float, slope: float) -> None:
    """2 * (norm - 1) along the gradient; none where the square of the gradient is no float32 any more."""
    gradient = torch.tensor([[[size, 0.0]]], requires_grad=True)
    total = penalty(norms(gradient), column(5.0), column(TWO_SIDED))
    (derivative,) = torch.autograd.grad(total.sum(), gradient)
    found = slope_of(gradient.detach(), column(5.0), column(TWO_SIDED))[1]
    expected = torch.tensor([[[slope, 0.0]]])
    torch.testing.assert_close(derivative, expected)
    torch.testing.assert_close(found, expected)


def test_norm_of_nan_is_nan() -> None:
    assert torch.isnan(norms(torch.full((1, 1, 2), float("nan")))).all()


def test_interpolates_lie_between() -> None:
    real, fake = torch.ones(1, 2, 2), torch.zeros(1, 2, 2)
    share = torch.tensor([[[0.0], [0.25]]])
    assert interpolate(real, fake, share)[0].tolist() == [[0.0, 0.0], [0.25, 0.25]]
    # From 1 to 3, and of the one that is real.
    assert interpolate(2 * real + 1, fake + 1, share)[0].tolist() == [[1.0, 1.0], [1.5, 1.5]]
