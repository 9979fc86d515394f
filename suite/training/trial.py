"""Networks that packs bring, tried out before they train anything.

With two replicas: a run that is trained alone would not tell that its network mixes them.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from suite.errors import UserError
from suite.networks.network import Network
from suite.objectives.given import apart, differentiable, given
from suite.spec import schema
from suite.spec.sizes import dimension
from suite.streams import stream
from suite.training.cohort import Cohort

ROWS = 8
"""The most that are tried; a normalisation over a batch needs more than one."""
CURE = "see suite.networks.network.Network for what it is to give"


class Trial(NamedTuple):
    """A network, how it is initialised, and the shapes of one replica's inputs and outputs."""

    about: str
    network: Network
    initialization: schema.Initialization
    inputs: tuple[int, int]
    outputs: tuple[int, ...]

    def parameters(self, rng: np.random.Generator) -> Tensor:
        """Of one replica. UserError where they are not as many as the network says."""
        value, count = self.network.initialize(self.initialization, rng), self.network.parameters
        if np.shape(value) != (count,):
            raise UserError(
                f"{self.about}: initialize gave shape {[*np.shape(value)]}, not [{count}], its `parameters`\n"
                f"    {CURE}"
            )
        return torch.from_numpy(np.asarray(value, dtype=np.float32))

    def given(self, flat: Tensor, inputs: Tensor) -> Tensor:
        """Outputs for parameters [2, parameters] and inputs [2, rows, any]; UserError where they have another
        shape, or no gradient.
        """
        self.network.settle(flat)
        tensors = [each.detach().requires_grad_() for each in self.network.split(flat)]
        wanted = (2, *self.outputs)
        about = f"{self.about}: outputs"
        found = given(about, self.network.outputs(tensors, inputs), wanted, CURE)
        if len(self.outputs) == 1:
            given(f"{self.about}: heads, its first,", self.network.heads(tensors, inputs)[0], wanted, CURE)
        return differentiable(about, found, "its `tensors`")


def try_networks(cohort: Cohort) -> None:
    """UserError for a pack's network that is not one, or of mixed replicas."""
    setting = cohort.setting
    rows, size = min(setting.batch_size, ROWS), dimension(setting.data)
    if isinstance(spec := setting.critic, schema.PackCritic):
        about = f"critic {spec.use!r}"
        _try(Trial(about, cohort.critic, spec.initialization, (rows, size), (rows,)), cohort.device)
    network = cohort.generator.network
    if isinstance(made := setting.generator, schema.PackGenerator) and network is not None:
        shapes = (rows, made.latent), (rows, size)
        _try(Trial(f"generator {made.use!r}", network, made.initialization, *shapes), cohort.device)


def _try(trial: Trial, device: torch.device) -> None:
    rng = stream("protocol", "trial")
    flat = torch.stack([trial.parameters(rng) for _ in range(3)]).to(device)
    inputs = torch.from_numpy(rng.standard_normal((3, *trial.inputs), dtype=np.float32)).to(device)
    pairs = ([0, 1], [0, 2])
    with torch.enable_grad():
        found, again = (trial.given(flat[pair], inputs[pair]) for pair in pairs)
    apart(f"{trial.about}: outputs", found, again)
