"""Networks that packs bring, tried out before they train anything, on batches that they would be trained on.

With two replicas, since a run that is trained alone would not tell that its network mixes them. Nothing
that is trained depends on what is done here.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from suite.errors import UserError
from suite.launch.placed import placed
from suite.networks.network import Network
from suite.objectives.given import apart, differentiable, given
from suite.spec import schema
from suite.spec.packs.declaration import Section
from suite.spec.packs.faulty import about
from suite.streams import stream
from suite.training.cohort import Cohort
from suite.training.draws import Draws, critic_draws

CURE = "see suite.networks.network.Network for what it is to give"
STEADY = "draw no random numbers there, no dropout, no torch.randn, and keep nothing from call to call"
PAIRS = ([0, 1], [0, 2], [2, 1])
"""Of three replicas: in the second the first one has other company, in the third the last one has."""
Give = Callable[[list[Tensor], Draws], Tensor]
"""What a network gives with the parameters of replicas, as ``split`` has them, and their draws."""


class Trial(NamedTuple):
    """A network of a pack, the draws of three replicas, and what it is to give, by name."""

    about: str
    network: Network
    initialization: schema.Initialization
    draws: Draws
    gives: Mapping[str, Give]
    shape: tuple[int, ...]
    """What one replica is to be given."""
    how: str
    """What it is tried with."""

    def of(self, give: Give, name: str, flat: Tensor, pair: list[int]) -> Tensor:
        """What is given of a pair of replicas; UserError where it has another shape, or no gradient."""
        chosen, draws = flat[pair], Draws(*(each[pair] for each in self.draws))
        self.network.settle(chosen)
        tensors = [each.detach().requires_grad_() for each in self.network.split(chosen)]
        about = f"{self.about}: {name}"
        return differentiable(
            about, given(about, give(tensors, draws), (2, *self.shape), CURE), "its `tensors`"
        )

    def parameters(self, rng: np.random.Generator) -> Tensor:
        """Of one replica. UserError where they are not as many as the network says, or of another type."""
        made, count = self.network.initialize(self.initialization, rng), self.network.parameters
        value = np.asarray(made)
        if value.shape != (count,) or value.dtype != np.float32:
            raise UserError(
                f"{self.about}: initialize gave {value.dtype} of shape {[*value.shape]}, "
                f"not float32 of shape [{count}], its `parameters`\n    {CURE}"
            )
        return torch.from_numpy(value.copy())


def try_networks(cohort: Cohort) -> None:
    """UserError for a pack's network that is not one, draws random numbers, or mixes replicas; with the place
    where it is made.
    """
    critic, generator = cohort.setting.critic, cohort.setting.generator
    if isinstance(critic, schema.PackCritic):
        _try("critics", critic.use, _of_critic(cohort, critic), cohort.device)
    if isinstance(generator, schema.PackGenerator):
        _try("generators", generator.use, _of_generator(cohort, generator), cohort.device)


def _of_critic(cohort: Cohort, spec: schema.PackCritic) -> Trial:
    network, draws = cohort.critic, draws_of_three(cohort)
    gives: dict[str, Give] = {
        "outputs": lambda tensors, of: network.outputs(tensors, of.real, of.labels),
        "heads": lambda tensors, of: network.heads(tensors, of.real, of.labels)[0],
    }
    how, shape = f"tried with samples of {_shape(draws.real)}", tuple(draws.real.shape[1:2])
    return Trial(about("critics", spec.use), network, spec.initialization, draws, gives, shape, how)


def _of_generator(cohort: Cohort, spec: schema.PackGenerator) -> Trial:
    generator, draws = cohort.generator, draws_of_three(cohort)
    assert generator.network is not None  # A pack brings one.
    gives: dict[str, Give] = {
        "outputs": lambda tensors, of: generator.generate(tensors, of.noise, of.real, of.labels)
    }
    how, shape = f"tried with noise of {_shape(draws.noise)}", tuple(draws.real.shape[1:])
    name, network = about("generators", spec.use), generator.network
    return Trial(name, network, spec.initialization, draws, gives, shape, how)


def _shape(drawn: Tensor) -> str:
    """Of what a pair of replicas is handed."""
    return f"shape {[2, *drawn.shape[1:]]}"


def draws_of_three(cohort: Cohort) -> Draws:
    """Those of the first run's first critic steps, as far as this process has them, as if of three runs."""
    alone = cohort._replace(runs=cohort.runs[:1])
    own = (cohort.team.rows(each) for each in critic_draws(alone, 0))
    return Draws(*(each[:3, 0].chunk(cohort.setting.accumulate, dim=1)[0] for each in own))


def _try(section: Section, use: str, trial: Trial, device: torch.device) -> None:
    rng = stream("protocol", "trial")
    with placed(section, use, trial.how):
        flat = torch.stack([trial.parameters(rng) for _ in range(3)]).to(device)
        for name, give in trial.gives.items():
            compare(f"{trial.about}: {name}", partial(trial.of, give, name, flat))


def compare(what: str, of: Callable[[list[int]], Tensor]) -> None:
    """UserError where what there is of a pair of replicas is not the same twice, or of one of them not the
    same in other company.
    """
    with torch.enable_grad():
        first, again, *others = map(of, (PAIRS[0], *PAIRS))
    if not torch.allclose(first, again, rtol=0, atol=0, equal_nan=True):
        raise UserError(f"{what} came out otherwise the second time\n    {STEADY}")
    for replica, other in enumerate(others):
        apart(what, first[replica], other[replica])
