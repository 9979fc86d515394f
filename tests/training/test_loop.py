"""The loop against Algorithm 1, written plainly."""

import msgspec
import pytest
import torch

from suite.networks.generators import GeneratorNetwork
from suite.networks.mlp import MLP
from suite.spec import schema
from suite.training.bounds import Clamp, bounds, clamps, clip
from suite.training.cohort import Cohort
from suite.training.draws import critic_draws, generator_draws, steps_of
from suite.training.looks import cosine
from suite.training.loop import critic_step, denormals_as_zero, train
from suite.training.made import made_for, made_together
from suite.training.state import start
from tests.training.settings import CPU, run, setting


def as_modules(network: MLP, flat: torch.Tensor) -> torch.nn.Sequential:
    """One replica's ReLU perceptron as torch modules."""
    made: list[torch.nn.Module] = []
    for layer in network.layers(network.split(flat[:1])):
        linear = torch.nn.Linear(*layer.weight.shape[1:])
        linear.weight.data, linear.bias.data = layer.weight[0].T.clone(), layer.bias[0, 0].clone()
        made += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*made[:-1])


def plain_wgan(cohort: Cohort, iterations: int) -> torch.nn.Sequential:
    """Algorithm 1 of WGAN or of WGAN-GP for one network with torch.optim; returns the critic."""
    first, spec = start(cohort), cohort.setting
    critic = as_modules(cohort.critic, first.critic)
    assert cohort.generator.network is not None
    generator = as_modules(cohort.generator.network, first.generator)
    make = {
        schema.RMSProp: lambda p, s: torch.optim.RMSprop(p, lr=s.lr, alpha=s.alpha, eps=s.eps),
        schema.Adam: lambda p, s: torch.optim.Adam(p, lr=s.lr, betas=s.betas, eps=s.eps),
    }[type(spec.optimizer)]
    by_critic, by_generator = (make(net.parameters(), spec.optimizer) for net in (critic, generator))
    steps = iter(steps_of(critic_draws(cohort, 0)))
    for moves in list(steps_of(generator_draws(cohort, 0)))[:iterations]:
        for _ in range(spec.critic_steps):
            draws = next(steps)
            real, fake = draws.real[0], generator(draws.noise[0]).detach()
            loss = critic(fake).mean() - critic(real).mean()
            if isinstance(spec.constraint, schema.GradientPenalty):
                mixed = (draws.share[0] * real + (1 - draws.share[0]) * fake).requires_grad_()
                (slope,) = torch.autograd.grad(critic(mixed).sum(), mixed, create_graph=True)
                loss = loss + spec.constraint.weight * ((slope.norm(dim=1) - 1) ** 2).mean()
            by_critic.zero_grad()
            loss.backward()
            by_critic.step()
            if isinstance(spec.constraint, schema.Clip):
                for parameter in critic.parameters():
                    parameter.data.clamp_(-spec.constraint.bound, spec.constraint.bound)
        by_generator.zero_grad()
        (-critic(generator(moves.noise[0])).mean()).backward()
        by_generator.step()
    return critic


@pytest.mark.parametrize(
    "changes",
    [
        {"constraint": schema.GradientPenalty(weight=10), "optimizer": schema.Adam(lr=1e-3, eps=1e-2)},
        {"constraint": schema.Clip(bound=0.1), "optimizer": schema.RMSProp(lr=1e-3, eps=1e-2)},
    ],
)
def test_the_loop_is_algorithm_1(changes: dict[str, object]) -> None:
    """A large eps keeps a gradient that is zero but for rounding from becoming a whole step."""
    cohort = Cohort.of([run(iterations=8, **changes)], CPU)
    state = start(cohort)
    before = state.critic.clone()
    train(cohort, state, lambda _: None)
    assert (state.critic - before).abs().max() > 1e-3
    plain = plain_wgan(cohort, 8)
    found = as_modules(cohort.critic, state.critic)
    for ours, theirs in zip(found.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_the_generator_never_sees_an_unclipped_critic() -> None:
    cohort = Cohort.of([run(constraint=schema.Clip(bound=0.01), optimizer=schema.RMSProp(lr=1.0))], CPU)
    state = start(cohort)
    limits = bounds(cohort)
    for draws in list(steps_of(critic_draws(cohort, 0)))[:3]:
        critic_step(cohort, state, limits, draws)
        assert state.critic.abs().max() <= 0.01


def test_clip_leaves_nan() -> None:
    parameters = torch.tensor([[float("nan"), 2.0], [-3.0, 0.1], [0.5, -2.0]])
    clip(parameters, list(clamps([1.0, 0.5, 0.5])))
    assert torch.isnan(parameters[0, 0])
    assert parameters[0, 1] == 1
    torch.testing.assert_close(parameters[1:], torch.tensor([[-0.5, 0.1], [0.5, -0.5]]))


def test_neighbours_of_one_bound_are_clamped_at_once() -> None:
    found = list(clamps([0.1, 0.1, 0.2, 0.1]))
    assert found == [Clamp(slice(0, 2), 0.1), Clamp(slice(2, 3), 0.2), Clamp(slice(3, 4), 0.1)]


def test_cosine_is_that_of_the_descent() -> None:
    gradient = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1e-30, 0.0]])
    step = torch.tensor([[2.0, 0.0], [-1.0, 1.0], [1e-30, 0.0]])
    torch.testing.assert_close(cosine(gradient, step), torch.tensor([1.0, -(0.5**0.5), 1.0]).double())


def test_warm_up_moves_the_critic_only() -> None:
    cohort = Cohort.of([run(warmup=5, iterations=0)], CPU)
    state, before = start(cohort), start(cohort)
    train(cohort, state, lambda _: None)
    assert state.critic_count == 5
    assert not torch.equal(state.critic, before.critic)
    assert torch.equal(state.generator, before.generator)


def test_losses_are_thinned_and_end_with_the_last() -> None:
    cohort = Cohort.of([run(iterations=2300, critic_steps=1, batch_size=2)], CPU)
    state = start(cohort)
    train(cohort, state, lambda _: None)
    kept = state.log.of_run(0)["losses.critic"].iterations
    assert kept[-1] == 2300
    assert len(kept) <= 1000


def test_a_perceptron_ends_with_tanh_where_asked() -> None:
    shape = {"layers": 2, "width": 3, "latent": 4}
    linear, bounded = (
        GeneratorNetwork.of(setting(generator=schema.MLPGenerator(output=end, **shape)))
        for end in ("linear", "tanh")
    )
    noise = torch.linspace(-9, 9, 40).reshape(2, 5, 4)
    flat = torch.linspace(-3, 2, 2 * linear.parameters).reshape(2, -1)
    made = [each.generate(each.split(flat), noise, noise) for each in (linear, bounded)]
    assert made[0].abs().max() > 1
    torch.testing.assert_close(made[1], torch.tanh(made[0]))


MAKER = schema.MLPGenerator(layers=3, width=16)


@pytest.mark.parametrize(
    ("generator", "changes"),
    [
        (MAKER, {"batch_size": 6}),
        (MAKER, {"batch_size": 200}),
        (MAKER, {"batch_size": 600}),
        (MAKER, {"input_noise": 0.5}),
        (schema.NoisyData(), {"input_noise": 0.5}),
        (schema.Resampled(), {}),
        (schema.Counterpart(), {"data": schema.TwoGaussians(), "constraint": schema.R1()}),
    ],
)
def test_fakes_of_several_steps_are_those_of_each(generator: schema.Generator, changes: dict) -> None:
    """However many of them are made at once; and so are the points at which gradients are penalised."""
    cohort = Cohort.of([run(generator=generator, **changes), run(11, generator=generator, **changes)], CPU)
    state, limits, draws = start(cohort), bounds(cohort), critic_draws(cohort, 0)
    together = list(made_together(cohort, state, limits, draws))
    assert len(together) == len(draws.real)
    for step, found in zip(steps_of(draws), together, strict=True):
        torch.testing.assert_close(found, made_for(cohort, state, limits, step))


@pytest.mark.parametrize(
    "changes",
    [
        {"generator": schema.Shift(start=0.5), "data": schema.ParallelLines()},
        {"accumulate": 2},
        {"generator": msgspec.structs.replace(MAKER, normalization="batch")},
    ],
)
def test_others_are_made_step_by_step(changes: dict) -> None:
    cohort = Cohort.of([run(**changes)], CPU)
    draws = critic_draws(cohort, 0)
    found = list(made_together(cohort, start(cohort), bounds(cohort), draws))
    assert found == [None] * len(draws.real)


def test_denormals_are_zero_within_and_not_after() -> None:
    small = torch.tensor(1e-40)
    with denormals_as_zero():
        assert small * 0.5 == 0
    assert small * 0.5 > 0
