"""The training loop: Algorithm 1 of WGAN and of WGAN-GP, for all replicas of a cohort."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial, reduce
from itertools import repeat
from typing import NamedTuple

import torch
from torch import Tensor

from suite.networks.image import ImageNetwork
from suite.networks.mlp import MLP
from suite.objectives.auxiliary import Told
from suite.objectives.constraint import Constraint, Seen, with_penalty
from suite.objectives.generator import Feed, GeneratorGradient, generator_gradient
from suite.objectives.gradient import CriticGradient, Penalty, critic_gradient
from suite.objectives.orthogonal import orthogonal_gradient
from suite.objectives.penalty import interpolate
from suite.training import replay
from suite.training.averaging import follow
from suite.training.bounds import Bounds, Penalising, bounds, confine
from suite.training.cohort import Cohort
from suite.training.draws import BLOCK, Draws, critic_draws, generator_draws, warmup_draws
from suite.training.phase import is_held, is_moving
from suite.training.precision import products_in
from suite.training.probes import measure
from suite.training.state import NOT_DIVERGED, State, renew_critic
from suite.training.turn import Move, Shown, Turn
from suite.training.view import Array, host

LOSS_POINTS = 1000
"""How many points a loss curve has at the most."""
TOGETHER = 512
"""Rows that a perceptron generates at once."""

Pause = Callable[[State], None]
"""Called between blocks, where a state may be saved; it may raise to stop the training."""


def train(cohort: Cohort, state: State, pause: Pause) -> None:
    """Train from ``state.iteration`` to the end, probing on the way; ``state`` is changed."""
    setting, limits, moving = cohort.setting, bounds(cohort), cohort.shared()
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
    steps = list(steps_of(turn.critic))
    for draws, fake in zip(steps, fakes(cohort, state, steps), strict=True):
        move = critic_step(cohort, state, limits, draws, fake)
    return Shown(move, generator_step(cohort, state, turn.generator))


def warm_up(cohort: Cohort, state: State, limits: Bounds) -> None:
    """Critic steps before the first iteration."""
    if cohort.setting.warmup:
        with denormals_as_zero(), products_in(cohort.setting.precision, cohort.device):
            steps = list(steps_of(own(cohort, warmup_draws(cohort))))
            for draws, fake in zip(steps, fakes(cohort, state, steps), strict=True):
                critic_step(cohort, state, limits, draws, fake)


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


def steps_of(draws: Draws) -> Iterator[Draws]:
    """The draws of each step."""
    return (Draws(*step) for step in zip(*draws, strict=True))


@torch.no_grad()
def fakes(cohort: Cohort, state: State, steps: Sequence[Draws]) -> Sequence[Tensor | None]:
    """Generated data for each of some critic steps, where they are made together: the generator stays as
    it is in between, and for a perceptron products of few rows are slow.
    """
    generator, network = cohort.generator, cohort.generator.network
    together = isinstance(network, MLP) and not (network.classes or network.couples_samples)
    if not together or cohort.setting.accumulate > 1:
        return [None] * len(steps)
    tensors, made = generator.split(state.generator), list[Tensor]()
    many = max(1, TOGETHER // cohort.setting.batch_size)
    for first in range(0, len(steps), many):
        group = steps[first : first + many]
        noise, real = (torch.cat([getattr(d, name) for d in group], 1) for name in ("noise", "real"))
        made += generator.generate(tensors, noise, real).chunk(len(group), dim=1)
    return [draws.seen(each) for draws, each in zip(steps, made, strict=True)]


def critic_step(
    cohort: Cohort, state: State, limits: Bounds, draws: Draws, fake: Tensor | None = None
) -> Move:
    """Move the critic once on a batch, and confine it, unless it is held. ``fake`` is generated data,
    where they are made already and the batch is not in parts.
    """
    held = is_held(cohort, state)
    if not held:
        cohort.critic.settle(state.critic)
    parts = (_critic_gradient(cohort, state, limits, part, fake) for part in in_parts(cohort, draws))
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
    cohort: Cohort, state: State, limits: Bounds, draws: Draws, fake: Tensor | None
) -> CriticGradient:
    """Of one part of a batch."""
    generator = cohort.generator
    with torch.no_grad():
        if fake is None:
            tensors = generator.split(state.generator)
            fake = draws.seen(generator.generate(tensors, draws.noise, draws.real, draws.labels))
        extra = penalty_points(limits, draws, fake)
    name, told = cohort.setting.loss, _told(cohort, draws)
    gradient = critic_gradient(cohort.critic, state.critic, name, draws.real, fake, extra, told)
    if not isinstance(limits, Constraint):
        return gradient
    seen = Seen(draws.real, fake, draws.share, draws.labels)
    return with_penalty(limits, cohort.critic, state.critic, seen, gradient)


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


def penalty_points(limits: Bounds, draws: Draws, fake: Tensor) -> Penalty | None:
    """Where the gradient is penalised, if it is."""
    if not isinstance(limits, Penalising):
        return None
    points = interpolate(draws.real, fake, draws.share) if limits.centre else draws.real
    return Penalty(points, limits.weight, limits.floor, limits.centre)


def generator_step(cohort: Cohort, state: State, draws: Draws | None) -> Tensor | None:
    """Move the generator once; its loss [replicas], or None where it is not trained."""
    if draws is None or not is_moving(cohort, state):
        return None
    cohort.generator.settle(state.generator)
    parts = (_generator_gradient(cohort, state, part) for part in in_parts(cohort, draws))
    flat, loss = cohort.team.mean(*mean_of(parts, cohort.setting.accumulate))
    flat = regularized(cohort, state, flat)
    state.generator_count += 1
    state.generator_optimizer.step(state.generator, flat, state.generator_count)
    follow(cohort, state)
    return loss


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


class Look(NamedTuple):
    """What an iteration has shown: by name, numbers [replicas] to be logged where they are."""

    iteration: int
    losses: dict[str, Tensor]
    logged: dict[str, Tensor]


def look(cohort: Cohort, state: State, shown: Shown) -> Look:
    """Losses, kept on a thinned schedule."""
    (move, generator), iterations = shown, cohort.setting.iterations
    gradient = move.gradient
    losses = {"critic": gradient.loss, "estimate": gradient.estimate}
    losses |= {} if generator is None else {"generator": generator}
    if state.iteration % -(-iterations // LOSS_POINTS) and state.iteration != iterations:
        return Look(state.iteration, losses, {})
    logged = {f"losses.{name}": loss for name, loss in losses.items()}
    if move.step is not None:
        logged["step_cosine.cosine"] = cosine(gradient.flat, move.step)
    return Look(state.iteration, losses, logged)


def note(state: State, seen: Sequence[Look]) -> None:
    """Log what a block has shown, and the first iteration whose loss is not finite; what is on a device
    stays there.
    """
    state.diverged = torch.where(state.diverged == NOT_DIVERGED, first_bad(seen), state.diverged)
    for name in dict.fromkeys(name for each in seen for name in each.logged):
        kept = [each for each in seen if name in each.logged]
        values = torch.stack([each.logged[name] for each in kept])
        state.log.add_later([each.iteration for each in kept], name, partial(_rows, values))


def first_bad(seen: Sequence[Look]) -> Tensor:
    """The first of some iterations in a row whose losses are not finite, or ``NOT_DIVERGED`` [replicas]."""
    fine = torch.isfinite(torch.stack([reduce(torch.add, each.losses.values()) for each in seen]))
    places = torch.arange(len(seen), device=fine.device)[:, None]
    first = torch.where(fine, len(seen), places).amin(0)
    return torch.where(first == len(seen), NOT_DIVERGED, first + seen[0].iteration)


def _rows(values: Tensor) -> list[Array]:
    return list(host(values))


def cosine(gradient: Tensor, step: Tensor) -> Tensor:
    """Cosine between two moves of each replica, in float64 [replicas].

    ``step`` is subtracted from the parameters, so 1 is straight descent.
    """
    return torch.nn.functional.cosine_similarity(gradient.double(), step.double(), dim=1, eps=1e-300)
