"""What iterations show of themselves: losses, on a thinned schedule, and steps that are looked at."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from suite.training.cohort import Cohort
from suite.training.state import NOT_DIVERGED, State
from suite.training.turn import Shown
from suite.training.view import Array, host

LOSS_POINTS = 1000
"""How many points a loss curve has at the most."""


class Look(NamedTuple):
    """What an iteration has shown: by name, losses of which the mean over the batch is to be taken,
    [replicas, batch], and whether these are logged; and of a step that is looked at, its cosine [replicas].
    """

    iteration: int
    losses: dict[str, Tensor]
    is_logged: bool
    cosine: Tensor | None


def look(cohort: Cohort, state: State, shown: Shown) -> Look:
    """Losses, kept on a thinned schedule."""
    (move, generator), iterations = shown, cohort.setting.iterations
    losses = {"critic": move.gradient.losses, "estimate": move.gradient.estimates}
    losses |= {} if generator is None else {"generator": generator}
    is_logged = state.iteration % -(-iterations // LOSS_POINTS) == 0 or state.iteration == iterations
    seen = None if move.step is None or not is_logged else cosine(move.gradient.flat, move.step)
    return Look(state.iteration, losses, is_logged, seen)


def note(state: State, seen: Sequence[Look]) -> None:
    """Log what a block has shown, and the first iteration whose loss is not finite; what is on a device
    stays there.
    """
    every = {name: means(seen, name) for name in seen[0].losses}
    for name, values in every.items():
        keep(state, f"losses.{name}", zip(seen, values, strict=False))
    first, *others = every.values()
    total = first.clone()
    for other in others:
        total[: len(other)] += other
    state.diverged = torch.where(
        state.diverged == NOT_DIVERGED, first_bad(total, seen[0].iteration), state.diverged
    )
    keep(state, "step_cosine.cosine", ((each, each.cosine) for each in seen if each.cosine is not None))


def means(seen: Sequence[Look], name: str) -> Tensor:
    """A loss in each iteration that has one, [iterations, replicas]: a generator may come to stay as it is
    in the middle of a block.
    """
    return torch.stack([each.losses[name] for each in seen if name in each.losses]).mean(2)


def keep(state: State, name: str, readings: Iterable[tuple[Look, Tensor]]) -> None:
    """Log numbers [replicas] of those iterations that are to be logged."""
    kept = [(look.iteration, values) for look, values in readings if look.is_logged]
    if kept:
        iterations, values = zip(*kept, strict=True)
        state.log.add_later(iterations, name, partial(_rows, torch.stack(values)))


def first_bad(losses: Tensor, first: int) -> Tensor:
    """The first of some iterations in a row, from ``first``, whose losses [iterations, replicas] are not
    finite, or ``NOT_DIVERGED`` [replicas].
    """
    fine, count = torch.isfinite(losses), len(losses)
    places = torch.arange(count, device=fine.device)[:, None]
    bad = torch.where(fine, count, places).amin(0)
    return torch.where(bad == count, NOT_DIVERGED, bad + first)


def _rows(values: Tensor) -> list[Array]:
    return list(host(values))


def cosine(gradient: Tensor, step: Tensor) -> Tensor:
    """Cosine between two moves of each replica, in float64 [replicas].

    ``step`` is subtracted from the parameters, so 1 is straight descent.
    """
    return torch.nn.functional.cosine_similarity(gradient.double(), step.double(), dim=1, eps=1e-300)
