"""A suite that is killed again and again ends with the same results as one that is left alone."""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.launch import local
from tests.cli.calls import Place
from tests.launch.small import PAIR, PoolHere, write_experiments

ITERATIONS = 400
FACTOR = """\
factors:
  size: {at: batch_size, values: [4, 5, 6, 7, 8, 9, 10, 11]}
metrics:
"""
"""Each level is a batch of its own: some are done while others are not."""
Moment = Callable[[Place, float], bool]


def long_experiment() -> str:
    text = PAIR.replace("iterations: 20\n", f"iterations: {ITERATIONS}\n").replace("metrics:\n", FACTOR)
    return text.replace("    better: higher\n", "    better: higher\n    where: {size: 4}\n")


def digests(place: Place) -> dict[str, str]:
    return {name: json.loads(path.read_bytes())["digest"] for name, path in place.records().items()}


def started(place: Place, since: float) -> bool:
    """At once: the kill falls into the start."""
    return True


def training(place: Place, since: float) -> bool:
    """Whether a worker of this life has given a sign of life."""
    return any(path.stat().st_mtime > since for path in place.results.glob("runs/*/*/heartbeat.json"))


def finishing(place: Place, since: float) -> bool:
    """Whether a run was finished in this life: the rest of its batch is about to be."""
    return any(path.stat().st_mtime > since for path in place.records().values())


def live(place: Place, reached: Moment, then: float) -> bool:
    """Run, and kill the whole group ``then`` seconds after a moment; whether it was still running."""
    began = time.time()
    process = place.start("run", "--no-report", "--quiet", "--workers", "2", "--checkpoint", "0.1")
    try:
        while process.poll() is None and not reached(place, began):
            time.sleep(0.005)
        _wait(process, then)
    finally:
        running = process.poll() is None
        if running:
            os.killpg(process.pid, signal.SIGKILL)
    _, err = process.communicate()
    assert "Traceback" not in err
    return running


def _wait(process: subprocess.Popen[str], seconds: float) -> None:
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)


@pytest.mark.slow
def test_a_suite_that_is_killed_often_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "Pool", PoolHere)
    killed, whole = Place(tmp_path / "killed"), Place(tmp_path / "whole")
    for place in (killed, whole):
        write_experiments(place.root, long_experiment())
    chance, done = random.Random(1), dict[str, bytes]()
    moments: list[Moment] = [started] * 8 + [training] * 7 + [finishing] * 5
    chance.shuffle(moments)
    for moment in moments:
        assert live(killed, moment, then=chance.uniform(0.0, 0.4))
        now = {name: path.read_bytes() for name, path in killed.records().items()}
        assert now.items() >= done.items()
        done = now
    assert done
    for place in (killed, whole):
        assert place.call("run", "--no-report", "--quiet").status == 0
    assert {name: killed.records()[name].read_bytes() for name in done} == done
    assert digests(killed) == digests(whole)
    assert len(digests(whole)) == 54
