"""A folder of results may be somebody else's: what lies in it leads nowhere, and keeps nobody waiting."""

import os
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from suite.errors import UserError
from suite.store import series
from suite.store.arrays import arrays_as_bytes, read_arrays
from suite.store.decoding import read_json
from suite.store.inventory import _day
from suite.store.lock import Lock
from suite.store.store import Heartbeat, Store


def is_a_link(lock: Path, mine: Path) -> None:
    lock.symlink_to(mine)


def is_a_second_name(lock: Path, mine: Path) -> None:
    os.link(mine, lock)


def leads_nowhere(lock: Path, mine: Path) -> None:
    lock.symlink_to(mine.with_name("new"))


def is_a_pipe(lock: Path, mine: Path) -> None:
    os.mkfifo(lock)


def is_a_folder(lock: Path, mine: Path) -> None:
    lock.mkdir()


@pytest.mark.parametrize("put", [is_a_link, is_a_second_name, leads_nowhere, is_a_pipe, is_a_folder])
def test_a_lock_that_is_none_is_told_and_nothing_else_touched(tmp_path: Path, put) -> None:
    mine = tmp_path / "mine"
    mine.write_text("precious")
    mine.chmod(0o600)
    put(tmp_path / "lock", mine)
    with pytest.raises(UserError, match=r"is no lock.*\n    remove it"), Lock(tmp_path / "lock"):
        pass
    assert mine.read_text() == "precious"
    assert mine.stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "new").exists()


def test_pipes_keep_nobody_waiting(tmp_path: Path) -> None:
    store = Store(tmp_path, "f" * 12)
    folder = store.folder("a.b.s10").path
    folder.mkdir(parents=True)
    for name in ("series.parquet", "arrays.npz", "written.json"):
        os.mkfifo(folder / name)
    assert series.series_of(store, "a.b.s10") == {}
    assert read_arrays(folder / "arrays.npz") is None
    assert read_json(folder / "written.json", dict) is None


def test_arrays_of_pipes_apart_are_read(tmp_path: Path) -> None:
    (tmp_path / "arrays.npz").write_bytes(arrays_as_bytes({"a": np.arange(3)}))
    found = read_arrays(tmp_path / "arrays.npz")
    assert found is not None
    assert found["a"].tolist() == [0, 1, 2]


def test_series_that_unpack_to_far_more_than_the_file_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path, "f" * 12)
    folder = store.folder("a.b.s10").path
    folder.mkdir(parents=True)
    names = pa.array(["q" * 1000] * 100).dictionary_encode()
    table = pa.table({"quantity": names, "iteration": np.arange(100), "value": np.ones(100)})
    pq.write_table(table, folder / "series.parquet", compression="zstd")
    assert [len(each.values) for each in series.series_of(store, "a.b.s10").values()] == [100]
    monkeypatch.setattr(series, "LARGEST", 1000)
    assert series.series_of(store, "a.b.s10") == {}


def test_numbers_that_no_float_holds_are_no_counts() -> None:
    sign = {"host": "a", "process": 1, "time": 0.0, "iteration": 10**400, "iterations": 10}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(sign, Heartbeat)
    assert msgspec.convert(sign | {"iteration": 7}, Heartbeat).iteration == 7


def test_a_time_that_no_calendar_has_is_no_mistake() -> None:
    """Files can be of any."""
    for seconds in (253402300800.0, -1e18, float("inf")):
        assert _day(seconds) == ""
    assert _day(1_795_305_600.0) == "2026-11-22"
