"""What critics are shown beside real data: generated data, and the points of a gradient penalty."""

from collections.abc import Iterator
from itertools import repeat
from typing import NamedTuple

import torch
from torch import Tensor

from suite.networks.generators import is_trained
from suite.networks.mlp import MLP
from suite.objectives.generator import blurred
from suite.objectives.penalty import interpolate
from suite.training.bounds import Bounds, Penalising
from suite.training.cohort import Cohort
from suite.training.draws import Draws
from suite.training.state import State

TOGETHER = 512
"""Rows that a perceptron generates at once."""


class Made(NamedTuple):
    """Generated data of a critic step, and the points at which its gradient is penalised, if it is."""

    fake: Tensor
    points: Tensor | None


@torch.no_grad()
def made_together(cohort: Cohort, state: State, limits: Bounds, draws: Draws) -> Iterator[Made | None]:
    """Made for each of some critic steps, where they are made together: the generator stays as it is in
    between, for a perceptron products of few rows are slow, and so is asking for much that is small.
    """
    fake = None if cohort.setting.accumulate > 1 else fakes(cohort, state, draws)
    if fake is None:
        return repeat(None, len(draws.real))
    fake = blurred(fake, draws.blur)
    points = penalty_points(limits, draws.real, fake, draws.share)
    return map(Made, fake, repeat(None) if points is None else points)


def fakes(cohort: Cohort, state: State, draws: Draws) -> Tensor | None:
    """Generated data of some critic steps [steps, replicas, batch, dimension], where they are samples'
    own: those of a perceptron, or of no network.
    """
    generator = cohort.generator
    network, tensors = generator.network, generator.split(state.generator)
    if not is_trained(generator.spec):
        return generator.generate(tensors, draws.noise, draws.real)
    if type(network) is not MLP or network.classes or network.couples_samples:
        return None
    many = max(1, TOGETHER // cohort.setting.batch_size)
    groups = zip(torch.split(draws.noise, many), torch.split(draws.real, many), strict=True)
    made = [generator.generate(tensors, in_a_row(noise), in_a_row(real)) for noise, real in groups]
    steps, replicas, batch, _ = draws.noise.shape
    return torch.cat(made, 1).view(replicas, steps, batch, -1).transpose(0, 1)


def in_a_row(batches: Tensor) -> Tensor:
    """Batches [steps, replicas, batch, any] as one of each replica, [replicas, steps * batch, any]."""
    return batches.transpose(0, 1).flatten(1, 2)


@torch.no_grad()
def made_for(cohort: Cohort, state: State, limits: Bounds, draws: Draws) -> Made:
    """Those of one step, whatever the generator."""
    generator = cohort.generator
    tensors = generator.split(state.generator)
    generated = generator.generate(tensors, draws.noise, draws.real, draws.labels)
    fake = blurred(generated, draws.blur)
    return Made(fake, penalty_points(limits, draws.real, fake, draws.share))


def penalty_points(limits: Bounds, real: Tensor, fake: Tensor, share: Tensor) -> Tensor | None:
    """Where the gradient is penalised, if it is."""
    if not isinstance(limits, Penalising):
        return None
    return interpolate(real, fake, share) if limits.centre else real
