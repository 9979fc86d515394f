"""The gradient of orthogonal regularisation against autograd and closed forms."""

from typing import Literal

import numpy as np
import pytest
import torch

from suite.networks import blocks
from suite.networks.image import ImageNetwork
from suite.objectives.orthogonal import orthogonal_gradient
from suite.spec import schema

Form = Literal["off_diagonal", "identity"]
FORMS: list[Form] = ["off_diagonal", "identity"]


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", [(2, 5, 3), (2, 3, 5), (1, 4, 1)])
def test_the_gradient_is_that_of_the_penalty(form: Form, shape: tuple[int, int, int]) -> None:
    weight = draw(*shape).requires_grad_()
    gram = torch.einsum("rij,rik->rjk", weight, weight)
    diagonal = torch.diagonal(gram, dim1=1, dim2=2)
    taken = torch.ones_like(diagonal) if form == "identity" else diagonal
    penalty = (gram - torch.diag_embed(taken)).square().sum()
    (expected,) = torch.autograd.grad(0.3 * penalty, weight)
    found = orthogonal_gradient(weight.detach(), schema.Orthogonal(weight=0.3, form=form))
    torch.testing.assert_close(found, expected)


def test_the_gradient_of_two_columns_is_known() -> None:
    """Columns (3, 0) and (4, 2): products 9, 12, 12 and 20."""
    weight = torch.tensor([[[3.0, 4.0], [0.0, 2.0]]])
    off_diagonal = orthogonal_gradient(weight, schema.Orthogonal(weight=1, form="off_diagonal"))
    assert off_diagonal.tolist() == [[[4 * 48, 4 * 36], [4 * 24, 0]]]
    identity = orthogonal_gradient(weight, schema.Orthogonal(weight=1, form="identity"))
    assert identity.tolist() == [[[4 * (24 + 48), 4 * (36 + 76)], [4 * 24, 4 * 38]]]


def test_orthonormal_columns_stay_and_orthogonal_ones_change_only_by_their_lengths() -> None:
    columns, _ = np.linalg.qr(draw(6, 3).numpy())
    weight = torch.from_numpy(columns)[None]
    identity, off_diagonal = (schema.Orthogonal(weight=1, form=form) for form in ("identity", "off_diagonal"))
    assert orthogonal_gradient(weight, identity).abs().max() < 1e-12
    lengths = torch.tensor([1.0, 2.0, 3.0])
    assert orthogonal_gradient(weight * lengths, off_diagonal).abs().max() < 1e-12
    expected = 4 * weight * lengths * (lengths**2 - 1)
    torch.testing.assert_close(orthogonal_gradient(weight * lengths, identity), expected)


def test_a_replica_has_the_same_bits_in_any_company() -> None:
    weight = draw(3, 7, 4).float()
    spec = schema.Orthogonal(weight=1e-2)
    together = orthogonal_gradient(weight, spec)
    assert all(torch.equal(orthogonal_gradient(weight[[i]], spec)[0], together[i]) for i in range(3))


def test_weights_are_matrices_by_output_without_tables() -> None:
    network = ImageNetwork(
        (
            blocks.Hierarchy(
                blocks.Embedding(3, 4),
                1,
                (blocks.Dense(2, 16), blocks.Reshape(2, 4), blocks.Deconv(4, 5, 4, 2)),
            ),
        )
    )
    flat = draw(2, network.parameters)
    table, dense, _, deconv, _ = network.split(flat)
    found = network.weights(flat)
    assert [tuple(each.shape) for each in found] == [(2, 2, 16), (2, 4 * 16, 5)]
    assert torch.equal(found[0], dense)
    assert torch.equal(found[1][0, 1], deconv[0, 0, 5:10])
    found[0].zero_()
    assert not dense.any()
    assert table.all()
