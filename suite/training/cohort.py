"""Cohorts: runs that are trained in one batch because all their shapes agree."""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from suite.data.sizes import dimension, image_shape, is_image
from suite.networks.generators import GeneratorNetwork
from suite.networks.image import ImageNetwork
from suite.networks.mlp import MLP
from suite.networks.network import Network
from suite.objectives.penalty import ONE_SIDED, TWO_SIDED
from suite.spec import schema
from suite.spec.runs import Run


class Cohort(NamedTuple):
    """Runs of one shape, and the networks that they share but for the parameters."""

    runs: tuple[Run, ...]
    critic: Network
    generator: GeneratorNetwork
    device: torch.device

    @classmethod
    def of(cls, runs: Iterable[Run], device: torch.device) -> "Cohort":
        """The cohort of runs for which ``suite.launch.batches.shape`` is the same."""
        runs = tuple(runs)
        setting = runs[0].setting
        return cls(runs, critic_of(setting), GeneratorNetwork.of(setting), device)

    @property
    def setting(self) -> schema.Setting:
        """What all runs share: shapes, loss, batch, steps and probes are those of the first."""
        return self.runs[0].setting

    def column(self, values: Iterable[float]) -> Tensor:
        """One number a run as a tensor [replicas, 1]."""
        return torch.tensor(list(values), device=self.device).unsqueeze(1)


def critic_of(setting: schema.Setting) -> Network:
    """The critic that a setting asks for."""
    spec, data = setting.critic, setting.data
    if isinstance(spec, schema.MLPCritic):
        return MLP.of(spec, dimension(data), 1)
    if is_image(data):
        return ImageNetwork.of_critic(spec, image_shape(data))
    raise ValueError(f"{type(spec).__name__} needs images")


class Bounds(NamedTuple):
    """The constraint of each replica, [replicas, 1] each; None where the kind has none."""

    clip: Tensor | None
    weight: Tensor | None
    floor: Tensor | None


def bounds(cohort: Cohort) -> Bounds:
    """Clip bounds, or penalty weights and floors, of a cohort."""
    constraints = [run.setting.constraint for run in cohort.runs]
    clips = [c.bound for c in constraints if isinstance(c, schema.Clip)]
    penalties = [c for c in constraints if isinstance(c, schema.GradientPenalty)]
    if clips:
        return Bounds(cohort.column(clips), None, None)
    if not penalties:
        return Bounds(None, None, None)
    floors = [ONE_SIDED if p.sided == "one" else TWO_SIDED for p in penalties]
    return Bounds(None, cohort.column(p.weight for p in penalties), cohort.column(floors))
