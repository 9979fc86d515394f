"""Small settings and cohorts for tests."""

import msgspec
import torch

from suite.spec import schema
from suite.spec.runs import Run
from suite.training.cohort import Cohort
from suite.training.loop import train
from suite.training.state import State, start

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


def trained(*runs: Run) -> State:
    """The state after training the runs together."""
    cohort = Cohort.of(runs, CPU)
    state = start(cohort)
    train(cohort, state, lambda _: None)
    return state
