"""What needs a GPU says so where there is none, and fails: it is no check that passed."""

import os
import subprocess
import sys

import pytest
import torch

from suite.store.version import ROOT


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
