"""What must not matter does not: batching, order, stopping, resuming, another's divergence."""

import pytest
import torch

from suite.spec import schema
from suite.spec.runs import Run
from suite.store.arrays import arrays_as_bytes, read_arrays
from suite.training.cohort import Cohort
from suite.training.loop import train
from suite.training.state import part, restore, start
from tests.training.settings import ADAM, CPU, RMSPROP, assert_same, run, stopped, trained

CASES = {
    "penalty": {},
    "clip": {"constraint": schema.Clip(bound=0.05), "optimizer": RMSPROP},
    "one-sided": {"constraint": schema.GradientPenalty(weight=1, sided="one")},
    "gan": {"loss": "non_saturating", "constraint": schema.Unconstrained()},
    "minimax": {"loss": "minimax", "constraint": schema.Unconstrained(), "warmup": 3},
    "least squares": {"loss": "least_squares", "optimizer": schema.SGD(lr=0.01, momentum=0.9)},
    "layer norm": {"critic": schema.MLPCritic(layers=3, width=16, normalization="layer")},
    "batch norm": {"critic": schema.MLPCritic(layers=3, width=16, normalization="batch")},
    "leaky": {"critic": schema.MLPCritic(layers=3, width=16, activation="leaky_relu")},
    "fixed generator": {"generator": schema.NoisyData()},
    "wide": {"critic": schema.MLPCritic(layers=3, width=64), "batch_size": 64, "iterations": 10},
    "odd sizes": {"critic": schema.MLPCritic(layers=3, width=17), "batch_size": 13, "loss": "minimax"},
    "tanh": {"critic": schema.MLPCritic(layers=3, width=16, activation="tanh")},
    "softplus": {"critic": schema.MLPCritic(layers=3, width=16, activation="softplus")},
    "elu": {"critic": schema.MLPCritic(layers=3, width=16, activation="elu")},
    "one dimension": {"data": schema.TwoGaussians(), "generator": schema.Counterpart()},
    "one dimension, clip": {
        "data": schema.TwoGaussians(),
        "generator": schema.MLPGenerator(layers=3, width=16, latent=1),
        "constraint": schema.Clip(bound=0.05),
    },
    "one dimension, tanh": {
        "data": schema.TwoGaussians(),
        "generator": schema.Counterpart(),
        "critic": schema.MLPCritic(layers=3, width=16, activation="tanh"),
    },
    "desk penalty": {"critic": schema.MLPCritic(layers=4, width=64), "batch_size": 64, "iterations": 10},
}


@pytest.mark.parametrize("case", CASES)
def test_a_run_is_the_same_alone_and_in_any_company(case: str) -> None:
    runs = [run(seed, **CASES[case]) for seed in range(10, 15)]
    together = trained(*runs)
    reversed_ = trained(*runs[::-1])
    pair = trained(runs[1], runs[3])
    alone = trained(runs[3])
    assert_same(together, 3, alone, 0)
    assert_same(together, 3, pair, 1)
    assert_same(together, 3, reversed_, 1)


@pytest.mark.parametrize("activation", ["tanh", "softplus", "elu"])
def test_smooth_activations_of_odd_sizes_agree_to_rounding(activation: schema.Activation) -> None:
    """Where a replica's activations do not fill whole vectors, its last ones may take the kernel's
    scalar path or not, depending on the replicas after it; the two round differently."""
    critic = schema.MLPCritic(layers=3, width=17, activation=activation)
    runs = [run(seed, critic=critic, batch_size=13, iterations=10) for seed in range(10, 14)]
    together, alone = trained(*runs), trained(runs[2])
    torch.testing.assert_close(together.critic[2], alone.critic[0], rtol=0, atol=1e-5)


def test_replicas_keep_their_own_rates_bounds_and_data() -> None:
    runs = [
        run(arm=f"clip {bound}", constraint=schema.Clip(bound=bound), optimizer=schema.RMSProp(lr=rate))
        for bound, rate in [(0.01, 1e-3), (0.1, 1e-3), (0.1, 1e-4)]
    ]
    together = trained(*runs)
    for replica, each in enumerate(runs):
        assert_same(together, replica, trained(each), 0)
    largest = together.critic.abs().amax(1)
    torch.testing.assert_close(largest[:2], torch.tensor([0.01, 0.1]))


@pytest.mark.parametrize("case", ["penalty", "clip", "minimax", "least squares"])
@pytest.mark.parametrize("at", [10, 20])
def test_stopped_saved_and_resumed_in_other_company_gives_the_same_bits(case, at, tmp_path) -> None:
    probes = schema.Probes(quality=schema.Quality(points=3, samples=20, mode_samples=50))
    runs = [run(seed, probes=probes, **CASES[case]) for seed in range(10, 14)]
    whole, state = trained(*runs), stopped(runs, at)
    for replica in range(4):
        (tmp_path / f"{replica}.npz").write_bytes(arrays_as_bytes(part(state, replica)))
    for first, second in [(0, 2), (1, 3)]:
        parts = [read_arrays(tmp_path / f"{replica}.npz") for replica in (first, second)]
        smaller = Cohort.of([runs[first], runs[second]], CPU)
        resumed = restore(smaller, [p for p in parts if p is not None])
        train(smaller, resumed, lambda _: None)
        assert_same(resumed, 0, whole, first)
        assert_same(resumed, 1, whole, second)


def test_divergence_is_recorded_with_its_step_and_touches_no_other() -> None:
    wild = run(10, arm="wild", constraint=schema.Unconstrained(), optimizer=schema.SGD(lr=1e12))
    tame = run(10, arm="tame", constraint=schema.Unconstrained(), optimizer=schema.SGD(lr=1e-3))
    together = trained(wild, tame)
    assert 1 <= int(together.diverged[0]) <= 10
    assert int(together.diverged[1]) == -1
    assert not torch.isfinite(together.critic[0]).all()
    assert_same(together, 1, trained(tame), 0)


def test_probes_do_not_change_a_result() -> None:
    every = schema.Probes(
        gradient_norms=schema.GradientNorms(points=3, samples=16),
        weight_histogram=schema.WeightHistogram(points=3),
        surface=schema.Surface(points=3, grid=9),
        potential=schema.Potential(points=3, samples=16),
        interpolates=schema.Interpolates(points=3, samples=16),
        fake_gradients=schema.FakeGradients(points=3, samples=16),
        step_cosine=schema.StepCosine(),
        cross_gradient=schema.CrossGradient(points=3, samples=4),
        quality=schema.Quality(points=3, samples=16, mode_samples=40),
        divergences=schema.Divergences(points=3, samples=16),
    )
    blind = Cohort.of([run()], CPU)
    state = start(blind)
    train(blind, state, lambda _: None)
    # The same run watched: its id, and so its streams, must be those of the blind one.
    watched_run = run(probes=every)
    streams = type("Watched", (Run,), {"id": property(lambda _: blind.runs[0].id)})
    same = streams(**{name: getattr(watched_run, name) for name in watched_run.__struct_fields__})
    watched = trained(same)
    torch.testing.assert_close(watched.critic, state.critic, rtol=0, atol=0)
    torch.testing.assert_close(watched.generator, state.generator, rtol=0, atol=0)
    assert any(name.startswith("quality.") for name in watched.log.values)


@pytest.mark.parametrize("optimizer", [ADAM, RMSPROP, schema.SGD(lr=0.01)])
def test_learning_lowers_the_distance(optimizer: schema.Optimizer) -> None:
    probes = schema.Probes(quality=schema.Quality(points=1, samples=200, mode_samples=50))
    generator = schema.Shift(start=2.0)
    data = schema.ParallelLines(theta=0)
    state = trained(
        run(
            data=data,
            generator=generator,
            probes=probes,
            optimizer=optimizer,
            generator_optimizer=schema.SGD(lr=0.05),
            critic_steps=5,
            iterations=100,
        )
    )
    first, last = (float(v[0]) for v in state.log.values["quality.w1"])
    assert last < first - 0.5
