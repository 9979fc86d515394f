"""Two commands on one folder of results at the same time: nothing twice, nothing lost."""

import os
import threading
from pathlib import Path
from typing import IO

import pytest

from suite.launch import local
from suite.store import files
from suite.store.inventory import lock_of
from suite.store.lock import Lock
from suite.store.version import fingerprint
from tests.cli.calls import Place
from tests.launch.small import PoolHere, write_experiments

RUN = ("run", "--no-report", "--quiet", "--workers", "1")


class Counting(PoolHere):
    """Counts the jobs that are trained."""

    jobs = 0

    def run(self, jobs: object) -> None:
        given = list(jobs)  # type: ignore[call-overload]
        Counting.jobs += len(given)
        super().run(given)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr(local, "Pool", Counting)
    Counting.jobs = 0
    write_experiments(tmp_path)
    return Place(tmp_path)


def lock(place: Place) -> Path:
    return lock_of(place.results, fingerprint())


def test_a_second_run_waits_and_trains_nothing_that_is_there_then(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Place(tmp_path / "first")
    write_experiments(first.root)
    assert first.call(*RUN).status == 0
    trained, Counting.jobs = Counting.jobs, 0

    def ended(self: Lock) -> None:
        """The other ends: all that it trained is there, and its lock is free."""
        (first.results / "runs" / fingerprint()).rename(place.results / "runs" / fingerprint())
        other.__exit__()
        self.is_held = True

    monkeypatch.setattr(Lock, "wait", ended)
    with Lock(lock(place)) as other:
        assert other.is_held
        (place.results / "runs" / fingerprint()).mkdir()
        answer = place.call(*RUN)
    assert answer.status == 0
    assert answer.err == (f"another run is at work on {place.results}: this one goes on when it has ended\n")
    assert trained > 0
    assert Counting.jobs == 0
    assert len(place.records()) == 12


def test_what_the_other_left_undone_is_trained(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lock, "wait", lambda self: None)
    with Lock(lock(place)):
        assert place.call(*RUN).status == 0
    assert len(place.records()) == 12


def test_a_run_that_has_nothing_to_train_does_not_wait(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert place.call(*RUN).status == 0
    monkeypatch.setattr(Lock, "wait", lambda self: pytest.fail("it waits"))
    with Lock(lock(place)):
        answer = place.call(*RUN)
    assert (answer.status, answer.err) == (0, "")


def test_the_lock_is_free_when_a_run_has_ended_or_failed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: PoolHere, jobs: object) -> None:
        with Lock(lock(place)) as other:
            assert not other.is_held
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Counting, "run", fails)
        assert place.call(*RUN).status == 130
    with Lock(lock(place)) as other:
        assert other.is_held
    assert place.call(*RUN).status == 0


def test_the_lock_is_no_result(place: Place) -> None:
    with Lock(lock(place)):
        assert place.call("status").status == 0
        answer = place.call("compare", str(place.results), str(place.results))
    assert answer.status == 2
    assert "no results in there" in answer.err


def test_who_waits_has_the_lock_as_soon_as_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    order: list[str] = []

    def second() -> None:
        with Lock(path) as lock_:
            assert not lock_.is_held
            tried.set()
            lock_.wait()
            order.append("second")

    tried = threading.Event()
    with Lock(path):
        thread = threading.Thread(target=second)
        thread.start()
        assert tried.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_a_lock_is_for_all_who_share_its_folder(tmp_path: Path) -> None:
    mask = os.umask(0o077)
    try:
        with Lock(tmp_path / "lock"):
            pass
    finally:
        os.umask(mask)
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o666


def test_a_lock_of_another_users_is_taken_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def only_read(path: Path, mode: str = "r") -> IO[str]:
        if mode != "r":
            raise PermissionError(13, os.strerror(13), os.fspath(path))
        return opened(path)

    (tmp_path / "lock").touch()
    monkeypatch.setattr(Path, "open", only_read)
    with Lock(tmp_path / "lock") as one, Lock(tmp_path / "lock") as other:
        assert (one.is_held, other.is_held) == (True, False)


def test_a_file_system_without_locks_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(95, os.strerror(95))

    monkeypatch.setattr("suite.store.lock.fcntl.flock", none)
    with Lock(tmp_path / "lock") as one, Lock(tmp_path / "lock") as other:
        assert one.is_held
        assert other.is_held


def test_who_tidies_up_elsewhere_does_not_make_a_write_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a job of a cluster does that finishes a run which is trained here as well."""
    times = iter([True, False])
    monkeypatch.setattr(files.os, "fsync", lambda _: next(times) and files.remove_leftovers(tmp_path))
    files.write(tmp_path / "checkpoint.npz", b"content")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"checkpoint.npz": b"content"}


@pytest.mark.slow
def test_two_processes_at_once_train_each_run_once(tmp_path: Path) -> None:
    write_experiments(tmp_path)
    place = Place(tmp_path)
    both = [place.start(*RUN) for _ in range(2)]
    said = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert len(place.records()) == 12
    waited = [err for _, err in said if "this one goes on when it has ended" in err]
    trained = [out for out, _ in said if "✓ small/pair:decided" in out]
    assert len(trained) == 1, "verdicts are told by the one that trained them"
    assert len(waited) <= 1
    assert list(place.results.rglob("checkpoint*.npz")) == []
