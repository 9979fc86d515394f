"""Cohorts: runs that are trained in one batch because all their shapes agree."""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from suite.networks import packed, text
from suite.networks.generators import GeneratorNetwork
from suite.networks.image import ImageNetwork
from suite.networks.mlp import MLP
from suite.networks.network import Network
from suite.spec import schema
from suite.spec.runs import Run
from suite.spec.shares import check_shares
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
            check_shares(setting, team.size, f"{runs[0].experiment}, {runs[0].arm}")
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
