"""Convolutions of many replicas against torch's, in value and in derivatives."""

import pytest
import torch
from torch.nn import functional

from suite.networks.blocks import padding
from suite.networks.convolution import convolve, deconvolve, grouped, grouped_transpose

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
