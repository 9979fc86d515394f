"""Places with the small experiment, trained or not."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from suite.launch import local
from tests.cli.calls import Place
from tests.launch.small import PoolHere, write_experiments


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The results of one ``run``; not to be changed."""
    place = Place(tmp_path_factory.mktemp("trained"))
    write_experiments(place.root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "Pool", PoolHere)
        answer = place.call("run", "--no-report", "--quiet")
    assert answer.status == 0, answer
    return place


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train in this process."""
    monkeypatch.setattr(local, "Pool", PoolHere)


@pytest.fixture
def place(tmp_path: Path, here: None) -> Place:
    """The small experiment without results."""
    write_experiments(tmp_path)
    return Place(tmp_path)


@pytest.fixture
def trained(trained_once: Place, tmp_path: Path, here: None) -> Iterator[Place]:
    """A copy of the trained results."""
    shutil.copytree(trained_once.root, tmp_path / "copy")
    return Place(tmp_path / "copy")
