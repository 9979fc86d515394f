"""The training loop: Algorithm 1 of WGAN and of WGAN-GP, for all replicas of a cohort."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from itertools import repeat
from typing import NamedTuple

import torch
from torch import Tensor

from suite.networks.generators import is_trained
from suite.networks.mlp import MLP
from suite.objectives.auxiliary import Told
from suite.objectives.generator import Feed, generator_gradient
from suite.objectives.gradient import CriticGradient, Penalty, critic_gradient
from suite.objectives.penalty import interpolate
from suite.training.cohort import Bounds, Cohort, bounds
from suite.training.draws import BLOCK, Draws, critic_draws, generator_draws, warmup_draws
from suite.training.probes import measure
from suite.training.state import NOT_DIVERGED, State, renew_critic
from suite.training.view import host

LOSS_POINTS = 1000
"""How many points a loss curve has at the most."""
TOGETHER = 512
"""Rows that a perceptron generates at once."""

Pause = Callable[[State], None]
"""Called between blocks, where a state may be saved; it may raise to stop the training."""


class Move(NamedTuple):
    """One critic step: its gradient, which the next one overwrites, and the step before any clipping,
    where a probe looks at it.
    """

    gradient: CriticGradient
    step: Tensor | None


def train(cohort: Cohort, state: State, pause: Pause) -> None:
    """Train from ``state.iteration`` to the end, probing on the way; ``state`` is changed."""
    setting, limits, moving = cohort.setting, bounds(cohort), cohort.shared()
    if state.iteration == 0:
        measure(cohort, state, limits)
        warm_up(moving, state, limits)
    while state.iteration < setting.iterations:
        seen: list[Seen] = []
        for critic_rounds, generator_round in rounds(cohort, state):
            if state.iteration == setting.freeze_at:
                renew_critic(cohort, state)
            with denormals_as_zero():
                for draws, fake in zip(critic_rounds, fakes(moving, state, critic_rounds), strict=True):
                    move = critic_step(moving, state, limits, draws, fake)
                moved = generator_step(moving, state, generator_round)
            state.iteration += 1
            seen.append(look(cohort, state, move, moved))
            measure(cohort, state, limits)
        note(state, seen)
        pause(state)


def warm_up(cohort: Cohort, state: State, limits: Bounds) -> None:
    """Critic steps before the first iteration."""
    if cohort.setting.warmup:
        with denormals_as_zero():
            steps = list(steps_of(own(cohort, warmup_draws(cohort))))
            for draws, fake in zip(steps, fakes(cohort, state, steps), strict=True):
                critic_step(cohort, state, limits, draws, fake)


@contextmanager
def denormals_as_zero() -> Iterator[None]:
    """Numbers next to zero, which dead units and their moments fade into, take a core a hundred times as
    long as others. Not for probes, whose libraries may look at what a float can hold.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def rounds(cohort: Cohort, state: State) -> Iterator[tuple[list[Draws], Draws | None]]:
    """The draws of each iteration of the block that starts here; none for a generator that stays as it is."""
    setting, block = cohort.setting, state.iteration // BLOCK
    count = min(BLOCK, setting.iterations - state.iteration)
    critic = list(steps_of(own(cohort, critic_draws(cohort, block))))
    generator: Iterable[Draws | None] = repeat(None)
    if is_moving(cohort, state):
        generator = steps_of(own(cohort, generator_draws(cohort, block)))
    for index, draws in zip(range(count), generator, strict=False):
        first = index * setting.critic_steps
        yield critic[first : first + setting.critic_steps], draws


def own(cohort: Cohort, draws: Draws) -> Draws:
    """The part of each batch that is this process's."""
    return Draws(*map(cohort.team.rows, draws))


def steps_of(draws: Draws) -> Iterator[Draws]:
    """The draws of each step."""
    return (Draws(*step) for step in zip(*draws, strict=True))


@torch.no_grad()
def fakes(cohort: Cohort, state: State, steps: Sequence[Draws]) -> list[Tensor]:
    """Generated data for each of some critic steps, between which the generator stays as it is. A
    perceptron, for which products of few rows are slow, makes those of several at once.
    """
    generator, network = cohort.generator, cohort.generator.network
    apart = not isinstance(network, MLP) or network.classes or network.couples_samples
    many = 1 if apart else max(1, TOGETHER // cohort.setting.batch_size)
    tensors, made = generator.split(state.generator), list[Tensor]()
    for first in range(0, len(steps), many):
        group = steps[first : first + many]
        noise, real = (torch.cat([getattr(d, name) for d in group], 1) for name in ("noise", "real"))
        made += generator.generate(tensors, noise, real, group[0].labels).chunk(len(group), dim=1)
    return [draws.seen(each) for draws, each in zip(steps, made, strict=True)]


def critic_step(cohort: Cohort, state: State, limits: Bounds, draws: Draws, fake: Tensor) -> Move:
    """Move the critic once on a batch; then clip it, where clipping is the constraint."""
    critic = cohort.critic
    with torch.no_grad():
        extra = penalty_points(limits, draws, fake)
    critic.settle(state.critic)
    name, told = cohort.setting.loss, _told(cohort, draws)
    gradient = critic_gradient(critic, state.critic, name, draws.real, fake, extra, told)
    gradient = CriticGradient(*cohort.team.mean(*gradient))
    state.critic_count += 1
    before = state.critic.clone() if cohort.setting.probes.step_cosine is not None else None
    state.critic_optimizer.step(state.critic, gradient.flat, state.critic_count)
    step = None if before is None else before - state.critic
    if limits.clip is not None:
        clip(state.critic, limits.clip)
    return Move(gradient, step)


def _told(cohort: Cohort, draws: Draws) -> Told | None:
    labels = draws.labels
    return None if labels is None else Told(labels, cohort.setting.auxiliary)


def penalty_points(limits: Bounds, draws: Draws, fake: Tensor) -> Penalty | None:
    """Where the gradient is penalised, if it is."""
    if limits.weight is None or limits.floor is None:
        return None
    return Penalty(interpolate(draws.real, fake, draws.share), limits.weight, limits.floor)


def clip(parameters: Tensor, bound: Tensor) -> None:
    """Clamp in place each replica's parameters to its own bound [replicas, 1]. NaN stays NaN."""
    # Six times as fast as a clamp with tensors for bounds.
    torch.minimum(torch.maximum(parameters, -bound, out=parameters), bound, out=parameters)


def generator_step(cohort: Cohort, state: State, draws: Draws | None) -> Tensor | None:
    """Move the generator once; its loss [replicas], or None where it is not trained."""
    generator, critic = cohort.generator, cohort.critic
    if draws is None or not is_moving(cohort, state):
        return None
    generator.settle(state.generator)
    feed = Feed(draws.noise, draws.real, draws.blur, _told(cohort, draws))
    name = cohort.setting.loss
    gradient = generator_gradient(critic, state.critic, generator, state.generator, name, feed)
    flat, loss = cohort.team.mean(*gradient)
    state.generator_optimizer.step(state.generator, flat, state.iteration + 1)
    return loss


def is_moving(cohort: Cohort, state: State) -> bool:
    """Whether the generator is trained in the iteration that is next."""
    at = cohort.setting.freeze_at
    return is_trained(cohort.generator.spec) and (at is None or state.iteration < at)


class Seen(NamedTuple):
    """What an iteration has shown: by name, numbers [replicas] to be logged where they are."""

    iteration: int
    losses: dict[str, Tensor]
    logged: dict[str, Tensor]


def look(cohort: Cohort, state: State, move: Move, generator: Tensor | None) -> Seen:
    """Losses, kept on a thinned schedule."""
    gradient, iterations = move.gradient, cohort.setting.iterations
    losses = {"critic": gradient.loss, "estimate": gradient.estimate}
    losses |= {} if generator is None else {"generator": generator}
    if state.iteration % -(-iterations // LOSS_POINTS) and state.iteration != iterations:
        return Seen(state.iteration, losses, {})
    logged = {f"losses.{name}": loss for name, loss in losses.items()}
    if move.step is not None:
        logged["step_cosine.cosine"] = cosine(gradient.flat, move.step)
    return Seen(state.iteration, losses, logged)


def note(state: State, seen: Sequence[Seen]) -> None:
    """Log what a block has shown, and the first iteration whose loss is not finite."""
    bad = ~torch.isfinite(torch.stack([reduce(torch.add, each.losses.values()) for each in seen]))
    for each, of_replicas in zip(seen, bad, strict=True) if bad.any() else ():
        state.diverged[of_replicas & (state.diverged == NOT_DIVERGED)] = each.iteration
    for name in dict.fromkeys(name for each in seen for name in each.logged):
        kept = [each for each in seen if name in each.logged]
        values = host(torch.stack([each.logged[name] for each in kept]))
        for each, value in zip(kept, values, strict=True):
            state.log.add(each.iteration, {name: value})


def cosine(gradient: Tensor, step: Tensor) -> Tensor:
    """Cosine between two moves of each replica, in float64 [replicas].

    ``step`` is subtracted from the parameters, so 1 is straight descent.
    """
    return torch.nn.functional.cosine_similarity(gradient.double(), step.double(), dim=1, eps=1e-300)
