"""Tiles of pictures and their weights: transposes of each other, and the same convolution for any width."""

from dataclasses import replace

import pytest
import torch

from suite.networks.tiles import WIDE, Tiles, band, fold, unfold

REPLICAS, BATCH, INPUTS, OUTPUTS = 3, 2, 3, 4
CONVOLUTIONS = [(4, 2, False), (5, 2, False), (3, 2, False), (1, 2, False)]
CONVOLUTIONS += [(kernel, 1, line) for kernel in (5, 3, 1) for line in (False, True)]
"""Kernel, stride, and whether along a line."""
WIDTH = 8


def draw(*shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def all_tiles() -> list[Tiles]:
    return [
        Tiles(kernel, stride, places, line)
        for kernel, stride, line in CONVOLUTIONS
        for places in (1, 2, 4, 8)
        if places <= WIDTH // stride
    ]


@pytest.mark.parametrize("tiles", all_tiles(), ids=str)
def test_fold_is_the_transpose_of_unfold(tiles: Tiles) -> None:
    shape = (REPLICAS, BATCH, 4, WIDTH, INPUTS)
    x = draw(*shape)
    cut = unfold(x, tiles)
    assert cut.shape[2] == tiles.rows * tiles.columns * INPUTS
    assert cut.shape[1] * tiles.places == BATCH * 4 * WIDTH // tiles.stride**2
    others = draw(*cut.shape)
    expected = float((x * fold(others, tiles, shape)).sum())
    assert float((cut * others).sum()) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("tiles", all_tiles(), ids=str)
def test_a_wide_tile_is_the_same_convolution_as_a_narrow_one(tiles: Tiles) -> None:
    x = draw(REPLICAS, BATCH, 4, WIDTH, INPUTS)
    weight = draw(REPLICAS, tiles.rows * tiles.kernel * INPUTS, OUTPUTS)
    narrow = torch.bmm(unfold(x, replace(tiles, places=1)), weight)
    wide = torch.bmm(unfold(x, tiles), band(weight, tiles)).view_as(narrow)
    torch.testing.assert_close(wide, narrow, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("tiles", all_tiles(), ids=str)
def test_all_derivatives_are_right(tiles: Tiles) -> None:
    x = draw(1, 1, 2, WIDTH, 1).requires_grad_()
    weight = draw(1, tiles.rows * tiles.kernel, 2).requires_grad_()
    for linear, argument in ((unfold, x), (band, weight)):
        made = lambda t, linear=linear: linear(t, tiles)  # noqa: E731
        assert torch.autograd.gradcheck(made, argument)
        assert torch.autograd.gradgradcheck(made, argument)


def test_a_tile_is_wide_enough_for_a_fast_product_and_no_wider() -> None:
    assert Tiles.of(4, 2, 8, 8) == Tiles(4, 2, 8)
    assert Tiles.of(4, 2, 8, 16) == Tiles(4, 2, 4)
    assert Tiles.of(3, 1, 6, 20) == Tiles(3, 1, 3)
    assert Tiles.of(3, 1, 16, WIDE + 1) == Tiles(3, 1, 1)
    assert Tiles.of(1, 1, 16, 1) == Tiles(1, 1, 1)
    assert Tiles.of(5, 1, 12, 32, line=True) == Tiles(5, 1, 2, line=True)
