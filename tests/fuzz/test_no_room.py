"""A disk that fills up, and one that turns read-only, while runs are trained: nothing finished is lost."""

import errno
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from suite.launch import local
from suite.store import files
from suite.store.files import no_room, write
from suite.store.version import fingerprint
from tests.cli.calls import Place
from tests.launch.small import PoolHere, write_experiments

RUN = ("run", "--no-report", "--quiet", "--workers", "1", "--checkpoint", "0")
MIDWAY = 30
"""Files, after which some runs are finished and others are not."""


def content(place: Place) -> dict[str, tuple[str, str]]:
    """State and digest of each run there is."""
    records = {name: json.loads(path.read_bytes()) for name, path in place.records().items()}
    return {name: (each["outcome"]["state"], each["digest"]) for name, each in records.items()}


def left_aside(place: Place) -> list[Path]:
    return list(place.results.rglob(f"{files.ASIDE}*"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """What runs come to where there is room."""
    place = Place(tmp_path_factory.mktemp("whole"))
    write_experiments(place.root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "Pool", PoolHere)
        assert place.call(*RUN).status == 0
    return content(place)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setattr(local, "Pool", PoolHere)
    write_experiments(tmp_path)
    return Place(tmp_path)


class Disk:
    """Takes so many files, then half of one, and nothing after that."""

    def __init__(self, files_: int) -> None:
        self.left = files_

    def __call__(self, descriptor: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("room", [0, 1, MIDWAY, 60])
def test_a_full_disk_ends_a_run_with_a_cure_and_it_goes_on_to_the_same_bits(
    place: Place, whole: dict[str, tuple[str, str]], monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", Disk(room))
        answer = place.call(*RUN)
    assert answer.status == 2, answer
    assert answer.err.startswith(f"error: {place.results}")
    assert "cannot be written: No space left on device\n    make room there, and run the same" in answer.err
    finished = content(place)
    assert finished.items() <= whole.items(), "nothing is recorded as failed"
    assert 0 < len(finished) < len(whole) if room == MIDWAY else len(finished) < len(whole)
    assert left_aside(place) == []
    assert list(place.results.rglob("heartbeat.json")) == []
    ages = {name: path.stat().st_mtime_ns for name, path in place.records().items()}
    assert place.call(*RUN).status == 0
    assert content(place) == whole
    assert {name: path.stat().st_mtime_ns for name, path in place.records().items()}.items() >= ages.items()


@pytest.mark.parametrize("number", sorted(files.NO_ROOM))
def test_a_write_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path = tmp_path / "file"
    write(path, b"before")

    def fails(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(files.os, "fsync", fails)
    with pytest.raises(OSError, match=re_of(os.strerror(number))) as caught:
        write(path, b"after")
    cure = "name another folder" if number == errno.EROFS else "make room"
    assert no_room(caught.value).startswith(f"{path}: cannot be written: {os.strerror(number)}\n    {cure}")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"before"


def re_of(text: str) -> str:
    return text.replace("(", r"\(").replace(")", r"\)")


@pytest.mark.parametrize("error", [OSError(errno.EACCES, "no"), ValueError("no"), KeyError(1)])
def test_other_errors_are_others(error: Exception) -> None:
    assert no_room(error) == ""


def test_a_report_that_has_no_room_is_told_as_well(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert place.call(*RUN).status == 0

    monkeypatch.setattr(files.os, "fsync", Disk(0))
    answer = place.call("report")
    assert answer.status == 2
    assert "cannot be written: No space left on device\n    make room there" in answer.err


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Place]:
    """A place whose results lie on a file system of their own, of a few hundred kilobytes."""
    write_experiments(tmp_path)
    place = Place(tmp_path)
    place.results.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=500k", "none", str(place.results)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", str(place.results)], check=True)


def test_a_read_only_file_system_is_called_that(small: Place) -> None:
    (small.results / "runs" / fingerprint()).mkdir(parents=True)
    subprocess.run(["mount", "-o", "remount,ro", str(small.results)], check=True)
    answer = small.call("run", "--scale", "smoke", "--quiet")
    assert answer.status == 2
    assert "cannot be written: Read-only file system\n    choose another with --results DIR" in answer.err


@pytest.mark.slow
def test_workers_on_a_file_system_that_is_full_end_with_a_cure(
    small: Place, whole: dict[str, tuple[str, str]]
) -> None:
    ballast = small.results / "ballast"
    ballast.write_bytes(bytes(360_000))
    status, told = ended(small)
    assert status == 2, told
    assert "No space left on device\n    make room there" in told
    assert "Traceback" not in told
    assert content(small).items() < whole.items()
    ballast.unlink()
    status, told = ended(small)
    assert status == 0, told
    assert content(small) == whole


def ended(place: Place) -> tuple[int, str]:
    process = place.start(*RUN)
    _, told = process.communicate()
    return process.returncode, told
