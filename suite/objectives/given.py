"""What packs give for losses, constraints and networks, held to its shape."""

from collections.abc import Sequence

import torch
from torch import Tensor

from suite.errors import UserError


def given(about: str, value: object, shape: Sequence[int], cure: str) -> Tensor:
    """The value, a tensor of that shape; UserError where it is another, or no tensor. Its numbers are not
    looked at.
    """
    if not isinstance(value, Tensor):
        raise UserError(f"{about} gave {_kind(value)}, not a tensor of shape {[*shape]}\n    {cure}")
    if value.shape != torch.Size(shape):
        raise UserError(f"{about} gave shape {[*value.shape]}, not {[*shape]}\n    {cure}")
    return value


def differentiable(about: str, value: Tensor, of: str) -> Tensor:
    """The value; UserError where there is no gradient of it."""
    if not value.requires_grad:
        raise UserError(
            f"{about} gave a tensor without a gradient\n"
            f"    make it of {of} with torch alone: detach, item, numpy and no_grad cut it off"
        )
    return value


def apart(about: str, value: Tensor, again: Tensor) -> None:
    """UserError where what there is of one replica is not the same again, in other company."""
    if not torch.allclose(value, again, rtol=0, atol=0, equal_nan=True):
        raise UserError(
            f"{about} mixes replicas: one's part depends on another\n"
            "    the first dimension is that of replicas: leave it as it is"
        )


def _kind(value: object) -> str:
    return "None" if value is None else type(value).__name__
