"""What blocks count, against numbers worked out by hand."""

import pytest

from suite.networks import blocks
from suite.networks.blocks import Conv, Deconv, Dense, Heads, Norm, Parameter, Residual


@pytest.mark.parametrize(
    ("kernel", "stride", "expected"),
    [(4, 2, (1, 1)), (5, 2, (1, 2)), (3, 2, (0, 1)), (3, 1, (1, 1)), (1, 1, (0, 0)), (1, 2, (0, 0))],
)
def test_padding_is_tensorflows(kernel: int, stride: int, expected: tuple[int, int]) -> None:
    assert blocks.padding(kernel, stride) == expected


@pytest.mark.parametrize(
    ("block", "parameters", "operations"),
    [
        (Dense(3, 5), 3 * 5 + 5, 2 * 3 * 5),
        (Dense(3, 5, bias=False), 15, 30),
        (Conv(3, 5, 4, 8, 2), 3 * 5 * 16 + 5, 2 * 3 * 5 * 16 * 4 * 4),
        (Conv(3, 5, 3, 8), 3 * 5 * 9 + 5, 2 * 3 * 5 * 9 * 8 * 8),
        (Deconv(3, 5, 4, 8, bias=False), 3 * 5 * 16, 2 * 3 * 5 * 16 * 8 * 8),
        (Norm("batch", 7), 14, 0),
        (Norm("batch", 7, classes=10), 140, 0),
        (blocks.MeanPool(), 0, 0),
        (Residual((Dense(2, 2),), (Dense(2, 2, bias=False),)), 10, 16),
        (Heads(Dense(4, 1), Dense(4, 10)), 55, 88),
    ],
)
def test_parameters_and_operations(block, parameters: int, operations: int) -> None:
    assert blocks.parameters((block,)) == parameters
    assert blocks.flops((block,)) == operations
    assert blocks.parameters((block, block)) == 2 * parameters


def test_fans_count_the_kernel_and_the_stride() -> None:
    assert blocks.tensors((Conv(3, 8, 5, 16, 2),)) == (
        Parameter("weight", (75, 8), 75, 50, 4),
        Parameter("bias", (1, 8), 75, 50, 4),
    )
    assert blocks.tensors((Deconv(8, 4, 5, 16, bias=False),)) == (Parameter("weight", (8, 100), 50, 100, 4),)
    assert blocks.tensors((Conv(3, 8, 1, 16, bias=False, rectified=False),))[0].numerator == 2
    assert blocks.tensors((Dense(3, 8),))[0] == Parameter("weight", (3, 8), 3, 8, 2)


def test_a_shortcut_lies_before_its_body() -> None:
    inner = Residual((Dense(2, 2), Norm("layer", 2)), (Dense(2, 3),))
    made = Residual((inner, Dense(5, 5)), (Dense(4, 4),))
    assert [type(block) for block in blocks.walk((made,))] == [Dense, Dense, Dense, Norm, Dense]
    assert [block.inputs for block in blocks.walk((made,)) if isinstance(block, Dense)] == [4, 2, 2, 5]
