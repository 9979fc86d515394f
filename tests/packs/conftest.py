"""Packs for tests: ``bag``, which brings one of each kind, and the example."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.launch import local
from suite.spec.packs.found import VARIABLE
from suite.store.version import ROOT
from tests.cli.calls import Place
from tests.launch.small import PoolHere, write_experiments

BAG = Path(__file__).parent / "bag"
EXAMPLE = ROOT / "examples" / "spectral_normalization"


@pytest.fixture(autouse=True)
def none_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pack to begin with; what a command loads is gone when the test ends."""
    monkeypatch.setenv(VARIABLE, "")


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let these folders be the packs that are here."""

    def these(*folders: Path) -> None:
        monkeypatch.setenv(VARIABLE, os.pathsep.join(map(str, folders)))

    return these


@pytest.fixture
def bag(load: Callable[..., None]) -> Path:
    """The pack ``bag``, loaded."""
    load(BAG)
    return BAG


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of it, to be changed before it is loaded: a pack is read once a process."""
    return Path(shutil.copytree(BAG, tmp_path / "copied", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The small experiment without results; training is in this process."""
    monkeypatch.setattr(local, "Pool", PoolHere)
    write_experiments(tmp_path)
    return Place(tmp_path)
