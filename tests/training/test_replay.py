"""An iteration can be recorded and replayed: it never waits for the device, and bakes nothing in."""

import weakref
from collections.abc import Callable, Iterator
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor

from suite.objectives.gradient import CriticGradient
from suite.spec import schema
from suite.streams import stream
from suite.training import loop, replay
from suite.training.bounds import Bounds, bounds
from suite.training.cohort import Cohort
from suite.training.draws import Draws, by_run
from suite.training.looks import look, note
from suite.training.loop import iterate, train, turns
from suite.training.phase import Phase, phase
from suite.training.replay import WARM, Direct, Recorder, Replayed, Work
from suite.training.state import State, start
from suite.training.team import Team
from suite.training.turn import Move, Shown, Turn
from tests.training.families import FAMILIES, runs_of
from tests.training.recorders import NoWaiting, Remembered, Waited
from tests.training.settings import CPU, assert_same, run

ONE = Phase(is_moving=True, is_held=False, is_averaging=False)
OTHER = ONE._replace(is_averaging=True)


# --- It never waits -------------------------------------------------------------------------------


def some_iterations(cohort: Cohort, state: State, limits: Bounds, drawn: list[Turn]) -> None:
    """What lies between two probes."""
    seen = []
    for turn in drawn:
        shown = iterate(cohort, state, limits, turn)
        state.iteration += 1
        seen.append(look(cohort, state, shown))
    note(state, seen)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_iteration_asks_for_a_value(family: str) -> None:
    cohort = Cohort.of(runs_of(family), CPU)
    state, limits = start(cohort), bounds(cohort)
    drawn = list(turns(cohort, state))[:2]
    before = state.critic.clone()
    with NoWaiting():
        some_iterations(cohort, state, limits, drawn)
    assert not torch.equal(state.critic, before)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_iteration_needs_no_values(family: str) -> None:
    """On a device whose tensors have none, only shapes: nothing can be read from it, and nothing of the
    host's but single numbers may meet what is there. It goes the same ways as a CUDA device.
    """
    cohort = Cohort.of(runs_of(family), torch.device("meta"))
    state, limits = start(cohort), bounds(cohort)
    drawn = list(turns(cohort, state))[:2]
    with NoWaiting():
        some_iterations(cohort, state, limits, drawn)
    assert state.critic.is_meta
    assert state.critic_count.is_meta


@pytest.mark.parametrize(
    "wait",
    [
        lambda x: x.sum().item(),
        lambda x: bool(x.any()),
        lambda x: torch.equal(x, x),
        lambda x: x.nonzero(),
        lambda x: x[x > 0],
        lambda x: x + torch.tensor([1.0, 2.0]),
        lambda x: torch.nn.functional.one_hot(x.long()),
    ],
)
def test_whoever_waits_is_found(wait) -> None:
    with pytest.raises(Waited), NoWaiting():
        wait(X)


X = torch.tensor([1.0, 0.0])


# --- It bakes nothing in --------------------------------------------------------------------------


def replayed(monkeypatch: pytest.MonkeyPatch, made: list[Remembered]) -> None:
    """Have iterations replayed as on a CUDA device."""

    def recorder() -> Recorder:
        made.append(Remembered())
        return made[-1]

    def steps(cohort: Cohort, state: State, work: Work) -> Replayed:
        return Replayed(work, lambda: phase(cohort, state), recorder)

    monkeypatch.setattr(replay, "steps", steps)


def as_on_a_device(cohort: Cohort) -> State:
    """A start whose optimisers follow the formulas, as they do on a CUDA device."""
    state = start(cohort)
    state.critic_optimizer.fused = state.generator_optimizer.fused = None
    return state


@pytest.mark.parametrize("family", FAMILIES)
def test_replayed_iterations_have_the_bits_of_direct_ones(family: str, monkeypatch) -> None:
    cohort = Cohort.of(runs_of(family), CPU)
    direct, again, made = as_on_a_device(cohort), as_on_a_device(cohort), list[Remembered]()
    train(cohort, direct, lambda _: None)
    replayed(monkeypatch, made)
    train(cohort, again, lambda _: None)
    phases = len({phase(cohort, State(*([None] * 7), iteration=i)) for i in range(cohort.setting.iterations)})
    assert len(made) == phases
    assert sum(each.replays for each in made) == cohort.setting.iterations - phases * WARM
    for replica in range(2):
        assert_same(direct, replica, again, replica)


@pytest.mark.parametrize("family", ["clip", "falling rates"])
def test_so_have_those_with_the_fused_optimisers_of_a_cpu(family: str, monkeypatch) -> None:
    cohort = Cohort.of(runs_of(family), CPU)
    direct, again = start(cohort), start(cohort)
    train(cohort, direct, lambda _: None)
    replayed(monkeypatch, [])
    train(cohort, again, lambda _: None)
    assert_same(direct, 0, again, 0)


def shown(loss: Tensor) -> Shown:
    return Shown(Move(CriticGradient(loss, loss, loss), None), None)


def drawn(values: list[float]) -> Iterator[Turn]:
    empty = torch.zeros(1, 1, 1, 0)
    for value in values:
        yield Turn(Draws(torch.full((1, 1, 1, 1), value), *[empty] * 5), None)


class Host:
    """Work whose ``factor`` is the host's, and ``total`` a tensor."""

    factor = 1.0

    def __init__(self) -> None:
        self.total = torch.zeros(1)

    def sound(self, turn: Turn) -> Shown:
        self.total += turn.critic.real.flatten()
        return shown(self.total * 2)

    def with_a_factor(self, turn: Turn) -> Shown:
        self.factor += 1
        self.total += turn.critic.real.flatten() * self.factor
        return shown(self.total * 2)

    def with_a_new_tensor(self, turn: Turn) -> Shown:
        self.total = self.total + turn.critic.real.flatten()
        return shown(self.total * 2)


@pytest.mark.parametrize(
    ("name", "sound"), [("sound", True), ("with_a_factor", False), ("with_a_new_tensor", False)]
)
def test_what_is_baked_in_is_seen(name: str, sound: bool) -> None:
    """Losses of the replayed are compared with those of the direct, as the test above compares bits."""
    values, found = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0], []
    for way in (Direct, lambda work: Replayed(work, lambda: ONE, Remembered)):
        steps = way(getattr(Host(), name))
        found.append([steps.take(turn).move.gradient.losses for turn in drawn(values)])
    assert (found[0] == found[1]) == sound


def test_a_host_value_in_the_loop_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rate that falls with the host's count of iterations, not with the device's."""

    def with_a_falling_rate(cohort: Cohort, state: State, limits: Bounds, turn: Turn) -> Shown:
        found = iterate(cohort, state, limits, turn)
        state.critic.mul_(1 - 0.01 / (state.iteration + 1))
        return found

    monkeypatch.setattr(loop, "iterate", with_a_falling_rate)
    cohort = Cohort.of(runs_of("penalty"), CPU)
    direct, again = start(cohort), start(cohort)
    train(cohort, direct, lambda _: None)
    replayed(monkeypatch, [])
    train(cohort, again, lambda _: None)
    assert not torch.equal(direct.critic, again.critic)


def test_losses_stay_when_the_next_iteration_is_replayed() -> None:
    work = Host()
    steps = Replayed(work.sound, lambda: ONE, Remembered)
    losses = [steps.take(turn).move.gradient.losses for turn in drawn([1.0] * (WARM + 3))]
    assert [float(loss) for loss in losses] == [2.0 * (i + 1) for i in range(WARM + 3)]


class Counted(Remembered):
    """Tells how many there are."""

    alive: ClassVar[weakref.WeakSet[Remembered]] = weakref.WeakSet()

    def __init__(self) -> None:
        super().__init__()
        self.alive.add(self)
        assert len(self.alive) == 1


def test_a_recording_is_given_up_before_the_next_one_begins() -> None:
    """Each holds the memory of an iteration."""
    phases = iter([ONE] * (WARM + 2) + [OTHER] * (WARM + 2))
    work = Host()
    steps = Replayed(work.sound, lambda: next(phases), Counted)
    losses = [steps.take(turn).move.gradient.losses for turn in drawn([1.0] * (2 * WARM + 4))]
    assert [float(loss) for loss in losses] == [2.0 * (i + 1) for i in range(2 * WARM + 4)]
    assert len(Counted.alive) == 1


class Refusing(Remembered):
    """Cannot record; the end of a recording then has an error of its own, as that of a CUDA graph."""

    def record(self, work: Callable[[], Shown]) -> Shown:
        try:
            raise RuntimeError("operation not permitted when stream is capturing\nand more")
        finally:
            raise RuntimeError("operation failed due to a previous error during capture")


def test_what_cannot_be_recorded_is_run_one_by_one() -> None:
    steps = Replayed(Host().sound, lambda: ONE, Refusing)
    turns = list(drawn([1.0] * (2 * WARM)))
    losses = [steps.take(turn).move.gradient.losses for turn in turns[:WARM]]
    with pytest.warns(UserWarning, match="which is slower: operation not permitted when"):
        losses.append(steps.take(turns[WARM]).move.gradient.losses)
    losses += [steps.take(turn).move.gradient.losses for turn in turns[WARM + 1 :]]
    assert [float(loss) for loss in losses] == [2.0 * (i + 1) for i in range(2 * WARM)]


# --- Who is replayed ------------------------------------------------------------------------------


def test_only_what_is_known_to_be_safe_is_recorded() -> None:
    of_cpu = Cohort.of([run()], CPU)
    on_device = of_cpu._replace(device=torch.device("cuda"))
    packed = run(loss=schema.PackLoss(use="some-pack/loss"))
    assert "only a CUDA device" in replay.reason_to_run_directly(of_cpu)
    assert replay.reason_to_run_directly(on_device) == ""
    assert "processes" in replay.reason_to_run_directly(on_device._replace(team=Team(0, 2)))
    assert "pack" in replay.reason_to_run_directly(on_device._replace(runs=(packed,)))
    assert isinstance(replay.steps(of_cpu, start(of_cpu), lambda turn: shown(X)), Direct)


@pytest.mark.parametrize("family", ["penalty", "labels"])
def test_draws_of_several_threads_are_those_of_one(family: str) -> None:
    cohort = Cohort.of([*runs_of(family), *runs_of("clip")], CPU)
    of_one, of_many = (
        by_run(each, lambda run: (np.float64(stream(run.id, "critic").random(50)),))
        for each in (cohort, cohort._replace(device=torch.device("cuda")))
    )
    np.testing.assert_array_equal(of_one, of_many)
    assert len(np.unique(of_one)) == 4 * 50
