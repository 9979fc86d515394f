"""Optimisers against torch.optim, replica by replica."""

import pytest
import torch

from suite.spec import schema
from suite.training.optimizers import Optimizer, optimizer

CASES = {
    "rmsprop": (
        [schema.RMSProp(lr=1e-2), schema.RMSProp(lr=1e-3, alpha=0.9, eps=1e-4)],
        lambda p, s: torch.optim.RMSprop([p], lr=s.lr, alpha=s.alpha, eps=s.eps),
    ),
    "adam": (
        [schema.Adam(lr=1e-2), schema.Adam(lr=1e-3, betas=(0.0, 0.9)), schema.Adam(lr=0.1, betas=(0.5, 0.9))],
        lambda p, s: torch.optim.Adam([p], lr=s.lr, betas=s.betas, eps=s.eps),
    ),
    "sgd": (
        [schema.SGD(lr=1e-2), schema.SGD(lr=1e-2, momentum=0.9)],
        lambda p, s: torch.optim.SGD([p], lr=s.lr, momentum=s.momentum),
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_steps_are_those_of_torch(kind: str) -> None:
    specs, reference = CASES[kind]
    generator = torch.Generator().manual_seed(5)
    flat = torch.randn(len(specs), 11, generator=generator)
    theirs = [torch.nn.Parameter(row.clone()) for row in flat]
    others = [reference(p, spec) for p, spec in zip(theirs, specs, strict=True)]
    ours = optimizer(specs, 11, torch.device("cpu"))
    for count in range(1, 51):
        gradient = torch.randn(len(specs), 11, generator=generator)
        ours.step(flat, gradient, torch.tensor(count))
        for parameter, other, row in zip(theirs, others, gradient, strict=True):
            parameter.grad = row.clone()
            other.step()
    torch.testing.assert_close(flat, torch.stack([p.detach() for p in theirs]), rtol=1e-5, atol=1e-6)


def test_a_rate_falls_to_zero_on_a_straight_line() -> None:
    """Adam's step on a constant gradient is its rate, but for eps."""
    specs = [schema.Adam(lr=0.1, decay_over=4), schema.Adam(lr=0.1), schema.Adam(lr=0.2, decay_over=2)]
    ours = optimizer(specs, 1, torch.device("cpu"))
    flat, places = torch.zeros(3, 1), [torch.zeros(3, 1)]
    for count in range(1, 7):
        ours.step(flat, torch.ones(3, 1), torch.tensor(count))
        places.append(flat.clone())
    steps = -torch.cat(places, dim=1).diff()
    expected = [[0.1, 0.075, 0.05, 0.025, 0, 0], [0.1] * 6, [0.2, 0.1, 0, 0, 0, 0]]
    torch.testing.assert_close(steps, torch.tensor(expected), rtol=1e-5, atol=1e-7)


def test_the_first_rmsprop_step_is_ten_times_the_rate() -> None:
    """With alpha = 0.99 and no bias correction: g / sqrt(0.01 g^2) = 10."""
    flat, first = torch.zeros(1, 1), torch.tensor(1)
    optimizer([schema.RMSProp(lr=5e-5)], 1, torch.device("cpu")).step(flat, torch.tensor([[3.0]]), first)
    assert flat.item() == pytest.approx(-5e-4, rel=1e-5)


def moved(ours: Optimizer, replicas: int, parameters: int, rows: slice = slice(None)) -> torch.Tensor:
    """Parameters after some steps on gradients that are the same each time; ``rows`` of them."""
    generator = torch.Generator().manual_seed(5)
    flat = torch.randn(replicas, parameters, generator=generator)[rows].clone()
    for count in range(1, 6):
        ours.step(
            flat, torch.randn(replicas, parameters, generator=generator)[rows].clone(), torch.tensor(count)
        )
    return flat


@pytest.mark.parametrize("kind", CASES)
def test_working_in_pieces_changes_no_bit(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    specs, _ = CASES[kind]
    whole, pieces = plain(specs, 101), plain(specs, 101)
    expected = moved(whole, len(specs), 101)
    monkeypatch.setattr("suite.training.optimizers.PIECE", 40)
    assert torch.equal(moved(pieces, len(specs), 101), expected)


def plain(specs: list[schema.Optimizer], parameters: int) -> Optimizer:
    """The optimiser that follows the formula."""
    made = optimizer(specs, parameters, torch.device("cpu"))
    made.fused = None
    return made


@pytest.mark.parametrize("kind", CASES)
def test_the_fused_step_is_the_formulas(kind: str) -> None:
    specs, _ = CASES[kind]
    fused, formula = optimizer(specs, 101, torch.device("cpu")), plain(specs, 101)
    expected = moved(formula, len(specs), 101)
    torch.testing.assert_close(moved(fused, len(specs), 101), expected, rtol=1e-5, atol=1e-6)
    for name, moment in formula.slots.items():
        torch.testing.assert_close(fused.slots[name], moment, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("parameters", [1, 31, 101, 128, 513])
@pytest.mark.parametrize("kind", CASES)
def test_a_replica_alone_takes_the_same_steps(kind: str, parameters: int) -> None:
    """To the bit, whatever the number of parameters leaves of a vector."""
    specs, _ = CASES[kind]
    together = moved(optimizer(specs, parameters, torch.device("cpu")), len(specs), parameters)
    for replica, spec in enumerate(specs):
        alone = optimizer([spec], parameters, torch.device("cpu"))
        rows = slice(replica, replica + 1)
        assert torch.equal(moved(alone, len(specs), parameters, rows), together[rows])
