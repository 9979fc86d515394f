"""The training loop: Algorithm 1 of WGAN and of WGAN-GP, for all replicas of a cohort."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from suite.networks.generators import is_trained
from suite.networks.image import ImageNetwork
from suite.objectives import constraint
from suite.objectives.auxiliary import Told, of_generator
from suite.objectives.gradient import CriticGradient, Penalty, critic_gradient
from suite.objectives.losses import generator_loss
from suite.objectives.orthogonal import orthogonal_gradient
from suite.objectives.penalty import interpolate
from suite.training.averaging import follow
from suite.training.cohort import Bounds, Cohort, bounds
from suite.training.draws import BLOCK, Draws, critic_draws, generator_draws, warmup_draws
from suite.training.probes import measure
from suite.training.state import NOT_DIVERGED, State, renew_critic
from suite.training.view import host

LOSS_POINTS = 1000
"""How many points a loss curve has at the most."""

Pause = Callable[[State], None]
"""Called between blocks, where a state may be saved; it may raise to stop the training."""


class Move(NamedTuple):
    """One critic step: its gradient, and what was subtracted before any clipping."""

    gradient: CriticGradient
    step: Tensor


def train(cohort: Cohort, state: State, pause: Pause) -> None:
    """Train from ``state.iteration`` to the end, probing on the way; ``state`` is changed."""
    setting, limits, moving = cohort.setting, bounds(cohort), cohort.shared()
    if state.iteration == 0:
        measure(cohort, state, limits)
        warm_up(moving, state, limits)
    while state.iteration < setting.iterations:
        for critic_rounds, generator_round in rounds(cohort, state.iteration):
            if state.iteration == setting.freeze_at:
                renew_critic(cohort, state)
            for draws in critic_rounds:
                move = critic_step(moving, state, limits, draws)
            moved = generator_step(moving, state, generator_round)
            state.iteration += 1
            note(cohort, state, move, moved)
            measure(cohort, state, limits)
        pause(state)


def warm_up(cohort: Cohort, state: State, limits: Bounds) -> None:
    """Critic steps before the first iteration."""
    if cohort.setting.warmup:
        for draws in steps_of(own(cohort, warmup_draws(cohort))):
            critic_step(cohort, state, limits, draws)


def rounds(cohort: Cohort, iteration: int) -> Iterator[tuple[list[Draws], Draws]]:
    """The draws of each iteration of the block that starts at ``iteration``."""
    setting, block = cohort.setting, iteration // BLOCK
    critic = list(steps_of(own(cohort, critic_draws(cohort, block))))
    generator = list(steps_of(own(cohort, generator_draws(cohort, block))))
    for index in range(min(BLOCK, setting.iterations - iteration)):
        first = index * setting.critic_steps
        yield critic[first : first + setting.critic_steps], generator[index]


def own(cohort: Cohort, draws: Draws) -> Draws:
    """The part of each batch that is this process's."""
    return Draws(*map(cohort.team.rows, draws))


def steps_of(draws: Draws) -> Iterator[Draws]:
    """The draws of each step."""
    return (Draws(*step) for step in zip(*draws, strict=True))


def critic_step(cohort: Cohort, state: State, limits: Bounds, draws: Draws) -> Move:
    """Move the critic once on a batch; then clip it, where clipping is the constraint."""
    if not is_held(cohort, state):
        cohort.critic.settle(state.critic)
    parts = (_critic_gradient(cohort, state, limits, part) for part in in_parts(cohort, draws))
    gradient = CriticGradient(*cohort.team.mean(*mean_of(parts)))
    state.critic_count += 1
    if is_held(cohort, state):
        return Move(gradient, torch.zeros_like(gradient.flat))
    step = state.critic_optimizer.step(gradient.flat, state.critic_count)
    state.critic.sub_(step)
    if limits.clip is not None:
        clip(state.critic, limits.clip)
    if limits.rule is not None:
        limits.rule.project(cohort.critic, state.critic)
    return Move(gradient, step)


def _critic_gradient(cohort: Cohort, state: State, limits: Bounds, draws: Draws) -> CriticGradient:
    """Of one part of a batch."""
    generator = cohort.generator
    with torch.no_grad():
        made = generator.generate(generator.split(state.generator), draws.noise, draws.real, draws.labels)
        fake = draws.seen(made)
        extra = penalty_points(limits, draws, fake)
    name, told = cohort.setting.loss, _told(cohort, draws)
    gradient = critic_gradient(cohort.critic, state.critic, name, draws.real, fake, extra, told)
    if limits.rule is None:
        return gradient
    seen = constraint.Seen(draws.real, fake, draws.share, draws.labels)
    return constraint.with_penalty(limits.rule, cohort.critic, state.critic, seen, gradient)


def in_parts(cohort: Cohort, draws: Draws) -> Iterator[Draws]:
    """The parts of a step's batch whose gradients are accumulated."""
    count = cohort.setting.accumulate
    if count == 1:
        return iter([draws])
    chunks = [each.chunk(count, dim=1) for each in draws]
    return (Draws(*(each.contiguous() for each in part)) for part in zip(*chunks, strict=True))


def mean_of(parts: Iterable[Sequence[Tensor]]) -> Sequence[Tensor]:
    """The means of tensors of the same shapes, of which only a sum is kept."""
    total, count = None, 0
    for part in parts:
        total = part if total is None else [a + b for a, b in zip(total, part, strict=True)]
        count += 1
    assert total is not None
    return total if count == 1 else [each / count for each in total]


def _told(cohort: Cohort, draws: Draws) -> Told | None:
    labels = draws.labels
    return None if labels is None else Told(labels, cohort.setting.auxiliary)


def penalty_points(limits: Bounds, draws: Draws, fake: Tensor) -> Penalty | None:
    """Where the gradient is penalised, if it is."""
    if limits.weight is None or limits.floor is None:
        return None
    points = interpolate(draws.real, fake, draws.share) if limits.centre else draws.real
    return Penalty(points, limits.weight, limits.floor, limits.centre)


def clip(parameters: Tensor, bound: Tensor) -> None:
    """Clamp in place each replica's parameters to its own bound [replicas, 1]. NaN stays NaN."""
    # Six times as fast as a clamp with tensors for bounds.
    torch.minimum(torch.maximum(parameters, -bound, out=parameters), bound, out=parameters)


def generator_step(cohort: Cohort, state: State, draws: Draws) -> Tensor | None:
    """Move the generator once; its loss [replicas], or None where it is not trained."""
    generator = cohort.generator
    if not is_trained(generator.spec) or is_frozen(cohort, state):
        return None
    generator.settle(state.generator)
    parts = (_generator_gradient(cohort, state, part) for part in in_parts(cohort, draws))
    flat, loss = cohort.team.mean(*mean_of(parts))
    flat = regularized(cohort, state, flat)
    state.generator.sub_(state.generator_optimizer.step(flat, state.iteration + 1))
    follow(cohort, state)
    return loss


def _generator_gradient(cohort: Cohort, state: State, draws: Draws) -> tuple[Tensor, Tensor]:
    """Gradient [replicas, parameters] and loss [replicas] of one part of a batch."""
    generator, critic = cohort.generator, cohort.critic
    tensors = [t.detach().requires_grad_() for t in generator.split(state.generator)]
    fake = draws.seen(generator.generate(tensors, draws.noise, draws.real, draws.labels))
    scores, classes = critic.heads(critic.split(state.critic), fake, draws.labels)
    loss = of_generator(generator_loss(cohort.setting.loss, scores), _told(cohort, draws), classes)
    grads = torch.autograd.grad(loss.sum(), tensors, allow_unused=True, materialize_grads=True)
    return torch.cat([g.flatten(1) for g in grads], dim=1), loss.detach()


def regularized(cohort: Cohort, state: State, gradient: Tensor) -> Tensor:
    """The generator's gradient with that of its orthogonal regularisation, where it has any."""
    spec, network = cohort.setting.orthogonal, cohort.generator.network
    if spec is None or not isinstance(network, ImageNetwork):
        return gradient
    added = torch.zeros_like(gradient)
    for part, weight in zip(network.weights(added), network.weights(state.generator), strict=True):
        part.copy_(orthogonal_gradient(weight, spec))
    return gradient + added


def is_frozen(cohort: Cohort, state: State) -> bool:
    """Whether the generator stays as it is from here on."""
    at, spec = cohort.setting.freeze_at, cohort.setting.freeze
    if spec is not None and spec.network == "generator":
        return state.iteration >= spec.at
    return at is not None and state.iteration >= at


def is_held(cohort: Cohort, state: State) -> bool:
    """Whether the critic stays as it is from here on."""
    spec = cohort.setting.freeze
    return spec is not None and spec.network == "critic" and state.iteration >= spec.at


def note(cohort: Cohort, state: State, move: Move, generator: Tensor | None) -> None:
    """Record losses on a thinned schedule, and the first iteration whose loss is not finite."""
    gradient, iterations = move.gradient, cohort.setting.iterations
    losses = {"critic": gradient.loss, "estimate": gradient.estimate}
    losses |= {} if generator is None else {"generator": generator}
    bad = ~torch.isfinite(torch.stack(list(losses.values())).sum(0)) & (state.diverged == NOT_DIVERGED)
    state.diverged[bad] = state.iteration
    if state.iteration % -(-iterations // LOSS_POINTS) and state.iteration != iterations:
        return
    state.log.add(state.iteration, {f"losses.{name}": host(t) for name, t in losses.items()})
    if cohort.setting.probes.step_cosine is not None:
        state.log.add(state.iteration, {"step_cosine.cosine": host(cosine(gradient.flat, move.step))})


def cosine(gradient: Tensor, step: Tensor) -> Tensor:
    """Cosine between two moves of each replica, in float64 [replicas].

    ``step`` is subtracted from the parameters, so 1 is straight descent.
    """
    return torch.nn.functional.cosine_similarity(gradient.double(), step.double(), dim=1, eps=1e-300)
