"""A clock that is set forward and back: while runs are trained, and between commands."""

import io
import itertools
import json
import math
import os
import time
from pathlib import Path

import pytest

from suite.launch import local
from suite.launch.bar import Bar
from suite.store import compact
from suite.store.store import ALIVE_WITHIN, Heartbeat, Store, is_alive
from tests.cli.calls import Place
from tests.launch.records import record
from tests.launch.small import PoolHere, write_experiments
from tests.training.settings import run

DAY = 86_400.0
RUN = ("run", "--no-report", "--quiet", "--checkpoint", "0")


def jumping(*by: float) -> object:
    """A clock that is set by so many seconds each time it is looked at, over and over."""
    true, jumps = time.time, itertools.cycle(by)
    return lambda: true() + next(jumps)


def content(place: Place) -> dict[str, dict[str, object]]:
    return {name: json.loads(path.read_bytes()) for name, path in place.records().items()}


def test_results_do_not_depend_on_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "Pool", PoolHere)
    steady, jumpy = Place(tmp_path / "steady"), Place(tmp_path / "jumpy")
    for place in (steady, jumpy):
        write_experiments(place.root)
    assert steady.call(*RUN).status == 0
    monkeypatch.setattr(time, "time", jumping(DAY, -DAY, 0.0, 365 * DAY))
    answer = jumpy.call(*RUN)
    assert (answer.status, answer.err) == (0, "")
    before, after = content(steady), content(jumpy)
    assert before.keys() == after.keys()
    assert all(after[name]["digest"] == each["digest"] for name, each in before.items())
    assert all(0 < each["cost"]["seconds"] < DAY for each in after.values())  # type: ignore[index]


@pytest.mark.parametrize("jump", [-DAY, DAY])
def test_the_time_left_does_not_jump(monkeypatch: pytest.MonkeyPatch, jump: float) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    offset = [0.0]
    monkeypatch.setattr("tqdm.std.time", lambda: time.time() + offset[0])
    bar = Bar(shown=True)
    bar.more({b"job": 10.0})
    offset[0] = jump
    bar.advanced(b"job", 0.5)
    assert 0 <= bar.bar.format_dict["elapsed"] < 60
    bar.close()


@pytest.mark.parametrize(
    ("age", "fresh"),
    [(0.0, True), (-10.0, True), (10.0, True), (ALIVE_WITHIN + 1, False), (DAY, False), (-DAY, False)],
)
def test_a_sign_of_life_from_far_away_is_none_whichever_way(age: float, fresh: bool) -> None:
    beat = Heartbeat(host="h", process=1, time=time.time() - age, iteration=1, iterations=2)
    assert is_alive(beat) is fresh
    assert math.isfinite(beat.time)


@pytest.mark.parametrize("when", [-DAY, DAY])
def test_a_record_that_was_changed_is_read_again_whatever_its_time_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: float
) -> None:
    monkeypatch.setattr("suite.store.store.MANY", 1)
    monkeypatch.setattr(compact, "SETTLED", 0.0)
    store = Store(tmp_path, "fingerprint0")
    path = store.folder(run().id).record_path
    store.folder(run().id).finish(record(reason="a"))
    at = time.time() + when
    os.utime(path, (at, at))
    assert [each.outcome.reason for each in store.records().values()] == ["a"]
    store.folder(run().id).finish(record(reason="b"))
    os.utime(path, (at, at))
    assert [each.outcome.reason for each in store.records().values()] == ["b"]
