"""All that changes while a cohort trains, and its form on disk: one part a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from suite.networks import generators
from suite.series import Series
from suite.spec.runs import Run
from suite.streams import stream
from suite.training.cohort import Cohort
from suite.training.log import Log
from suite.training.optimizers import Optimizer, optimizer

Part = dict[str, NDArray[np.generic]]
"""One run's state by name: plain arrays, which a checkpoint stores without pickling."""
Fakes = tuple[int, str, torch.dtype]
"""How many samples, for which purpose, of which type."""

NOT_DIVERGED = -1


@dataclass
class State:
    """Parameters [replicas, parameters], optimisers, counters and readings of a cohort."""

    critic: Tensor
    generator: Tensor
    critic_optimizer: Optimizer
    generator_optimizer: Optimizer
    diverged: Tensor
    """[replicas]: the first iteration with a loss that is not finite, or ``NOT_DIVERGED``."""
    critic_count: Tensor
    """Critic steps taken, the warm-up included; a number on the device, as steps ask for it there."""
    generator_count: Tensor
    """Generator steps taken, likewise."""
    iteration: int = 0
    log: Log = field(default_factory=Log)
    average: Tensor | None = None
    """The running mean of the generator's parameters, where there is one: ``suite.training.averaging``."""
    fakes: dict[Fakes, Tensor] = field(default_factory=dict)
    """What probes were shown of a generator that stays as it is; in no checkpoint."""

    @property
    def looked_at(self) -> Tensor:
        """The generator's parameters with which images are made that are looked at."""
        return self.generator if self.average is None else self.average


def start(cohort: Cohort) -> State:
    """The state before the first iteration."""
    critic = np.stack([_critic_init(cohort, run) for run in cohort.runs])
    generator = np.stack([generators.initial(run.setting, run.id) for run in cohort.runs])
    return _assemble(cohort, critic, generator, [NOT_DIVERGED] * len(cohort.runs))


def renew_critic(cohort: Cohort, state: State) -> None:
    """Put a fresh critic, untrained, in the place of the one there is."""
    critic = np.stack([_critic_init(cohort, run, "fresh critic init") for run in cohort.runs])
    # In its place, where others may look for it.
    state.critic.copy_(torch.from_numpy(critic))
    state.critic_count.zero_()
    for moment in state.critic_optimizer.slots.values():
        moment.zero_()


def _critic_init(cohort: Cohort, run: Run, purpose: str = "critic init") -> NDArray[np.float32]:
    return cohort.critic.initialize(run.setting.critic.initialization, stream(run.id, purpose))


def _assemble(
    cohort: Cohort,
    critic: NDArray[np.float32],
    generator: NDArray[np.float32],
    diverged: list[int],
) -> State:
    device = cohort.device
    critics = [run.setting.optimizer for run in cohort.runs]
    movers = [run.setting.generator_optimizer or run.setting.optimizer for run in cohort.runs]
    state = State(
        torch.from_numpy(critic).to(device),
        torch.from_numpy(generator).to(device),
        optimizer(critics, critic.shape[1], device),
        optimizer(movers, generator.shape[1], device),
        torch.tensor(diverged, device=device),
        torch.tensor(0, device=device),
        torch.tensor(0, device=device),
    )
    if cohort.setting.average is not None:
        state.average = state.generator.clone()
    return state


def part(state: State, replica: int) -> Part:
    """One run's part of a state."""
    fixed: Part = {
        "iteration": np.array(state.iteration),
        "critic_count": state.critic_count.cpu().numpy(),
        "diverged": state.diverged[replica].cpu().numpy(),
        "critic": state.critic[replica].cpu().numpy(),
        "generator": state.generator[replica].cpu().numpy(),
    }
    for name, tensor in _slots(state).items():
        fixed[name] = tensor[replica].cpu().numpy()
    for name, series in state.log.of_run(replica).items():
        fixed[f"log:{name}:iterations"] = series.iterations
        fixed[f"log:{name}:values"] = series.values
    return fixed


def restore(cohort: Cohort, parts: list[Part]) -> State:
    """The state whose parts these are; all at the same iteration.

    Raises KeyError or ValueError where a part is not one of this cohort's shape.
    """
    critic = np.stack([np.asarray(p["critic"], dtype=np.float32) for p in parts])
    generator = np.stack([np.asarray(p["generator"], dtype=np.float32) for p in parts])
    if critic.shape[1] != cohort.critic.parameters:
        raise ValueError(f"checkpoint of {critic.shape[1]} parameters for {cohort.critic.parameters}")
    state = _assemble(cohort, critic, generator, [int(p["diverged"]) for p in parts])
    for name, tensor in _slots(state).items():
        tensor.copy_(torch.from_numpy(np.stack([p[name] for p in parts])))
    state.iteration = int(parts[0]["iteration"])
    state.critic_count.fill_(int(parts[0]["critic_count"]))
    state.generator_count.fill_(state.iteration)
    state.log = Log.joined([_series(p) for p in parts])
    return state


def _slots(state: State) -> dict[str, Tensor]:
    both = {"critic": state.critic_optimizer, "generator": state.generator_optimizer}
    slots = {f"{who}:{name}": t for who, o in both.items() for name, t in o.slots.items()}
    return slots if state.average is None else {**slots, "generator:average": state.average}


def _series(part: Mapping[str, NDArray[np.generic]]) -> dict[str, Series]:
    names = [key.split(":")[1] for key in part if key.startswith("log:") and key.endswith(":values")]
    return {
        name: Series(
            np.asarray(part[f"log:{name}:iterations"], dtype=np.int64),
            np.asarray(part[f"log:{name}:values"], dtype=np.float64),
        )
        for name in names
    }
