"""The training loop: Algorithm 1 of WGAN and of WGAN-GP, for all replicas of a cohort."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import repeat

import torch
from torch import Tensor

from suite.networks.image import ImageNetwork
from suite.objectives.auxiliary import Told
from suite.objectives.constraint import Constraint, Seen, with_penalty
from suite.objectives.generator import Feed, GeneratorGradient, generator_gradient
from suite.objectives.gradient import CriticGradient, Penalty, critic_gradient
from suite.objectives.losses import try_out
from suite.objectives.orthogonal import orthogonal_gradient
from suite.spec.schema import PackConstraint
from suite.training import replay
from suite.training.averaging import follow
from suite.training.bounds import Bounds, Penalising, bounds, confine
from suite.training.cohort import Cohort
from suite.training.draws import BLOCK, Draws, critic_draws, generator_draws, steps_of, warmup_draws
from suite.training.looks import Look, look, note
from suite.training.made import Made, made_for, made_together
from suite.training.phase import is_held, is_moving
from suite.training.precision import products_in
from suite.training.probes import measure
from suite.training.state import State, renew_critic
from suite.training.turn import Move, Shown, Turn

Pause = Callable[[State], None]
"""Called between blocks, where a state may be saved; it may raise to stop the training."""


def train(cohort: Cohort, state: State, pause: Pause) -> None:
    """Train from ``state.iteration`` to the end, probing on the way; ``state`` is changed."""
    setting, limits, moving = cohort.setting, bounds(cohort), cohort.shared()
    try_out(setting.loss, setting.batch_size, cohort.device)
    steps = replay.steps(cohort, state, partial(iterate, moving, state, limits))
    if state.iteration == 0:
        measure(cohort, state, limits)
        warm_up(moving, state, limits)
    while state.iteration < setting.iterations:
        seen: list[Look] = []
        for turn in turns(cohort, state):
            if state.iteration == setting.freeze_at:
                renew_critic(cohort, state)
            with denormals_as_zero(), products_in(setting.precision, cohort.device):
                shown = steps.take(turn)
            state.iteration += 1
            seen.append(look(cohort, state, shown))
            measure(cohort, state, limits)
        note(state, seen)
        steps.rest()
        pause(state)


def iterate(cohort: Cohort, state: State, limits: Bounds, turn: Turn) -> Shown:
    """One iteration of Algorithm 1. It may be recorded: nothing here may depend on what changes from one
    to the next, but by ``turn`` and tensors that are changed in place, nor ask for a tensor's values.
    """
    seen = made_together(cohort, state, limits, turn.critic)
    for draws, made in zip(steps_of(turn.critic), seen, strict=True):
        move = critic_step(cohort, state, limits, draws, made)
    return Shown(move, generator_step(cohort, state, turn.generator))


def warm_up(cohort: Cohort, state: State, limits: Bounds) -> None:
    """Critic steps before the first iteration."""
    if cohort.setting.warmup:
        with denormals_as_zero(), products_in(cohort.setting.precision, cohort.device):
            every = own(cohort, warmup_draws(cohort))
            seen = made_together(cohort, state, limits, every)
            for draws, made in zip(steps_of(every), seen, strict=True):
                critic_step(cohort, state, limits, draws, made)


@contextmanager
def denormals_as_zero() -> Iterator[None]:
    """Numbers next to zero, which dead units and their moments fade into, take a core many times as
    long as others. Not for probes, whose libraries may look at what a float can hold.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def turns(cohort: Cohort, state: State) -> Iterator[Turn]:
    """The draws of each iteration of the block that starts here; none for a generator that stays as it is."""
    setting, block = cohort.setting, state.iteration // BLOCK
    critic = iterations_of(own(cohort, critic_draws(cohort, block)))
    generator: Iterable[Draws | None] = repeat(None)
    if is_moving(cohort, state):
        generator = steps_of(own(cohort, generator_draws(cohort, block)))
    left = range(setting.iterations - state.iteration)
    for _, steps, draws in zip(left, critic, generator, strict=False):
        # A generator may have come to stay as it is in the middle of a block.
        yield Turn(steps, draws if is_moving(cohort, state) else None)


def own(cohort: Cohort, draws: Draws) -> Draws:
    """The part of each batch that is this process's."""
    return Draws(*map(cohort.team.rows, draws))


def iterations_of(draws: Draws) -> Iterator[Draws]:
    """The critic's draws of each iteration of a block."""
    return steps_of(Draws(*(each.view(BLOCK, len(each) // BLOCK, *each.shape[1:]) for each in draws)))


def critic_step(cohort: Cohort, state: State, limits: Bounds, draws: Draws, made: Made | None = None) -> Move:
    """Move the critic once on a batch, and confine it, unless it is held. ``made`` is given where it
    is made already and the batch is not in parts.
    """
    held = is_held(cohort, state)
    if not held:
        cohort.critic.settle(state.critic)
    parts = (_critic_gradient(cohort, state, limits, part, made) for part in in_parts(cohort, draws))
    gradient = CriticGradient(*cohort.team.mean(*mean_of(parts, cohort.setting.accumulate)))
    state.critic_count += 1
    before = state.critic.clone() if cohort.setting.probes.step_cosine is not None else None
    if not held:
        state.critic_optimizer.step(state.critic, gradient.flat, state.critic_count)
    step = None if before is None else before - state.critic
    if not held:
        confine(cohort, state.critic, limits)
    return Move(gradient, step)


def _critic_gradient(
    cohort: Cohort, state: State, limits: Bounds, draws: Draws, made: Made | None
) -> CriticGradient:
    """Of one part of a batch."""
    fake, points = made_for(cohort, state, limits, draws) if made is None else made
    extra = None
    if points is not None and isinstance(limits, Penalising):
        extra = Penalty(points, limits.weight, limits.floor, limits.centre)
    name, told = cohort.setting.loss, _told(cohort, draws)
    gradient = critic_gradient(cohort.critic, state.critic, name, draws.real, fake, extra, told)
    spec = cohort.setting.constraint
    if not (isinstance(limits, Constraint) and isinstance(spec, PackConstraint)):
        return gradient
    seen = Seen(draws.real, fake, draws.share, draws.normal, draws.labels)
    return with_penalty(spec.use, limits, cohort.critic, state.critic, seen, gradient)


def in_parts(cohort: Cohort, draws: Draws) -> Iterator[Draws]:
    """The parts of a step's batch whose gradients are accumulated."""
    count = cohort.setting.accumulate
    if count == 1:
        return iter([draws])
    chunks = [each.chunk(count, dim=1) for each in draws]
    return (Draws(*(each.contiguous() for each in part)) for part in zip(*chunks, strict=True))


def mean_of(parts: Iterable[Sequence[Tensor]], count: int) -> Sequence[Tensor]:
    """The means of tensors of the same shapes, of which only a sum is kept: one may overwrite another."""
    if count == 1:
        return next(iter(parts))
    total: list[Tensor] = []
    for part in parts:
        total = [a + b for a, b in zip(total, part, strict=True)] if total else [t.clone() for t in part]
    return [each / count for each in total]


def _told(cohort: Cohort, draws: Draws) -> Told | None:
    labels = draws.labels
    return None if labels is None else Told(labels, cohort.setting.auxiliary)


def generator_step(cohort: Cohort, state: State, draws: Draws | None) -> Tensor | None:
    """Move the generator once; its losses, or None where it is not trained."""
    if draws is None or not is_moving(cohort, state):
        return None
    cohort.generator.settle(state.generator)
    parts = (_generator_gradient(cohort, state, part) for part in in_parts(cohort, draws))
    flat, losses = cohort.team.mean(*mean_of(parts, cohort.setting.accumulate))
    flat = regularized(cohort, state, flat)
    state.generator_count += 1
    state.generator_optimizer.step(state.generator, flat, state.generator_count)
    follow(cohort, state)
    return losses


def _generator_gradient(cohort: Cohort, state: State, draws: Draws) -> GeneratorGradient:
    """Of one part of a batch."""
    feed = Feed(draws.noise, draws.real, draws.blur, _told(cohort, draws))
    name = cohort.setting.loss
    return generator_gradient(cohort.critic, state.critic, cohort.generator, state.generator, name, feed)


def regularized(cohort: Cohort, state: State, gradient: Tensor) -> Tensor:
    """The generator's gradient with that of its orthogonal regularisation, where it has any."""
    spec, network = cohort.setting.orthogonal, cohort.generator.network
    if spec is None or not isinstance(network, ImageNetwork):
        return gradient
    added = torch.zeros_like(gradient)
    for part, weight in zip(network.weights(added), network.weights(state.generator), strict=True):
        part.copy_(orthogonal_gradient(weight, spec))
    return gradient + added
