"""Small settings and cohorts for tests."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
import torch

from suite.spec import schema
from suite.spec.runs import Run
from suite.training.cohort import Cohort
from suite.training.loop import train
from suite.training.state import State, part, restore, start

CPU = torch.device("cpu")
RMSPROP = schema.RMSProp(lr=5e-4)
ADAM = schema.Adam(lr=1e-3, betas=(0.5, 0.9))


def setting(**changes: object) -> schema.Setting:
    """A small WGAN-GP on eight Gaussians."""
    small = schema.Setting(
        data=schema.EightGaussians(),
        generator=schema.MLPGenerator(layers=3, width=16),
        critic=schema.MLPCritic(layers=3, width=16),
        loss="wasserstein",
        constraint=schema.GradientPenalty(),
        optimizer=ADAM,
        batch_size=16,
        critic_steps=2,
        iterations=30,
    )
    return msgspec.structs.replace(small, **changes)


def run(seed: int = 10, arm: str = "arm", **changes: object) -> Run:
    """A run of ``setting``."""
    return Run(experiment="test/test", scale="desk", arm=arm, seed=seed, setting=setting(**changes))


def image_run(seed: int = 10, arm: str = "arm", **changes: object) -> Run:
    """A run of a small WGAN-GP with convolutions on the digits."""
    small: dict[str, object] = {
        "data": schema.Digits(),
        "generator": schema.DCGANGenerator(width=2, latent=4),
        "critic": schema.DCGANCritic(width=2, normalization="none"),
        "batch_size": 4,
        "iterations": 3,
    }
    return run(seed, arm, **{**small, **changes})


def trained(*runs: Run) -> State:
    """The state after training the runs together."""
    cohort = Cohort.of(runs, CPU)
    state = start(cohort)
    train(cohort, state, lambda _: None)
    return state


class Stop(Exception):
    """Raised by a pause."""


def stopped(runs: Sequence[Run], at: int) -> State:
    """The state of runs trained together and stopped at an iteration that ends a block."""
    cohort = Cohort.of(runs, CPU)
    state = start(cohort)

    def stop(now: State) -> None:
        if now.iteration == at:
            raise Stop

    with pytest.raises(Stop):
        train(cohort, state, stop)
    return state


def resumed(state: State, *replicas: int, of: Sequence[Run]) -> State:
    """The state after some runs of a stopped cohort have gone on to the end without the others."""
    cohort = Cohort.of([of[replica] for replica in replicas], CPU)
    state = restore(cohort, [part(state, replica) for replica in replicas])
    train(cohort, state, lambda _: None)
    return state


def assert_same(left: State, replica: int, right: State, other: int) -> None:
    """Every array of the two runs' states is equal to the bit."""
    mine, theirs = part(left, replica), part(right, other)
    assert mine.keys() == theirs.keys()
    for name in mine:
        np.testing.assert_array_equal(mine[name], theirs[name], err_msg=name)
