"""Records, signs of life and checkpoints in a results folder."""

import os
import platform
import shutil
import subprocess
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from suite.errors import UserError
from suite.store import store as module
from suite.store.checkpoints import held, save
from suite.store.files import write
from suite.store.progress import saved_iteration
from suite.store.seal import sealed
from suite.store.store import ALIVE_WITHIN, Heartbeat, RunFolder, Store, is_alive
from suite.training.cohort import Cohort
from suite.training.state import part as state_part
from suite.training.state import start
from tests.launch.records import record
from tests.training.settings import run


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "results", "fingerprint0")


@pytest.fixture
def folder(store: Store) -> RunFolder:
    """The folder of a finished run."""
    folder = store.folder(run().id)
    folder.finish(record())
    return folder


def beat(folder: RunFolder, age: float) -> None:
    sign = Heartbeat(host="here", process=1, time=time.time() - age, iteration=3, iterations=9)
    folder.path.mkdir(parents=True)
    folder.heartbeat_path.write_bytes(msgspec.json.encode(sign))


def part(iteration: int) -> dict[str, np.ndarray]:
    return {"iteration": np.array(iteration), "critic": np.full(50, float(iteration))}


def test_a_record_comes_back(store: Store, folder: RunFolder) -> None:
    assert folder.record() == sealed(record())
    assert store.records() == {run().id: sealed(record())}
    assert store.contents().problems == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"run": 1}', b"\xff\xfe\x00", b'"\xff"'])
def test_a_damaged_record_counts_as_missing(store: Store, folder: RunFolder, content: bytes) -> None:
    folder.record_path.write_bytes(content)
    assert folder.record() is None
    assert store.records() == {}


def test_every_truncated_record_counts_as_missing(folder: RunFolder) -> None:
    content = folder.record_path.read_bytes()
    for length in range(0, len(content), 37):
        folder.record_path.write_bytes(content[:length])
        assert folder.record() is None, length


def test_a_folder_in_place_of_a_record_counts_as_missing(folder: RunFolder) -> None:
    folder.record_path.unlink()
    folder.record_path.mkdir()
    assert folder.record() is None


def test_a_record_in_another_runs_folder_is_not_its_record(store: Store, folder: RunFolder) -> None:
    other = store.folder(run(11).id)
    shutil.copytree(folder.path, other.path)
    assert other.record() is None
    assert store.records().keys() == {run().id}


@pytest.mark.parametrize("few", [0, 8])
def test_of_some_runs_the_records_are_read_that_all_have(
    store: Store, folder: RunFolder, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Whether they are few beside the others, and read one by one, or not."""
    monkeypatch.setattr(module, "FEW", few)
    damaged = store.folder(run(11).id)
    write(damaged.record_path, b"{")
    asked = {run().id, run(11).id, run(12).id}
    assert store.contents_of(asked) == store.contents()
    assert [problem.run for problem in store.contents_of(asked).problems] == [run(11).id]
    assert store.contents_of(()).records == {}


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "../up", "a/b", "/etc", "a\\b", "a\0b"])
def test_a_name_that_leaves_the_store_is_refused(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="not a run id"):
        store.folder(name)


def test_a_store_that_is_not_there_is_empty(store: Store) -> None:
    assert store.records() == {}
    assert store.folder(run().id).record() is None


def test_versions_of_the_code_are_kept_apart(store: Store, folder: RunFolder) -> None:
    assert Store(store.root, "fingerprint1").records() == {}


def test_a_folder_that_cannot_be_made_is_the_users_mistake(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written: Not a directory"):
        Store(tmp_path / "file", "fingerprint0").prepare()


@pytest.mark.parametrize(
    ("age", "alive"),
    [(0.0, True), (ALIVE_WITHIN - 5, True), (ALIVE_WITHIN + 5, False), (-ALIVE_WITHIN - 5, False)],
)
def test_an_old_sign_of_life_is_none(store: Store, age: float, alive: bool) -> None:
    folder = store.folder("run")
    beat(folder, age)
    found = folder.heartbeat()
    assert found is not None
    assert is_alive(found) == alive


def test_a_sign_of_life_of_a_process_that_is_gone_from_this_machine_is_none() -> None:
    process = subprocess.Popen(["sleep", "60"])
    here = Heartbeat(platform.node(), process.pid, time=time.time(), iteration=3, iterations=9)
    assert is_alive(here)
    process.kill()
    process.wait()
    assert not is_alive(here)
    assert is_alive(msgspec.structs.replace(here, host="elsewhere"))


@pytest.mark.parametrize("process", [0, -1, 2**200])
def test_of_a_process_that_there_cannot_be_nothing_is_asked(process: int) -> None:
    assert is_alive(Heartbeat(platform.node(), process, time=time.time(), iteration=3, iterations=9))


def test_a_damaged_sign_of_life_is_none(store: Store) -> None:
    folder = store.folder("run")
    assert folder.heartbeat() is None
    beat(folder, 0.0)
    assert folder.heartbeat() is not None
    folder.heartbeat_path.write_bytes(b'{"host":')
    assert folder.heartbeat() is None


def test_a_finished_run_keeps_nothing_that_only_one_under_way_needs(store: Store) -> None:
    folder = store.folder(run().id)
    beat(folder, 0.0)
    save(folder, part(1))
    save(folder, part(2))
    (folder.path / ".aside-series.parquet.123").touch()
    (folder.path / "series.parquet").touch()
    folder.finish(record())
    assert {path.name for path in folder.path.iterdir()} == {"record.json", "series.parquet"}


def test_a_run_that_failed_keeps_its_checkpoints(store: Store) -> None:
    folder = store.folder(run().id)
    save(folder, part(1))
    save(folder, part(2))
    folder.finish(record(state="failed"))
    assert list(held(folder)) == [2, 1]


def test_the_checkpoint_before_is_kept(store: Store) -> None:
    folder = store.folder("run")
    assert held(folder) == {}
    for iteration in (10, 20, 30):
        save(folder, part(iteration))
    assert list(held(folder)) == [30, 20]


def test_how_far_a_checkpoint_is_is_told_without_loading_it(store: Store) -> None:
    folder = store.folder("run")
    assert saved_iteration(folder) is None
    for iteration in (10, 2**40):
        save(folder, part(iteration))
        assert saved_iteration(folder) == iteration
    newest = folder.checkpoints[0]
    whole = newest.read_bytes()
    for length in range(0, len(whole), 37):
        newest.write_bytes(whole[:length])
        assert saved_iteration(folder) == 10
    newest.unlink()
    os.mkfifo(newest)  # Nobody writes into it.
    assert saved_iteration(folder) == 10


@pytest.mark.parametrize("first", [{"iteration": np.array(3.0)}, {"iteration": np.array([3])}])
def test_an_iteration_that_is_no_whole_number_tells_nothing(
    store: Store, first: dict[str, np.ndarray]
) -> None:
    save(store.folder("run"), first | part(3) | first)
    assert saved_iteration(store.folder("run")) is None


def test_a_checkpoint_of_training_tells_how_far_it_is(store: Store) -> None:
    cohort = Cohort.of([run()], torch.device("cpu"))
    save(store.folder("run"), state_part(start(cohort), 0) | {"seconds": np.array(1.5)})
    assert saved_iteration(store.folder("run")) == 0


def test_a_damaged_checkpoint_leaves_the_one_before(store: Store) -> None:
    folder = store.folder("run")
    save(folder, part(10))
    save(folder, part(20))
    newest = folder.checkpoints[0]
    newest.write_bytes(newest.read_bytes()[:100])
    assert list(held(folder)) == [10]
    newest.unlink()
    assert list(held(folder)) == [10]
