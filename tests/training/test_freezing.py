"""A generator that stays as it is from an iteration on, while a fresh critic is trained."""

import copy
import itertools

import msgspec
import numpy as np
import pytest
import torch

from suite.networks.network import Network
from suite.objectives.constraint import Constraint
from suite.spec import schema
from suite.streams import stream
from suite.training import loop, view
from suite.training.cohort import Cohort
from suite.training.draws import critic_draws, generator_draws
from suite.training.state import State, start
from suite.training.view import View
from tests.training.settings import ADAM, CPU, RMSPROP, assert_same, image_run, resumed, run, stopped, trained

MAKERS = {"toy": run, "images": image_run}


def watched(monkeypatch: pytest.MonkeyPatch, cohort: Cohort) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Train; critics and generators [replicas, parameters] after each iteration, the start first."""
    critics, generators = [], []

    def look(cohort: Cohort, state: State, limits: object) -> None:
        critics.append(state.critic.clone())
        generators.append(state.generator.clone())

    monkeypatch.setattr(loop, "measure", look)
    loop.train(cohort, start(cohort), lambda _: None)
    return critics, generators


@pytest.mark.parametrize("at", [1, 4, 10, 13])
@pytest.mark.parametrize("make", MAKERS)
def test_the_generator_moves_until_then_and_no_longer(make, at, monkeypatch) -> None:
    cohort = Cohort.of([MAKERS[make](seed, iterations=16, freeze_at=at) for seed in (10, 11)], CPU)
    _, generators = watched(monkeypatch, cohort)
    for before, after in itertools.pairwise(generators[: at + 1]):
        assert (before != after).any(1).all()
    assert all(torch.equal(generators[at], later) for later in generators[at:])


@pytest.mark.parametrize("make", MAKERS)
def test_the_critic_starts_anew(make: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Adam's first step is its rate in every coordinate, whatever the gradient's size: moments and
    counter have started anew as well.
    """
    runs = [MAKERS[make](seed, iterations=6, freeze_at=4, critic_steps=1) for seed in (10, 11)]
    cohort = Cohort.of(runs, CPU)
    critics, _ = watched(monkeypatch, cohort)
    for replica, each in enumerate(runs):
        how = each.setting.critic.initialization
        fresh = torch.from_numpy(cohort.critic.initialize(how, stream(each.id, "fresh critic init")))
        assert not torch.equal(fresh, critics[0][replica])
        assert (critics[4][replica] - fresh).abs().max() > 20 * ADAM.lr
        step = (critics[5][replica] - fresh).abs()
        assert step.max() == pytest.approx(ADAM.lr, rel=1e-3)
        assert step[step > 0].median() == pytest.approx(ADAM.lr, rel=1e-2)


def test_it_is_renewed_once_and_empty_handed(monkeypatch: pytest.MonkeyPatch) -> None:
    renewed: list[int] = []

    def renew(cohort: Cohort, state: State) -> None:
        original(cohort, state)
        renewed.append(state.iteration)
        assert state.critic_count == 0
        assert not any(moment.any() for moment in state.critic_optimizer.slots.values())
        assert any(moment.any() for moment in state.generator_optimizer.slots.values())

    original = loop.renew_critic
    monkeypatch.setattr(loop, "renew_critic", renew)
    state = trained(run(freeze_at=12, optimizer=RMSPROP))
    assert renewed == [12]
    assert state.critic_count == (30 - 12) * 2


def test_the_generators_loss_is_noted_no_longer() -> None:
    log = trained(run(freeze_at=12)).log
    assert log.iterations["losses.generator"] == list(range(1, 13))
    assert log.iterations["losses.critic"] == list(range(1, 31))


def test_freezing_at_the_end_renews_nothing() -> None:
    state = trained(run(freeze_at=30))
    assert state.log.iterations["losses.generator"][-1] == 30
    assert state.critic_count == 60


@pytest.mark.parametrize("at", [5, 10, 15, 20])
def test_stopped_and_resumed_across_it_gives_the_same_bits(at: int) -> None:
    runs = [run(seed, freeze_at=at) for seed in (10, 11, 12)]
    whole, state = trained(*runs), stopped(runs, 10)
    pair, alone = resumed(state, 2, 1, of=runs), resumed(state, 0, of=runs)
    assert_same(pair, 0, whole, 2)
    assert_same(pair, 1, whole, 1)
    assert_same(alone, 0, whole, 0)


@pytest.mark.parametrize("how", [{"freeze_at": 4}, {"freeze": schema.Freeze("generator", 4)}])
def test_what_is_shown_of_it_is_made_once_and_the_same(how, monkeypatch: pytest.MonkeyPatch) -> None:
    probes = schema.Probes(
        discrimination=schema.Discrimination(points=10, samples=12),
        fake_gradients=schema.FakeGradients(points=10, samples=8),
        sheet=schema.Sheet(points=5, samples=12),
    )
    runs = [image_run(seed, iterations=10, probes=probes, **how) for seed in (10, 11)]
    made, fake = list[tuple[int, str]](), View._fake

    def counted(seen: View, count: int, purpose: str) -> torch.Tensor:
        made.append((seen.state.iteration, purpose))
        return fake(seen, count, purpose)

    monkeypatch.setattr(View, "_fake", counted)
    kept = trained(*runs).log
    times = {purpose: [at for at, each in made if each == purpose] for _, purpose in made}
    assert times == {
        "discrimination": [0, 1, 2, 3, 4],
        "fake gradients": [0, 1, 2, 3, 4],
        "sheet": [0, 2, 4],
    }
    monkeypatch.setattr(view, "MOST", 0)
    anew = trained(*runs).log
    assert len(made) == 13 + 11 + 11 + 6
    assert kept.iterations == anew.iterations
    for name, values in anew.values.items():
        np.testing.assert_array_equal(np.array(kept.values[name]), np.array(values))


# --- One network held still, the other trained on -----------------------------------------------


@pytest.mark.parametrize("at", [1, 10, 13])
@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("network", ["generator", "critic"])
def test_one_network_stays_and_the_other_moves_on(network, make, at, monkeypatch) -> None:
    freeze = schema.Freeze(network, at)
    cohort = Cohort.of([MAKERS[make](seed, iterations=16, freeze=freeze) for seed in (10, 11)], CPU)
    critics, generators = watched(monkeypatch, cohort)
    held, moving = (generators, critics) if network == "generator" else (critics, generators)
    for before, after in itertools.pairwise(held[: at + 1]):
        assert (before != after).any(1).all()
    assert all(torch.equal(held[at], later) for later in held[at:])
    for before, after in itertools.pairwise(moving):
        assert (before != after).any(1).all()


@pytest.mark.parametrize("network", ["generator", "critic"])
def test_until_then_both_train_as_without(network, monkeypatch) -> None:
    plain = Cohort.of([image_run(iterations=12)], CPU)
    setting = msgspec.structs.replace(plain.setting, freeze=schema.Freeze(network, 11))
    held = plain._replace(runs=(msgspec.structs.replace(plain.runs[0], setting=setting),))
    monkeypatch.setattr(loop, "critic_draws", lambda _, block: critic_draws(plain, block))
    monkeypatch.setattr(loop, "generator_draws", lambda _, block: generator_draws(plain, block))
    first = start(plain)
    monkeypatch.setattr(f"{__name__}.start", lambda _: copy.deepcopy(first))
    without, frozen = (watched(monkeypatch, cohort) for cohort in (plain, held))
    for mine, its in zip(frozen, without, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(mine[:12], its[:12], strict=True))


def test_the_loss_of_a_critic_that_stays_is_recorded() -> None:
    log = trained(image_run(iterations=8, freeze=schema.Freeze("critic", 4))).log
    assert log.iterations["losses.critic"] == list(range(1, 9))
    values = np.array(log.values["losses.critic"])
    assert np.isfinite(values).all()
    assert len(np.unique(values)) == len(values)


class Halving(Constraint):
    """A projection that is never done: twice is not the same as once."""

    def project(self, critic: Network, flat: torch.Tensor) -> None:
        flat /= 2


def test_a_critic_that_stays_is_not_projected_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "bounds", lambda _: Halving())
    cohort = Cohort.of([run(iterations=8, freeze=schema.Freeze("critic", 4))], CPU)
    critics, _ = watched(monkeypatch, cohort)
    assert not torch.equal(critics[3], critics[4])
    assert all(torch.equal(critics[4], later) for later in critics[4:])
