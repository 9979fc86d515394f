"""``run``: looks, sweeps, failures, and what is not trained again. Trains in this process."""

import json
import os
import re
import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from suite.commands import run as command
from suite.launch import local, perform
from suite.store.record import Record
from suite.training.cohort import Cohort
from tests.cli.calls import Place

RUN = ("run", "--no-report", "--quiet")


def read(path: Path) -> Record:
    return msgspec.json.decode(path.read_bytes(), type=Record)


def digests(place: Place) -> dict[str, str]:
    return {name: read(path).digest for name, path in place.records().items()}


def seeds(place: Place) -> Counter[str]:
    """How many runs each arm has."""
    return Counter(read(path).run.arm for path in place.records().values())


def verdicts(place: Place, *words: str) -> list[tuple[str, str, int]]:
    claims = json.loads(place.call("report", "--json", *words).out)["claims"]
    return [(claim["variant"], claim["verdict"], claim["n"]) for claim in claims]


def failing(seed: int) -> pytest.MonkeyPatch:
    """Let batches with this seed fail in training; ``undo`` of what is returned ends it."""
    original = perform.train

    def fail(cohort: Cohort, *rest: object) -> None:
        if seed in {run.seed for run in cohort.runs}:
            raise RuntimeError("no memory left")
        original(cohort, *rest)  # type: ignore[arg-type]

    patch = pytest.MonkeyPatch()
    patch.setattr(perform, "train", fail)
    return patch


def test_only_the_undecided_claim_gets_its_second_look(trained_once: Place) -> None:
    assert seeds(trained_once) == {"clip": 4, "penalty": 8}


def test_verdicts_are_told_while_it_runs(place: Place) -> None:
    answer = place.call(*RUN)
    told = [line for line in answer.out.splitlines() if "small/pair:decided: reproduced" in line]
    assert len(told) == 1
    assert "2 claims at desk scale: 1 reproduced, 0 refuted, 1 inconclusive, 0 not evaluated" in answer.out
    assert answer.err == ""


def test_a_second_run_trains_nothing(trained: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.stat().st_mtime_ns for path in trained.records().values()}
    monkeypatch.delattr(local, "Pool")
    assert trained.call(*RUN).status == 0
    assert {path: path.stat().st_mtime_ns for path in trained.records().values()} == before


def test_runs_that_diverge_are_told_of_and_no_failure(place: Place) -> None:
    answer = place.call(*RUN, "optimizer.lr=1e30")
    diverged = sorted(
        name for name, path in place.records().items() if read(path).outcome.state == "diverged"
    )
    assert len(diverged) > 1
    assert answer.status == 0
    told = f"{len(diverged)} runs diverged, first (?P<first>.*): losses were no finite numbers any more; "
    found = re.fullmatch(told + "`status` tells since when\n", answer.err)
    assert found is not None
    assert found["first"] in diverged


def test_an_interrupted_second_look_is_completed(trained: Place) -> None:
    before = digests(trained)
    for name in [name for name in trained.records() if ".s15." in name]:
        trained.records()[name].unlink()
    assert len(trained.records()) == 11
    assert trained.call(*RUN).status == 0
    assert digests(trained) == before


@pytest.mark.parametrize("damage", ["truncated", "foreign", "moved", "edited", "missing"])
def test_a_record_that_is_none_is_trained_again(trained: Place, damage: str) -> None:
    before = digests(trained)
    path, other = sorted(trained.records().values())[:2]
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:200])
    elif damage == "foreign":
        path.write_text('{"format": 99}')
    elif damage == "moved":
        path.write_bytes(other.read_bytes())
    elif damage == "edited":
        path.write_text(path.read_text().replace('"state": "finished"', '"state": "diverged"'))
    else:
        path.unlink()
    assert trained.call(*RUN).status == 0
    assert digests(trained) == before


def test_a_sweep_makes_variants_that_are_judged_apart(place: Place) -> None:
    assert place.call(*RUN, "arms.penalty.batch_size=4,5", "critic.width=3").status == 0
    found = verdicts(place, "arms.penalty.batch_size=4,5", "critic.width=3")
    names = [f"arms.penalty.batch_size={size} critic.width=3" for size in (4, 5)]
    assert found == [
        (name, verdict, n) for name in names for verdict, n in (("reproduced", 4), ("inconclusive", 8))
    ]
    assert seeds(place) == {"clip": 4, "penalty": 16}


def test_every_variant_that_shares_runs_gets_its_looks(place: Place) -> None:
    sweep = "claims.undecided.margin=0.9,0.3"
    assert place.call(*RUN, sweep).status == 0
    undecided = [(verdict, n) for _, verdict, n in verdicts(place, sweep)[1::2]]
    assert undecided == [("inconclusive", 8), ("reproduced", 4)]
    claims = json.loads(place.call("report", "--json", sweep).out)["claims"]
    assert not any(claim["post_hoc"] for claim in claims)
    assert seeds(place) == {"clip": 4, "penalty": 8}


def test_a_failure_is_told_and_tried_again(place: Place, trained_once: Place) -> None:
    failing_train = failing(seed=10)
    answer = place.call(*RUN)
    failing_train.undo()
    assert answer.status == 1
    assert "8 runs failed; `status` tells which and why" in answer.err
    assert "RuntimeError: no memory left" in answer.out
    status = place.call("status").out
    (name, path) = min(place.records().items())
    assert f"failed  {name}: RuntimeError: no memory left (traceback in {path})" in status
    assert "Traceback (most recent call last)" in read(path).outcome.traceback
    assert place.call("plan").out.startswith("small/pair (desk): 8 runs to begin with, 8 missing")
    assert place.call(*RUN).status == 0
    assert digests(place) == digests(trained_once)


def test_a_failure_in_a_later_look_is_told_and_tried_again(place: Place, trained_once: Place) -> None:
    failing_train = failing(seed=14)
    answer = place.call(*RUN)
    failing_train.undo()
    assert answer.status == 1
    assert [verdict for _, verdict, _ in verdicts(place)] == ["reproduced", "not evaluated"]
    assert "4 runs failed" in answer.err
    assert place.call("status").out.count("no memory left") == 4
    assert place.call(*RUN).status == 0
    assert digests(place) == digests(trained_once)


def test_other_experiments_are_read_only_where_something_is_trained(
    trained: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    monkeypatch.setattr(command, "others", lambda *_: read.append("others") or ())
    assert trained.call(*RUN).status == 0
    assert read == []
    assert trained.call(*RUN, "--scale", "smoke").status == 0
    assert read == ["others"]


def test_smoke_scale_runs_everything_and_gives_no_verdict(place: Place) -> None:
    assert place.call(*RUN, "--scale", "smoke").status == 0
    assert seeds(place) == {"clip": 2, "penalty": 2}
    assert {verdict for _, verdict, _ in verdicts(place, "--scale", "smoke")} == {"not evaluated"}


def test_run_writes_the_report(trained: Place) -> None:
    answer = trained.call("run", "--quiet")
    page = trained.results / "report" / "desk" / "index.html"
    assert f"report: {page}" in answer.out
    assert page.exists()


@pytest.mark.parametrize(("columns", "width"), [(0, 120), (1, 40), (93, 93)])
def test_tables_are_as_wide_as_the_terminal_within_reason(
    monkeypatch: pytest.MonkeyPatch, columns: int, width: int
) -> None:
    monkeypatch.setattr(sys.stdout, "fileno", lambda: 1, raising=False)
    monkeypatch.setattr(os, "get_terminal_size", lambda number: os.terminal_size((columns, 0)))
    assert command.width() == width
