"""The random numbers of a block of iterations, drawn at once for each run."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from suite.data import source
from suite.networks import generators
from suite.spec.runs import Run
from suite.streams import stream
from suite.training.cohort import Cohort

BLOCK = 10
"""Iterations a block. Part of what a run's numbers are: changing it changes every run."""


class Draws(NamedTuple):
    """For each step of a block: real data, what the generator is fed, and the penalty's shares.

    Shapes are [steps, replicas, batch, ...].
    """

    real: Tensor
    noise: Tensor
    share: Tensor


def critic_draws(cohort: Cohort, block: int) -> Draws:
    """Draws of the critic steps of a block."""
    return _draws(cohort, "critic", block, BLOCK * cohort.setting.critic_steps)


def generator_draws(cohort: Cohort, block: int) -> Draws:
    """Draws of the generator steps of a block."""
    return _draws(cohort, "generator", block, BLOCK)


def warmup_draws(cohort: Cohort) -> Draws:
    """Draws of the critic steps before the first iteration."""
    return _draws(cohort, "warmup", 0, cohort.setting.warmup)


def _draws(cohort: Cohort, purpose: str, block: int, steps: int) -> Draws:
    of_runs = [_of_run(run, purpose, block, steps) for run in cohort.runs]
    real, noise, share = (_stack(parts, cohort) for parts in zip(*of_runs, strict=True))
    return Draws(real, noise, share)


def _of_run(run: Run, purpose: str, block: int, steps: int) -> tuple[NDArray[np.float32], ...]:
    setting, batch = run.setting, run.setting.batch_size
    rng = stream(run.id, purpose, block)
    real = source.sample(setting.data, rng, steps * batch)
    noise = generators.draw(setting, rng, steps * batch)
    share = rng.random((steps * batch, 1), dtype=np.float32)
    return tuple(part.reshape(steps, batch, -1) for part in (real, noise, share))


def _stack(parts: tuple[NDArray[np.float32], ...], cohort: Cohort) -> Tensor:
    return torch.from_numpy(np.stack(parts, axis=1)).to(cohort.device)
