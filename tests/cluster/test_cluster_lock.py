"""One launch at a time."""

from pathlib import Path

import pytest

from suite.cluster import lock
from suite.cluster.lock import launch_lock
from suite.errors import UserError
from suite.store.lock import Lock


def test_a_launch_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "WAIT", 0.01)
    reached = []
    with Lock(tmp_path / "cluster" / "lock") as other:
        assert other.is_held
        with pytest.raises(UserError, match="another launch is at work on "), launch_lock(tmp_path):
            reached.append(1)
    assert not reached
    with launch_lock(tmp_path):
        reached.append(2)
    assert reached == [2]


def test_a_launch_holds_the_lock_until_it_ends(tmp_path: Path) -> None:
    with launch_lock(tmp_path), Lock(tmp_path / "cluster" / "lock") as other:
        assert not other.is_held
    with pytest.raises(ZeroDivisionError), launch_lock(tmp_path):
        raise ZeroDivisionError
    with Lock(tmp_path / "cluster" / "lock") as other:
        assert other.is_held
