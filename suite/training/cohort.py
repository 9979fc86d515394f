"""Cohorts: runs that are trained in one batch because all their shapes agree."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from suite.errors import UserError
from suite.networks import packed, text
from suite.networks.generators import GeneratorNetwork
from suite.networks.image import ImageNetwork
from suite.networks.mlp import MLP
from suite.networks.network import Network
from suite.objectives.constraint import Constraint, of_pack
from suite.objectives.penalty import ONE_SIDED, TWO_SIDED
from suite.spec import schema
from suite.spec.runs import Run
from suite.spec.sizes import classes, dimension, image_shape, is_image, is_text, line_shape
from suite.training.team import SOLO, Team


class Cohort(NamedTuple):
    """Runs of one shape, and the networks that they share but for the parameters."""

    runs: tuple[Run, ...]
    critic: Network
    generator: GeneratorNetwork
    device: torch.device
    team: Team = SOLO
    """The processes that share each batch."""

    @classmethod
    def of(cls, runs: Iterable[Run], device: torch.device, team: Team = SOLO) -> "Cohort":
        """The cohort of runs for which ``suite.launch.batches.shape`` is the same.

        UserError where the team cannot share its batches.
        """
        runs = tuple(runs)
        setting = runs[0].setting
        cohort = cls(runs, critic_of(setting), GeneratorNetwork.of(setting), device, team)
        if team.size > 1:
            check_shares(cohort)
        return cohort

    @property
    def setting(self) -> schema.Setting:
        """What all runs share: shapes, loss, batch, steps and probes are those of the first."""
        return self.runs[0].setting

    def shared(self) -> "Cohort":
        """The same with networks that normalise over the team's whole batches, not over the rows of one
        process. For training; what probes look at, each process has for itself.
        """
        if self.team.size == 1:
            return self
        share = self.team.share
        return self._replace(critic=self.critic.shared(share), generator=self.generator.shared(share))

    def column(self, values: Iterable[float]) -> Tensor:
        """One number a run as a tensor [replicas, 1]."""
        return torch.tensor(list(values), device=self.device).unsqueeze(1)


def critic_of(setting: schema.Setting) -> Network:
    """The critic that a setting asks for."""
    spec, data = setting.critic, setting.data
    if isinstance(spec, schema.MLPCritic):
        return MLP.of(spec, dimension(data), 1, classes(data))
    if is_text(data) and isinstance(spec, schema.TextCritic):
        return ImageNetwork(text.critic(spec, line_shape(data)))
    if is_image(data) and isinstance(spec, schema.ConvCritic):
        return ImageNetwork.of_critic(spec, image_shape(data), classes(data))
    if isinstance(spec, schema.PackCritic):
        return packed.critic(spec, data)
    raise ValueError(f"{type(spec).__name__} needs other data")


def check_shares(cohort: Cohort) -> None:
    """UserError where the processes of a team cannot each take an equal part of a batch."""
    run, processes = cohort.runs[0], cohort.team.size * cohort.setting.accumulate
    batch, where = cohort.setting.batch_size, f"{run.experiment}, {run.arm}"
    if batch % processes:
        raise UserError(
            f"{where}: a batch of {batch} has no {processes} equal parts\n"
            f"    choose a batch_size that {processes} divides, or another number of processes"
        )


class Clamp(NamedTuple):
    """Replicas in a row whose parameters have one bound."""

    replicas: slice
    bound: float


class Bounds(NamedTuple):
    """The constraint of each replica, [replicas, 1] each; None where the kind has none. One that a pack
    brings is the same for all.
    """

    clip: Tensor | None
    weight: Tensor | None
    floor: Tensor | None
    centre: float = 1.0
    """Of the penalised norms: 0 of R1, which is of real data alone."""
    rule: Constraint | None = None
    clamps: tuple[Clamp, ...] = ()
    """The same as ``clip``."""


def bounds(cohort: Cohort) -> Bounds:
    """Clip bounds, or penalty weights and floors, of a cohort."""
    constraints = [run.setting.constraint for run in cohort.runs]
    clips = [c.bound for c in constraints if isinstance(c, schema.Clip)]
    penalties = [c for c in constraints if isinstance(c, schema.GradientPenalty)]
    if clips:
        return Bounds(cohort.column(clips), None, None, clamps=tuple(clamps(clips)))
    if isinstance(constraints[0], schema.PackConstraint):
        return Bounds(None, None, None, rule=of_pack(constraints[0]))
    centred = [c for c in constraints if isinstance(c, schema.R1)]
    if centred:
        halves, free = cohort.column(c.weight / 2 for c in centred), cohort.column(TWO_SIDED for _ in centred)
        return Bounds(None, halves, free, centre=0.0)
    if not penalties:
        return Bounds(None, None, None)
    floors = [ONE_SIDED if p.sided == "one" else TWO_SIDED for p in penalties]
    return Bounds(None, cohort.column(p.weight for p in penalties), cohort.column(floors))


def clamps(clips: Sequence[float]) -> Iterator[Clamp]:
    """The bounds of replicas, those that have the same one after the other together."""
    first = 0
    for bound, same in itertools.groupby(clips):
        end = first + len(list(same))
        yield Clamp(slice(first, end), bound)
        first = end
