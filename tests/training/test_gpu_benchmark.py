"""What needs a GPU says so where there is none, and fails: it is no check that passed."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
import torch

from suite.store.version import ROOT
from suite.training import replay
from suite.training.cohort import Cohort
from suite.training.phase import phase
from suite.training.replay import Replayed, Work
from suite.training.state import State
from suite.training.turn import Shown
from tests.training.recorders import Remembered
from tests.training.settings import CPU


def test_without_a_gpu_nothing_is_claimed() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "gpu.py"), "--check"]
    hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    answer = subprocess.run(command, capture_output=True, text=True, env=hidden, check=False)
    assert answer.returncode == 2
    assert "torch sees no GPU here" in answer.stderr
    assert not answer.stdout


def test_differences_count_what_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    from gpu import difference

    values = torch.tensor([1.0, float("nan"), 3.0])
    assert difference(values, values) == 0
    assert difference(values, values + 0.5) == 0.5
    assert difference(values, torch.tensor([1.0, 2.0, 3.0])) == float("inf")


def test_ways_of_two_devices_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    from gpu import apart

    begun, one = torch.zeros(2), torch.tensor([3.0, 4.0])
    assert apart(begun, one, one) == 0
    assert apart(begun, one, -one) == 2
    assert apart(begun, one, torch.tensor([3.0, 5.0])) == pytest.approx(0.2)
    nan = float("nan")
    assert apart(
        torch.zeros(3), torch.tensor([3.0, 4.0, nan]), torch.tensor([3.0, 5.0, nan])
    ) == pytest.approx(0.2)
    assert apart(begun, one, torch.tensor([3.0, nan])) == float("inf")


def test_a_check_that_recorded_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Direct iterations compared with direct ones would be equal."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import gpu

    class Refusing(Remembered):
        def record(self, work: Callable[[], Shown]) -> Shown:
            raise RuntimeError("operation not permitted")

    def steps(cohort: Cohort, state: State, work: Work) -> Replayed:
        return Replayed(work, lambda: phase(cohort, state), Refusing)

    monkeypatch.setattr(replay, "steps", steps)
    monkeypatch.setattr(gpu, "FAMILIES", ["clip"])
    with pytest.raises(UserWarning, match="iterations are not recorded"):
        next(gpu.check(CPU))
