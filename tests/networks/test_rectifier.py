"""ReLU and LeakyReLU against torch's, and what their second derivative costs."""

import pytest
import torch

from suite.networks.rectifier import rectify

THEIRS = {0.0: torch.relu, 0.2: lambda x: torch.nn.functional.leaky_relu(x, 0.2)}


@pytest.mark.parametrize("slope", THEIRS)
def test_values_and_derivatives_are_torchs(slope: float) -> None:
    x = torch.tensor([-2.0, -0.5, 0.0, 0.5, 2.0], requires_grad=True)
    upstream = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0], requires_grad=True)
    found, expected = rectify(x, slope), THEIRS[slope](x)
    assert torch.equal(found, expected)
    first = [torch.autograd.grad(y, x, upstream, create_graph=True)[0] for y in (found, expected)]
    assert torch.equal(*first)
    second = [torch.autograd.grad(one.square().sum(), upstream)[0] for one in first]
    assert torch.equal(*second)


@pytest.mark.parametrize("slope", THEIRS)
def test_the_gradient_does_not_depend_on_the_input(slope: float) -> None:
    x = torch.tensor([-1.0, 1.0], requires_grad=True)
    upstream = torch.ones(2, requires_grad=True)
    (gradient,) = torch.autograd.grad(rectify(x, slope), x, upstream, create_graph=True)
    assert torch.autograd.grad(gradient.sum(), x, allow_unused=True) == (None,)


def test_what_is_not_a_number_stays_so() -> None:
    assert rectify(torch.tensor([torch.nan]), 0.2).isnan().all()
