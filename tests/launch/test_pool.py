"""The pool: deaths of workers, jobs that follow from others, and no more workers than work."""

import multiprocessing as mp
from collections.abc import Iterable
from pathlib import Path

import pytest

from suite.launch import pool
from suite.launch.pool import Pool
from tests.launch.lives import MARKER, pids, simple


class Notes:
    """Writes down what it is told."""

    def __init__(self, following: dict[bytes, list[bytes]] | None = None) -> None:
        self.following = following or {}
        self.done: list[bytes] = []
        self.shares: list[tuple[bytes, float]] = []
        self.reasons: dict[bytes, str] = {}

    def advanced(self, job: bytes, share: float, note: str) -> None:
        self.shares.append((job, share))

    def ended(self, job: bytes) -> Iterable[bytes]:
        self.done.append(job)
        return self.following.pop(job, [])

    def lost(self, job: bytes, reason: str) -> Iterable[bytes]:
        self.reasons[job] = reason
        return self.following.pop(job, [])


@pytest.fixture
def marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which workers that import no torch count themselves."""
    monkeypatch.setattr(pool, "work", simple)
    monkeypatch.setenv(MARKER, str(tmp_path / "lives"))
    return tmp_path / "lives"


def test_every_job_is_done_once(marker: Path) -> None:
    notes = Notes()
    Pool(2, notes).run([b"a", b"b", b"c", b"d", b"e"])
    assert sorted(notes.done) == [b"a", b"b", b"c", b"d", b"e"]
    assert (b"a", 0.5) in notes.shares
    assert len(pids(marker)) <= 2


def test_there_are_no_more_workers_than_jobs(marker: Path) -> None:
    Pool(5, Notes()).run([b"a"])
    assert len(pids(marker)) == 1


def test_no_jobs_need_no_worker(marker: Path) -> None:
    Pool(5, Notes()).run([])
    assert not marker.exists()


def test_jobs_that_follow_are_done_too(marker: Path) -> None:
    notes = Notes({b"a": [b"b", b"c"], b"c": [b"d"]})
    Pool(1, notes).run([b"a"])
    assert notes.done == [b"a", b"b", b"c", b"d"]


def test_a_job_that_kills_its_worker_twice_is_lost_and_the_others_go_on(marker: Path) -> None:
    notes = Notes({b"die": [b"after"]})
    Pool(1, notes).run([b"a", b"die", b"b"])
    assert notes.reasons == {b"die": "its worker ended with exit code -9"}
    assert notes.done == [b"a", b"b", b"after"]
    assert len(pids(marker)) == 3


class Stubborn:
    """A worker that does not leave, in a process that is interrupted while it waits for it."""

    killed = False

    def join(self) -> None:
        raise KeyboardInterrupt

    def kill(self) -> None:
        self.killed = True


def test_a_second_interruption_ends_workers_as_they_are() -> None:
    """They are deaf to signals that end a whole group of processes, and would keep this one from ending."""
    working, workers = Pool(2, Notes()), [Stubborn(), Stubborn()]
    for each in workers:
        ours, _ = mp.Pipe()
        working.seats.append(pool._Seat(each, ours))
    with pytest.raises(KeyboardInterrupt):
        working.close()
    assert all(each.killed for each in workers)
