"""A suite that is killed again and again ends with the same results as one that is left alone."""

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from suite.launch import local
from tests.cli.calls import Place
from tests.launch.small import PAIR, PoolHere, write_experiments

KILLS = 20
ITERATIONS = 1500
FACTOR = """\
factors:
  size: {at: batch_size, values: [4, 5, 6, 7]}
metrics:
"""
"""Each level is a batch of its own: some are done while others are not."""


def long_experiment() -> str:
    text = PAIR.replace("iterations: 20\n", f"iterations: {ITERATIONS}\n").replace("metrics:\n", FACTOR)
    return text.replace("    better: higher\n", "    better: higher\n    where: {size: 4}\n")


def digests(place: Place) -> dict[str, str]:
    return {name: json.loads(path.read_bytes())["digest"] for name, path in place.records().items()}


def is_training(place: Place, since: float) -> bool:
    """Whether a worker of this life has given a sign of life."""
    beats = place.results.glob("runs/*/*/heartbeat.json")
    return any(path.stat().st_mtime > since for path in beats)


def live(place: Place, chance: random.Random) -> bool:
    """Run, and kill the whole group at a random moment; whether it was still running."""
    began = time.time()
    process = place.start("run", "--no-report", "--quiet", "--workers", "2", "--checkpoint", "0.2")
    try:
        if chance.random() < 0.6:
            while process.poll() is None and not is_training(place, began):
                time.sleep(0.01)
        _wait(process, chance.uniform(0.0, 1.0))
    finally:
        running = process.poll() is None
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
    chance, done, kills = random.Random(1), dict[str, bytes](), 0
    while kills < KILLS and live(killed, chance):
        kills += 1
        now = {name: path.read_bytes() for name, path in killed.records().items()}
        assert now.items() >= done.items()
        done = now
    assert kills == KILLS
    for place in (killed, whole):
        assert place.call("run", "--no-report", "--quiet").status == 0
    assert {name: killed.records()[name].read_bytes() for name in done} == done
    assert digests(killed) == digests(whole)
    assert len(digests(whole)) == 36
