"""The command ``determinism``: which runs, in which ways, and what it says of them."""

import argparse
import json
import os
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from suite.cli import parse
from suite.commands import determinism
from suite.commands.choose import studies
from suite.commands.selection import Selection
from suite.errors import UserError
from suite.launch.estimate import seconds
from suite.launch.pool import Watcher
from suite.revisions import variations
from suite.revisions.noise import Noise, floors
from suite.revisions.repeat import chosen, repeated
from suite.revisions.variations import (
    FIRST,
    STARTING,
    WAYS,
    Trained,
    Way,
    estimate,
    has_odd_sizes,
    in_company,
    is_promised,
    train,
)
from suite.series import Series
from suite.spec import schema
from suite.spec.runs import Run
from suite.store.record import Outcome
from suite.store.version import fingerprint
from suite.study import Study
from tests.launch.small import PAIR, PoolHere, write_experiments
from tests.training.settings import run as a_run
from tests.training.settings import setting

ODD = schema.MLPCritic(layers=2, width=5, activation="tanh")


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two experiments; training is in this process."""
    root = write_experiments(tmp_path)
    long = PAIR.replace("id: small/pair", "id: small/long").replace("iterations: 20", "iterations: 40")
    (root / "small" / "long.yaml").write_text(long)
    monkeypatch.setattr(variations, "Pool", PoolHere)
    return tmp_path


def options(there: Path, *words: str, runs: int = 6, **more: object) -> argparse.Namespace:
    places = ["--experiments", str(there / "experiments"), "--results", str(there / "results")]
    return argparse.Namespace(**{**vars(parse(["report", *words, *places])), "runs": runs, **more})


def test_the_cheapest_of_every_experiment_come_first(there: Path) -> None:
    found = chosen(studies(Selection.of(options(there))), 3)
    assert [(run.experiment, run.seed) for run in found] == [
        ("small/pair", 10),
        ("small/long", 10),
        ("small/pair", 10),
    ]
    assert {run.arm for run in found if run.experiment == "small/pair"} == {"clip", "penalty"}
    assert len(chosen(studies(Selection.of(options(there))), 9)) == 4


def test_company_is_part_of_the_estimate_and_workers_share_it(there: Path) -> None:
    (run,) = chosen(studies(Selection.of(options(there, "pair"))), 1)
    one = seconds([run])
    # First, again, alone, with two more seeds, by two workers, and with two threads.
    assert estimate([run]) == pytest.approx((1 + 1 + 1 + 3 + 0.5 + 1) * one + 6 * STARTING)


def test_small_runs_are_identical_in_every_way(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert determinism.run(options(there, "pair", json=False)) == 0
    out, err = capsys.readouterr()
    table, _, _ = out.partition("\n\n")
    assert table.count("identical") == 2 * len(WAYS)
    assert f"all identical to the bit: the noise floor of code {fingerprint()} is nothing here" in out
    first, *others = err.splitlines()
    assert re.fullmatch(rf"2 runs, each trained in {len(WAYS) + 1} ways: about [\d.]+ s", first)
    assert others == [f"training: {way.name}" for way in (FIRST, *WAYS)]
    assert floors(there / "results", fingerprint()) == {"small/pair": {"loss": 0.0}}
    assert not (there / "results" / "runs").exists()


def test_json_is_what_is_kept(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert determinism.run(options(there, "pair", runs=1, json=True)) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((there / "results" / "determinism" / f"{fingerprint()}.json").read_bytes())
    assert [row["experiment"] for row in printed["runs"]] == ["small/pair"]


class Seen:
    """A pool that trains in this process and notes how it was asked to."""

    calls: list[tuple[int, list[int], str]] = []

    def __init__(self, size: int, watcher: Watcher, *, leaving: str) -> None:
        assert "of no use" in leaving  # Nothing is saved that a further command could go on with.
        self.size, self.inner = size, PoolHere(size, watcher)

    def run(self, jobs: Sequence[bytes]) -> None:
        sizes = sorted(len(json.loads(job)["runs"]) for job in jobs)
        Seen.calls.append((self.size, sizes, os.environ["OMP_NUM_THREADS"]))
        self.inner.run(jobs)


def test_each_way_is_another(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variations, "Pool", Seen)
    monkeypatch.setattr(Seen, "calls", [])
    before = dict(os.environ)
    two_seeds = options(there, "pair")
    study = studies(Selection.of(two_seeds))[0]
    runs = [run for run in study.first_runs() if run.arm == "clip" and run.seed < 12]
    repeated(runs, [study], lambda way: None)
    first, again, alone, company, workers, threads = Seen.calls
    assert first == again == (1, [2], "1")
    assert alone == (1, [1, 1], "1")
    assert company == (1, [4], "1")
    assert workers == (2, [2], "1")
    assert threads == (1, [2], "2")
    assert dict(os.environ) == before


def test_company_is_of_the_seeds_that_follow() -> None:
    found = in_company([a_run(10), a_run(11)], 2)
    assert [run.seed for run in found] == [10, 11, 12, 13]


class Noisy:
    """Trains once; in one of the ways the last point of the loss is off by a share."""

    def __init__(self, name: str, share: float, device: str = "cpu", state: str = "finished") -> None:
        self.name, self.share, self.device, self.state = name, share, device, state
        self.first: dict[str, Trained] = {}

    def train(self, way: Way, runs: Sequence[Run], studies: Sequence[Study]) -> Mapping[str, Trained]:
        self.first = self.first or {name: self.at(each) for name, each in train(way, runs, studies).items()}
        if way.name != self.name:
            return self.first
        return {name: self.off(each) for name, each in self.first.items()}

    def at(self, each: Trained) -> Trained:
        environment = replace(each.record.environment, device=self.device)
        return each._replace(record=replace(each.record, environment=environment))

    def off(self, each: Trained) -> Trained:
        record, loss = each.record, each.series["losses.critic"]
        values = np.array([*loss.values[:-1], loss.values[-1] * (1 - self.share)])
        value = replace(record.metrics["loss"], value=float(values[-1]))
        outcome = Outcome(self.state)  # type: ignore[arg-type]
        other = replace(record, digest="other", metrics={"loss": value}, outcome=outcome)
        return Trained(other, {**each.series, "losses.critic": Series(loss.iterations, values)})


def found(there: Path, noisy: Noisy, *words: str) -> Noise:
    given = studies(Selection.of(options(there, "pair", *words)))
    return repeated(chosen(given, 1), given, lambda way: None, noisy.train)


def test_a_run_that_differs_breaks_the_promise_and_is_measured(there: Path) -> None:
    (only,) = found(there, Noisy("again", 0.25)).runs
    assert only.broken == ["again"]
    again = only.ways["again"]
    assert again.metrics["loss"] == pytest.approx(0.25)
    assert again.series["losses.critic"] == pytest.approx(0.25)
    assert again.series["losses.generator"] == 0.0
    assert again.apart_at == 20
    assert only.ways["alone"].identical


def test_on_a_gpu_nothing_is_promised_and_the_floor_is_kept(
    there: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    train = Noisy("two workers", 0.5, "NVIDIA").train
    monkeypatch.setattr(determinism, "repeated", partial(repeated, train=train))
    assert determinism.run(options(there, "pair", runs=1, json=False)) == 0
    out = capsys.readouterr().out
    assert "5.0e-01 from 20" in out
    assert "what docs/determinism.md promises holds; the differences above are the noise floor" in out
    assert floors(there / "results", fingerprint())["small/pair"]["loss"] == pytest.approx(0.5)


def test_a_broken_promise_is_the_exit_status(
    there: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(determinism, "repeated", partial(repeated, train=Noisy("alone", 0.5).train))
    assert determinism.run(options(there, "pair", runs=1, json=False)) == 1
    assert "1 of 1 runs break what docs/determinism.md promises" in capsys.readouterr().out


def test_a_run_that_fails_breaks_it_on_any_machine(there: Path) -> None:
    noise = found(there, Noisy("two threads", 0.0, "NVIDIA", "failed"))
    assert noise.runs[0].broken == ["two threads"]
    assert determinism.told(noise.runs[0].ways["two threads"]) == "failed"


@pytest.mark.parametrize("way", WAYS)
def test_odd_sizes_of_smooth_perceptrons_are_an_exception_in_other_batches_only(way: Way) -> None:
    odd, even = a_run(critic=ODD, batch_size=4), a_run()
    assert is_promised(even, way, "cpu")
    assert not is_promised(even, way, "NVIDIA H200")
    assert is_promised(odd, way, "cpu") == (way.name not in ("alone", "in company"))


@pytest.mark.parametrize(
    ("critic", "batch", "odd"),
    [
        (ODD, 4, True),
        (ODD, 64, False),
        (schema.MLPCritic(layers=2, width=5), 4, False),
        (schema.MLPCritic(layers=2, width=16, activation="elu"), 4, False),
    ],
)
def test_sizes_are_odd_where_vectors_are_not_filled(critic: schema.Critic, batch: int, odd: bool) -> None:
    assert has_odd_sizes(setting(critic=critic, batch_size=batch)) == odd


def test_nothing_to_train_is_told(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Study, "not_run", "no data\n    get them")
    with pytest.raises(UserError, match="nothing to train\n    not run  small/long: no data"):
        determinism.run(options(there, json=False))


def test_no_record_at_all_is_told(there: Path) -> None:
    given = studies(Selection.of(options(there, "pair")))
    with pytest.raises(UserError, match="no run left a record"):
        repeated(chosen(given, 1), given, lambda way: None, lambda way, runs, studies: {})
