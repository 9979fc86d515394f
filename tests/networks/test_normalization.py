"""Normalisation against torch's own, with its first and second derivatives."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from suite.networks.network import whole
from suite.networks.normalization import normalize

SHAPE = (2, 5, 4, 3, 6)
BATCH, LAYER = (1, 2, 3), (2, 3, 4)


def drawn(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


def separate(mean: Tensor) -> Tensor:
    """A share that is the whole, but not known to be: the way without a written derivative."""
    return mean


def test_over_a_batch_it_is_torchs_batch_normalisation() -> None:
    x, gain, shift = drawn(*SHAPE), drawn(2, 1, 1, 1, 6), drawn(2, 1, 1, 1, 6)
    expected = [
        functional.batch_norm(one.movedim(-1, 1), None, None, g.flatten(), s.flatten(), training=True)
        for one, g, s in zip(x, gain, shift, strict=True)
    ]
    torch.testing.assert_close(normalize(x, gain, shift, BATCH), torch.stack(expected).movedim(2, -1))


def test_over_a_picture_it_is_torchs_layer_normalisation() -> None:
    x, gain, shift = drawn(*SHAPE), drawn(2, 1, 1, 1, 6), drawn(2, 1, 1, 1, 6)
    expected = functional.layer_norm(x, SHAPE[2:]) * gain + shift
    torch.testing.assert_close(normalize(x, gain, shift, LAYER), expected)


@pytest.mark.parametrize(
    ("x", "gain", "over"),
    [
        pytest.param(SHAPE, (2, 1, 1, 1, 6), BATCH, id="batch"),
        pytest.param(SHAPE, (2, 5, 1, 1, 6), BATCH, id="batch, a gain for each sample"),
        pytest.param(SHAPE, (2, 1, 1, 1, 6), LAYER, id="layer"),
        pytest.param((3, 7, 4), (3, 1, 4), (1,), id="batch of vectors"),
        pytest.param((3, 7, 4), (3, 1, 4), (2,), id="layer of a vector"),
    ],
)
def test_its_derivatives_are_autograds(
    x: tuple[int, ...], gain: tuple[int, ...], over: tuple[int, ...]
) -> None:
    given = [drawn(*shape).requires_grad_() for shape in (x, gain, gain)]
    towards, further = drawn(*x), drawn(*x)
    for_each = []
    for share in (whole, separate):
        first = torch.autograd.grad(
            (normalize(*given, over, share) * towards).sum(), given, create_graph=True
        )
        second = torch.autograd.grad((first[0] * further).sum() + first[1].square().sum(), given[:2])
        for_each.append([*first, *second])
    for written, expected in zip(*for_each, strict=True):
        torch.testing.assert_close(written, expected, rtol=1e-10, atol=1e-10)


def test_its_derivative_is_the_quotient_of_differences() -> None:
    given = [drawn(*shape).requires_grad_() for shape in ((2, 4, 3), (2, 1, 3), (2, 1, 3))]
    assert torch.autograd.gradcheck(lambda *each: normalize(*each, (1,)), given)
    assert torch.autograd.gradgradcheck(lambda *each: normalize(*each, (1,)), given)
