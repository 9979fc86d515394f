"""Constraints of packs that would not constrain, or mix replicas, are told before they train."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from suite.launch.constraint_trial import try_constraint
from suite.spec import schema
from suite.training.bounds import bounds
from tests.packs.test_packs_faults import edit, line
from tests.packs.test_packs_shapes import told
from tests.packs.test_packs_training import cohort_of, of_bag

Load = Callable[..., None]
Write = Callable[..., Path]
PENALTY = "return self.weight * sum((t**2).flatten(1).sum(1) for t in tensors) / 2"
PROJECT = "flat.mul_((self.radius / size).clamp_max(1))"
NORMS = """

def norms(critic, tensors, seen):
    x = (seen.fake + seen.share * (seen.real - seen.fake)).requires_grad_()
    scores = critic.outputs(tensors, x, seen.labels)
    (slope,) = torch.autograd.grad(scores.sum(), x, create_graph=True)
    return slope.norm(dim=2)
"""


@pytest.fixture
def write(copied: Path, load: Load) -> Write:
    """Let the pack's constraint do something else; the file."""

    def change(old: str, new: str) -> Path:
        file = copied / "code.py"
        edit(file, old, new)
        file.write_text(file.read_text().replace("import numpy as np", "import numpy as np\nimport torch"))
        file.write_text(file.read_text() + NORMS)
        load(copied)
        return file

    return change


def tried(**changes: object) -> None:
    """A single run's constraint."""
    try_constraint(cohort_of(of_bag(count=1, **changes)))


@pytest.mark.parametrize(
    ("new", "gave"),
    [
        ("return flat.clamp(-0.01, 0.01)", "a tensor"),
        ("return 0.5", "float"),
        ("return flat[:1]", "a tensor"),
    ],
)
def test_a_projection_that_gives_what_it_should_change_is_told(write: Write, new: str, gave: str) -> None:
    file = write(PROJECT, new)
    assert told(tried) == (
        f"constraint 'bag/ball': project gave {gave}, but must change flat in place and give nothing\n"
        "    write flat.clamp_(-1, 1), say, and not flat.clamp(-1, 1): what is given is not looked at\n"
        f"    {file.as_posix()}, line {line(file, 'class Ball')}"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (PROJECT, "flat.mul_(1 / flat.norm().clamp(min=1))", "project mixes replicas"),
        (PROJECT, "flat[-1] = flat[0]", "project mixes replicas"),
        (PROJECT, "flat.clamp_(max=flat.abs().max(0).values / 2)", "project mixes replicas"),
        (PROJECT, "flat.add_(torch.rand(1))", "project came out otherwise the second time"),
        (
            PENALTY,
            "n = norms(critic, tensors, seen); return ((n - 1)**2).mean().expand(len(n))",
            "penalty mixes replicas",
        ),
        (
            PENALTY,
            "n = norms(critic, tensors, seen); return ((n - 1).clamp_min(0)**2).mean(0)[:2]",
            "penalty mixes replicas",
        ),
        # The same numbers in any company, and other gradients.
        (
            PENALTY,
            "s = sum((t**2).flatten(1).sum(1) for t in tensors); return s + s.flip(0) - s.detach().flip(0)",
            "penalty mixes replicas",
        ),
        (
            PENALTY,
            "n = norms(critic, tensors, seen); return ((n - torch.rand(1))**2).mean(1)",
            "penalty came out otherwise the second time",
        ),
        (PENALTY, "return tensors[0].sum()", "penalty gave shape [], not [2]"),
        (PENALTY, "return 0.5", "penalty gave float, not a tensor of shape [2]"),
    ],
)
def test_one_that_mixes_replicas_is_told_where_one_is_trained_alone(
    write: Write, old: str, new: str, said: str
) -> None:
    file = write(old, new)
    found = told(tried)
    assert found.startswith(f"constraint 'bag/ball': {said}")
    assert found.endswith(f"\n    {file.as_posix()}, line {line(file, 'class Ball')}")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (PENALTY, "return ((norms(critic, tensors, seen) - 1).clamp_min(0)**2).mean(1)"),
        (PENALTY, "return critic.outputs(tensors, seen.real + seen.normal, seen.labels).square().mean(1)"),
        (PENALTY, "return None"),
        (PROJECT, "return flat.clamp_(-0.01, 0.01)"),
        (PROJECT, "flat.data = flat.clamp(-0.01, 0.01)"),
        (PROJECT, "flat.mul_(1 / flat.norm(dim=1, keepdim=True).clamp(min=1))"),
    ],
)
@pytest.mark.parametrize("generator", [schema.Resampled(), schema.MLPGenerator(layers=2, width=4)])
def test_right_ones_pass(write: Write, old: str, new: str, generator: schema.Generator) -> None:
    write(old, new)
    tried(generator=generator)
    tried(generator=generator, critic=schema.MLPCritic(layers=3, width=4, normalization="layer"))


def test_what_is_tried_is_not_what_trains(write: Write) -> None:
    """What it keeps of a trial, such as its number of replicas, would be in the way."""
    write(PROJECT, "self.seen = getattr(self, 'seen', None) or len(flat); assert self.seen == len(flat)")
    (run,) = of_bag(count=1)
    tried()
    assert not hasattr(bounds(cohort_of([run])), "seen")


def test_the_suites_own_constraints_are_not_tried(bag: Path) -> None:
    (run,) = of_bag(count=1)
    try_constraint(cohort_of([replace(run, setting=replace(run.setting, constraint=schema.Clip(bound=1)))]))
