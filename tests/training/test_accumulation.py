"""Gradients accumulated over parts of a batch are those of the whole one."""

import pytest
import torch

from suite.spec import schema
from suite.training.cohort import Cohort, bounds
from suite.training.draws import critic_draws, generator_draws
from suite.training.loop import critic_step, generator_step, in_parts, steps_of
from suite.training.state import State, start
from tests.training.settings import CPU, image_run, run, trained

TOLERANCE = 1e-5
"""Of parameters after three iterations, relative to the largest."""
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


def after(case: str, parts: int) -> State:
    changes = {"generator": PLAIN, "optimizer": ADAM, "batch_size": 8, "accumulate": parts, **CASES[case]}
    return trained(image_run(10, **changes), image_run(11, **changes))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("parts", [2, 4])
def test_parts_train_as_the_whole_batch_does(case: str, parts: int) -> None:
    whole, found = after(case, 1), after(case, parts)
    for mine, its in ((found.critic, whole.critic), (found.generator, whole.generator)):
        torch.testing.assert_close(mine, its, rtol=0, atol=TOLERANCE * float(its.abs().max()))
    loss = "losses.critic"
    torch.testing.assert_close(found.log.values[loss][-1], whole.log.values[loss][-1], rtol=1e-4, atol=1e-5)


def test_a_perceptrons_written_out_gradient_is_accumulated_too() -> None:
    changes = {"batch_size": 8, "iterations": 3, "optimizer": ADAM}
    whole, found = trained(run(**changes)), trained(run(accumulate=4, **changes))
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
