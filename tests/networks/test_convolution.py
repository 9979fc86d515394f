"""Convolutions of many replicas against torch's, in value and in derivatives."""

import pytest
import torch
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from suite.networks.blocks import padding
from suite.networks.convolution import convolve, deconvolve
from suite.networks.grouped import grouped, grouped_transpose

REPLICAS, BATCH, INPUTS, OUTPUTS = 3, 2, 3, 4
CONVOLUTIONS = [(4, 2), (5, 2), (3, 2), (1, 2), (5, 1), (3, 1), (1, 1)]
"""Kernel and stride."""
PRECISION = {torch.float32: 1e-5, torch.float64: 1e-12}


def draw(*shape: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)


def theirs(x, weight, bias, kernel: int, stride: int) -> torch.Tensor:
    """torch's convolution of each replica by itself."""
    before, after = padding(kernel, stride)
    made = []
    for one, filters, added in zip(x, weight, bias, strict=True):
        padded = functional.pad(one.permute(0, 3, 1, 2), (before, after, before, after))
        kernels = filters.view(kernel, kernel, INPUTS, OUTPUTS).permute(3, 2, 0, 1)
        made.append(functional.conv2d(padded, kernels, added[0], stride).permute(0, 2, 3, 1))
    return torch.stack(made)


def theirs_transposed(x, weight, bias, kernel: int) -> torch.Tensor:
    """torch's transposed convolution of each replica by itself."""
    side = 2 * x.shape[2]
    made = []
    for one, filters, added in zip(x, weight, bias, strict=True):
        kernels = filters.view(INPUTS, kernel, kernel, OUTPUTS).permute(0, 3, 1, 2)
        before = padding(kernel, 2)[0]
        whole = functional.conv_transpose2d(one.permute(0, 3, 1, 2), kernels, added[0], 2, before)
        made.append(whole[:, :, :side, :side].permute(0, 2, 3, 1))
    return torch.stack(made)


def assert_same(found, expected, inputs, tolerance: float) -> None:
    torch.testing.assert_close(found, expected, rtol=tolerance, atol=10 * tolerance)
    upstream = draw(*found.shape, dtype=found.dtype)
    pairs = zip(
        torch.autograd.grad(found, inputs, upstream),
        torch.autograd.grad(expected, inputs, upstream),
        strict=True,
    )
    for one, other in pairs:
        torch.testing.assert_close(one, other, rtol=tolerance, atol=30 * tolerance)


@pytest.mark.parametrize("dtype", PRECISION)
@pytest.mark.parametrize(("kernel", "stride"), CONVOLUTIONS)
def test_convolution_is_torchs(kernel: int, stride: int, dtype: torch.dtype) -> None:
    x = draw(REPLICAS, BATCH, 8, 8, INPUTS, dtype=dtype).requires_grad_()
    weight = draw(REPLICAS, kernel**2 * INPUTS, OUTPUTS, dtype=dtype).requires_grad_()
    bias = draw(REPLICAS, 1, OUTPUTS, dtype=dtype).requires_grad_()
    found = convolve(x, weight, bias, kernel, stride)
    assert found.shape == (REPLICAS, BATCH, 8 // stride, 8 // stride, OUTPUTS)
    assert_same(found, theirs(x, weight, bias, kernel, stride), [x, weight, bias], PRECISION[dtype])


@pytest.mark.parametrize("dtype", PRECISION)
@pytest.mark.parametrize("kernel", [3, 4, 5])
def test_transposed_convolution_is_torchs(kernel: int, dtype: torch.dtype) -> None:
    x = draw(REPLICAS, BATCH, 4, 4, INPUTS, dtype=dtype).requires_grad_()
    weight = draw(REPLICAS, INPUTS, kernel**2 * OUTPUTS, dtype=dtype).requires_grad_()
    bias = draw(REPLICAS, 1, OUTPUTS, dtype=dtype).requires_grad_()
    found = deconvolve(x, weight, bias, kernel)
    assert found.shape == (REPLICAS, BATCH, 8, 8, OUTPUTS)
    assert_same(found, theirs_transposed(x, weight, bias, kernel), [x, weight, bias], PRECISION[dtype])


@pytest.mark.parametrize(("kernel", "stride"), CONVOLUTIONS)
def test_the_way_of_graphics_cards_is_the_same(kernel: int, stride: int) -> None:
    x, bias = draw(REPLICAS, BATCH, 8, 8, INPUTS).requires_grad_(), draw(REPLICAS, 1, OUTPUTS)
    weight = draw(REPLICAS, kernel**2 * INPUTS, OUTPUTS).requires_grad_()
    found = grouped(x, weight.view(REPLICAS, kernel, kernel, INPUTS, OUTPUTS), bias, stride)
    assert_same(found, convolve(x, weight, bias, kernel, stride), [x, weight], 1e-12)


@pytest.mark.parametrize("kernel", [3, 4, 5])
def test_the_transposed_way_of_graphics_cards_is_the_same(kernel: int) -> None:
    x, bias = draw(REPLICAS, BATCH, 4, 4, INPUTS).requires_grad_(), draw(REPLICAS, 1, OUTPUTS)
    weight = draw(REPLICAS, INPUTS, kernel**2 * OUTPUTS).requires_grad_()
    found = grouped_transpose(x, weight.view(REPLICAS, INPUTS, kernel, kernel, OUTPUTS), bias)
    assert_same(found, deconvolve(x, weight, bias, kernel), [x, weight], 1e-12)


@pytest.mark.parametrize(("kernel", "stride"), [(4, 2), (5, 2), (3, 1), (1, 1)])
def test_second_derivatives_of_graphics_cards(kernel: int, stride: int) -> None:
    x, bias = draw(2, 1, 4, 4, 2).requires_grad_(), draw(2, 1, 1).requires_grad_()
    weight = draw(2, kernel, kernel, 2, 1).requires_grad_()
    assert torch.autograd.gradgradcheck(lambda *t: grouped(*t, stride), (x, weight, bias))
    if kernel > 1:
        columns = draw(2, 2, kernel, kernel, 1).requires_grad_()
        assert torch.autograd.gradgradcheck(grouped_transpose, (x, columns, bias))


class Calls(TorchDispatchMode):
    """How many convolutions torch is asked for."""

    count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count += "convolution" in func.name()
        return func(*args, **(kwargs or {}))


def penalised(replicas: int, dtype: torch.dtype = torch.float32) -> list[torch.Tensor]:
    """Gradients of the size of an input gradient, by two layers' weights."""
    x = draw(replicas, 3, 8, 8, 1, dtype=torch.float32).requires_grad_()
    weights = [draw(replicas, 4, 4, i, o, dtype=torch.float32).requires_grad_() for i, o in ((1, 5), (5, 1))]
    made = grouped(grouped(x, weights[0], None, 2).tanh(), weights[1], None, 2)
    assert made.dtype == dtype
    (slope,) = torch.autograd.grad(made.sum(), x, create_graph=True)
    return list(torch.autograd.grad(slope.square().sum(), weights))


def test_a_penalty_asks_for_no_more_convolutions_where_there_are_more_replicas() -> None:
    counts = []
    for replicas in (1, 5):
        with Calls() as calls:
            penalised(replicas)
        counts.append(calls.count)
    assert counts[0] == counts[1] > 0


def test_graphics_cards_convolve_in_the_precision_that_is_asked_for() -> None:
    with torch.autocast("cpu", torch.bfloat16):
        found = penalised(2, torch.bfloat16)
    assert all(each.dtype == torch.float32 and each.isfinite().all() for each in found)


@pytest.mark.parametrize(("kernel", "stride"), [(4, 2), (5, 2), (3, 1)])
def test_second_derivatives(kernel: int, stride: int) -> None:
    x = draw(2, 1, 4, 4, 2).requires_grad_()
    weight, bias = draw(2, kernel**2 * 2, 1).requires_grad_(), draw(2, 1, 1).requires_grad_()
    assert torch.autograd.gradgradcheck(lambda *t: convolve(*t, kernel, stride), (x, weight, bias))
    small, columns = draw(2, 1, 2, 2, 2).requires_grad_(), draw(2, 2, kernel**2).requires_grad_()
    assert torch.autograd.gradgradcheck(lambda *t: deconvolve(*t, kernel), (small, columns, bias))


@pytest.mark.parametrize("kernel", [4, 5])
def test_a_replica_does_not_depend_on_its_companions(kernel: int) -> None:
    x, weight = draw(5, 7, 8, 8, 3, dtype=torch.float32), draw(5, kernel**2 * 3, 6, dtype=torch.float32)
    together = convolve(x, weight, None, kernel, 2)
    for order in ([3], [4, 3, 0]):
        assert torch.equal(convolve(x[order], weight[order], None, kernel, 2), together[order])
    x[1] = torch.nan
    spoilt = convolve(x, weight, None, kernel, 2)
    assert spoilt[1].isnan().all()
    assert torch.equal(spoilt[2:], together[2:])
    assert torch.equal(spoilt[0], together[0])
