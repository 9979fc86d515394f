"""The random numbers of a block of iterations, drawn at once for each run."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from suite.cores import cores
from suite.data import source
from suite.networks import generators
from suite.spec.runs import Run
from suite.spec.schema import PackConstraint
from suite.streams import stream
from suite.training.cohort import Cohort

Parts = tuple[NDArray[np.generic], ...]

BLOCK = 10
"""Iterations a block. Part of what a run's numbers are: changing it changes every run."""


class Draws(NamedTuple):
    """For each step of a block: real data, what the generator is fed, and the penalty's shares.

    Shapes are [steps, replicas, batch, ...].
    """

    real: Tensor
    noise: Tensor
    share: Tensor
    classes: Tensor
    """The labels of the real data, and those that generated data are asked to have: one column, or none."""
    blur: Tensor
    """Noise to be added to generated data before a critic sees them; no columns where there is none. Real
    data have theirs already."""
    normal: Tensor
    """Standard normal numbers, as many as of real data, for a pack's constraint; no columns without one."""

    @property
    def labels(self) -> Tensor | None:
        """The labels of a step [replicas, batch], where labels play a part."""
        return self.classes[..., 0] if self.classes.shape[-1] else None


def critic_draws(cohort: Cohort, block: int) -> Draws:
    """Draws of the critic steps of a block."""
    return _draws(cohort, "critic", block, BLOCK * cohort.setting.critic_steps)


def generator_draws(cohort: Cohort, block: int) -> Draws:
    """Draws of the generator steps of a block."""
    return _draws(cohort, "generator", block, BLOCK)


def warmup_draws(cohort: Cohort) -> Draws:
    """Draws of the critic steps before the first iteration."""
    return _draws(cohort, "warmup", 0, cohort.setting.warmup)


def steps_of(draws: Draws) -> Iterator[Draws]:
    """The draws of each step."""
    return (Draws(*step) for step in zip(*draws, strict=True))


def _draws(cohort: Cohort, purpose: str, block: int, steps: int) -> Draws:
    of_runs = by_run(cohort, lambda run: _of_run(run, purpose, block, steps))
    return Draws(*(_stack(parts, cohort) for parts in zip(*of_runs, strict=True)))


def by_run(cohort: Cohort, draw: Callable[[Run], Parts]) -> list[Parts]:
    """The draws of each run; for a GPU, which uses them up faster than one core can draw, on all cores.
    Which draws what makes no difference: each run has streams of its own.
    """
    if cohort.device.type != "cuda":
        return [draw(run) for run in cohort.runs]
    first, *others = cohort.runs
    # The first alone, so that data are loaded once.
    return [draw(first), *_hands().map(draw, others)]


@cache
def _hands() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(cores())


def _of_run(run: Run, purpose: str, block: int, steps: int) -> Parts:
    setting, count = run.setting, steps * run.setting.batch_size
    rng = stream(run.id, purpose, block)
    real, classes = source.sample_labelled(setting, rng, count)
    noise = generators.draw(setting, rng, count)
    share = rng.random((count, 1), dtype=np.float32)
    # Drawn last, so that whoever has none draws the same numbers as before.
    on_real, blur = (_normal(rng, real.shape, setting.input_noise) for _ in range(2))
    normal = _normal(rng, real.shape, float(isinstance(setting.constraint, PackConstraint)))
    real = real + on_real if on_real.size else real
    parts = (real, noise, share, classes, blur, normal)
    return tuple(part.reshape(steps, setting.batch_size, *part.shape[1:]) for part in parts)


def _normal(rng: np.random.Generator, shape: tuple[int, ...], size: float) -> NDArray[np.float32]:
    if not size:
        return np.zeros((shape[0], 0), dtype=np.float32)
    return np.float32(size) * rng.standard_normal(shape, dtype=np.float32)


def _stack(parts: Parts, cohort: Cohort) -> Tensor:
    together = torch.from_numpy(np.stack(parts, axis=1))
    if cohort.device.type != "cuda":
        return together.to(cohort.device)
    # From pinned memory the device fetches them while the host goes on.
    return together.pin_memory().to(cohort.device, non_blocking=True)
