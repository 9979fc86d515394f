"""Losses, constraints and probes of packs that give other shapes than they must are told, not trained on."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from suite.errors import UserError
from suite.objectives.given import apart
from suite.objectives.losses import critic_loss, generator_terms, try_out
from suite.spec import schema
from suite.training.loop import train
from suite.training.state import start
from tests.packs.test_packs_faults import edit
from tests.packs.test_packs_training import cohort_of, of_bag

Load = Callable[..., None]
HINGE = schema.PackLoss(use="bag/scaled_hinge")
CRITIC = "self.scale * ((1 - real).clamp_min(0).mean(1) + (1 + fake).clamp_min(0).mean(1))"
GENERATOR = "-self.scale * fake"
PENALTY = "self.weight * sum((t**2).flatten(1).sum(1) for t in tensors) / 2"
READINGS = '{"largest": host(first.abs().amax((1, 2))), "rows": host(first)}'
CPU = torch.device("cpu")


def told(work: Callable[[], object]) -> str:
    with pytest.raises(UserError) as caught:
        work()
    return str(caught.value)


def trained(count: int) -> str:
    """What is told when so many runs are trained together."""
    cohort = cohort_of(of_bag(count=count))
    return told(lambda: train(cohort, start(cohort), lambda _: None))


@pytest.fixture
def changed(copied: Path, load: Load) -> Callable[[str, str], None]:
    """Let the pack return something else."""

    def change(old: str, new: str) -> None:
        edit(copied / "code.py", f"return {old}", f"return {new}")
        load(copied)

    return change


@pytest.mark.parametrize(
    ("new", "gave"),
    [
        ("(fake - real).mean()", "shape [], not [{}]"),
        ("fake - real", "shape [{0}, 4], not [{0}]"),
        ("(fake - real).mean(1, keepdim=True)", "shape [{0}, 1], not [{0}]"),
        ("(fake - real).mean().item()", "float, not a tensor of shape [{}]"),
        ("None", "None, not a tensor of shape [{}]"),
    ],
)
@pytest.mark.parametrize("replicas", [1, 2])
def test_a_critics_loss_is_one_number_a_replica(
    changed: Callable[[str, str], None], new: str, gave: str, replicas: int
) -> None:
    changed(CRITIC, new)
    scores = torch.zeros(replicas, 4)
    said = told(lambda: critic_loss(HINGE, scores, scores))
    assert said.startswith(
        f"loss 'bag/scaled_hinge': critic gave {gave.format(replicas)}\n    give one number"
    )
    # Before the first step it is found with two replicas, however many are trained.
    assert trained(replicas).startswith(f"loss 'bag/scaled_hinge': critic gave {gave.format(2)}\n")


@pytest.mark.parametrize("new", ["fake.mean(1)", "-fake.mean()", "fake.mean(1, keepdim=True)"])
@pytest.mark.parametrize("replicas", [1, 2])
def test_a_generators_loss_is_a_part_a_sample(
    changed: Callable[[str, str], None], new: str, replicas: int
) -> None:
    changed(GENERATOR, new)
    said = told(lambda: generator_terms(HINGE, torch.zeros(replicas, 4)))
    assert said.startswith("loss 'bag/scaled_hinge': generator gave shape [")
    assert f", not [{replicas}, 4]\n    give each sample's part" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (CRITIC, "(fake - real).mean().expand(len(real))", "critic mixes replicas"),
        (CRITIC, "(fake - real).mean(0)[:len(real)]", "critic mixes replicas"),
        (CRITIC, "(fake - real).mean().reshape(1)", "critic gave shape [1], not [2]"),
        (GENERATOR, "fake.mean(0) - fake", "generator mixes replicas"),
        (CRITIC, "(fake - real).detach().mean(1)", "critic gave a tensor without a gradient"),
        (GENERATOR, "fake.detach()", "generator gave a tensor without a gradient"),
    ],
)
def test_a_loss_that_mixes_replicas_is_found_where_one_is_trained_alone(
    changed: Callable[[str, str], None], old: str, new: str, said: str
) -> None:
    changed(old, new)
    assert trained(1).startswith(f"loss 'bag/scaled_hinge': {said}")


def test_what_is_no_number_in_any_company_is_not_mixed() -> None:
    lost = torch.tensor([torch.nan, 1.0])
    apart("it", lost, lost.clone())
    with pytest.raises(UserError, match="it mixes replicas"):
        apart("it", lost, torch.tensor([torch.nan, 2.0]))


def test_a_right_loss_and_the_suites_own_pass(bag: Path) -> None:
    for loss in (HINGE, "wasserstein"):
        try_out(loss, 4, CPU)


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("sum((t**2).sum() for t in tensors)", "gave shape [], not [{}]"),
        ("sum((t**2).flatten(1).sum(1, keepdim=True) for t in tensors)", "gave shape [{0}, 1], not [{0}]"),
        ("0.5", "gave float, not a tensor of shape [{}]"),
        ("sum((t**2).detach().flatten(1).sum(1) for t in tensors)", "gave a tensor without a gradient"),
    ],
)
@pytest.mark.parametrize("replicas", [1, 2])
def test_a_penalty_is_one_number_a_replica_with_a_gradient(
    changed: Callable[[str, str], None], new: str, said: str, replicas: int
) -> None:
    changed(PENALTY, new)
    assert trained(replicas).startswith(f"constraint 'bag/ball': penalty {said.format(replicas)}\n")


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("None", "gave None, not a dictionary of arrays"),
        ("{'largest': 1.0}", "gave shape [] for 'largest', not [{}, ...]"),
        ("{'largest': host(first)}", "gave shape [{0}, 3, 5] for its quantity 'largest', not shape [{0}]"),
        (
            "{'largest': host(first.abs().amax((1, 2))), 'rows': host(first)[0]}",
            "gave shape [3, 5] for 'rows'",
        ),
        (
            "{'largest': first.abs().amax((1, 2)).requires_grad_()}",
            "gave no array of numbers for 'largest': ",
        ),
        ("{'largest': [None] * view.replicas, 'rows': 'x'}", "gave no array of numbers for 'rows': "),
    ],
)
@pytest.mark.parametrize("replicas", [1, 2])
def test_a_probe_gives_a_row_a_replica(
    changed: Callable[[str, str], None], new: str, said: str, replicas: int
) -> None:
    changed(READINGS, new)
    assert trained(replicas).startswith(f"probe 'bag/first_weights' {said.format(replicas)}")


def test_it_is_told_by_the_run(changed: Callable[[str, str], None], place: object, copied: Path) -> None:
    changed(CRITIC, "(fake - real).mean()")
    words = ("run", "bag/everything", "--scale", "smoke", "--no-report", "--quiet")
    answer = place.call(*words)  # type: ignore[attr-defined]
    assert answer.status == 1
    assert answer.out.count("UserError: loss 'bag/scaled_hinge': critic gave shape [], not [2]\n") == 1
