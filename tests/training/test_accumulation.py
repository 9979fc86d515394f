"""Gradients accumulated over parts of a batch are those of the whole one."""

import msgspec
import pytest
import torch

from suite.spec import schema
from suite.spec.runs import Run
from suite.training.bounds import bounds
from suite.training.cohort import Cohort
from suite.training.draws import critic_draws, generator_draws, steps_of
from suite.training.loop import critic_step, generator_step, in_parts
from suite.training.state import State, start
from tests.training.settings import CPU, image_run, run

TOLERANCE = 1e-5
"""Of parameters after ``STEPS`` iterations, relative to the largest."""
STEPS = 5
ADAM = schema.Adam(lr=1e-3, betas=(0.5, 0.9), eps=1e-3)  # A small eps makes whole steps of rounding.
FREE = schema.Unconstrained()
CASES: dict[str, dict[str, object]] = {
    "penalty": {},
    "r1": {"loss": "non_saturating", "constraint": schema.R1()},
    "labels, spectral normalisation": {
        "loss": "hinge",
        "constraint": FREE,
        "generator": schema.DCGANGenerator(
            width=2, latent=4, normalization="none", labels="concatenate", spectral=True
        ),
        "critic": schema.DCGANCritic(width=2, normalization="none", labels="projection", spectral=True),
    },
    "auxiliary": {
        "loss": "non_saturating",
        "constraint": FREE,
        "generator": schema.DCGANGenerator(width=2, latent=4, normalization="none", labels="concatenate"),
        "critic": schema.DCGANCritic(width=2, normalization="none", labels="auxiliary"),
    },
}
PLAIN = schema.DCGANGenerator(width=2, latent=4, normalization="none")


def after(parts: int, *runs: Run) -> State:
    """The state after some steps on batches in so many parts.

    Start and draws are those of the runs without parts, since other runs have other random numbers.
    """
    whole = Cohort.of(runs, CPU)
    changed = [msgspec.structs.replace(each.setting, accumulate=parts) for each in runs]
    cohort = whole._replace(
        runs=tuple(
            msgspec.structs.replace(each, setting=new) for each, new in zip(runs, changed, strict=True)
        )
    )
    state, limits = start(whole), bounds(whole)
    critic, generator = (steps_of(draws(whole, 0)) for draws in (critic_draws, generator_draws))
    for _ in range(STEPS):
        critic_step(cohort, state, limits, next(critic))
        generator_step(cohort, state, next(generator))
        state.iteration += 1
    return state


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("parts", [2, 4])
def test_parts_train_as_the_whole_batch_does(case: str, parts: int) -> None:
    changes = {"generator": PLAIN, "optimizer": ADAM, "batch_size": 8, **CASES[case]}
    runs = image_run(10, **changes), image_run(11, **changes)
    whole, found = after(1, *runs), after(parts, *runs)
    for mine, its in ((found.critic, whole.critic), (found.generator, whole.generator)):
        torch.testing.assert_close(mine, its, rtol=0, atol=TOLERANCE * float(its.abs().max()))
        assert not torch.equal(mine, its), "the parts were not used"


def test_a_perceptrons_written_out_gradient_is_accumulated_too() -> None:
    of_points = run(batch_size=8, optimizer=ADAM)
    whole, found = after(1, of_points), after(4, of_points)
    torch.testing.assert_close(found.critic, whole.critic, rtol=0, atol=TOLERANCE)


def test_the_parts_are_all_of_the_batch_once() -> None:
    cohort = Cohort.of([image_run(batch_size=6, accumulate=3)], CPU)
    step = next(steps_of(critic_draws(cohort, 0)))
    parts = list(in_parts(cohort, step))
    assert [part.real.shape[1] for part in parts] == [2, 2, 2]
    for index, whole in enumerate(step):
        assert torch.equal(torch.cat([part[index] for part in parts], dim=1), whole)


def test_a_step_is_one_step_of_the_optimiser() -> None:
    cohort = Cohort.of([image_run(batch_size=6, accumulate=3)], CPU)
    state = start(cohort)
    critic_step(cohort, state, bounds(cohort), next(steps_of(critic_draws(cohort, 0))))
    generator_step(cohort, state, next(steps_of(generator_draws(cohort, 0))))
    assert state.critic_count == 1
