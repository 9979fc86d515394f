"""Where a cohort's runs stand: resumed from their checkpoints, and the same for all of a team."""

import hashlib
import math
from collections.abc import Sequence
from typing import NamedTuple

import torch

from suite.store.checkpoints import held
from suite.store.store import RunFolder
from suite.training.cohort import Cohort
from suite.training.state import Part, State, part, restore, start

DEVICE = (torch.OutOfMemoryError, torch.AcceleratorError)
"""What PyTorch raises where a GPU has no memory left, or fails."""
SECONDS = "seconds"
"""What a checkpoint says of the time besides a run's state."""


class Resumed(NamedTuple):
    """Where a cohort goes on, and the seconds that each run took to get there."""

    state: State
    seconds: list[float]


def standing(cohort: Cohort, folders: Sequence[RunFolder]) -> Resumed:
    """Where the job's last process left it, or the start; the same for all of a team."""
    cohort.team.wait()
    found = resume(cohort, folders) or Resumed(start(cohort), [0.0] * len(cohort.runs))
    agree(cohort, found.state)
    return found


def resume(cohort: Cohort, folders: Sequence[RunFolder]) -> Resumed | None:
    """The standing at the last iteration of which every run has a whole checkpoint, or None.

    A crash while a batch is saved leaves its runs one checkpoint apart.
    """
    parts = [held(folder) for folder in folders]
    there = set.intersection(*map(set, parts))
    for iteration in sorted((i for i in there if 0 <= i <= cohort.setting.iterations), reverse=True):
        try:
            common = [of_run[iteration] for of_run in parts]
            _require_form(common, cohort)
            return Resumed(restore(cohort, common), [_seconds(each) for each in common])
        except DEVICE:  # It is the device that failed, and not what was saved.
            raise
        except (KeyError, ValueError, TypeError, IndexError, OverflowError, RuntimeError):
            continue
    return None


def _require_form(saved: Sequence[Part], cohort: Cohort) -> None:
    """KeyError or ValueError where something, but for what was logged, has not the type and the shape that it
    has at the start.
    """
    for name, first in part(start(cohort), 0).items():
        if not name.startswith("log:") and any(each[name].shape != first.shape for each in saved):
            raise ValueError(f"{name} has another shape")
        if not name.startswith("log:") and any(each[name].dtype != first.dtype for each in saved):
            raise ValueError(f"{name} is of another type")


def _seconds(saved: Part) -> float:
    """ValueError where they are none."""
    seconds = float(saved.get(SECONDS, 0.0))
    if not 0 <= seconds < math.inf:
        raise ValueError("no seconds")
    return seconds


def agree(cohort: Cohort, state: State) -> None:
    """Raises RuntimeError where the states of a team's processes are not the same to the bit."""
    if cohort.team.size > 1 and not cohort.team.same(_state_digest(state)):
        raise RuntimeError(
            f"at iteration {state.iteration} the {cohort.team.size} processes are not in the same state"
        )


def _state_digest(state: State) -> bytes:
    total = hashlib.sha256(f"{state.iteration} {int(state.critic_count)}".encode())
    moments = (*state.critic_optimizer.slots.values(), *state.generator_optimizer.slots.values())
    for tensor in (state.critic, state.generator, state.looked_at, *moments):
        total.update(tensor.cpu().numpy().tobytes())
    return total.digest()
