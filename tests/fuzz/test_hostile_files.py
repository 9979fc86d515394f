"""Files that somebody hostile, or another machine's settings, put in the way."""

import io
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from suite.data import billion_word, lmdb_file
from suite.data.damage import Damaged
from suite.store import compact, frames
from suite.store.arrays import GROWTH, SMALL, arrays_as_bytes, read_arrays
from suite.store.checkpoints import held
from suite.store.seal import Flaw, read
from suite.store.series import MOST, TYPES, series_of
from suite.store.store import RunFolder, Store
from tests.launch.records import record
from tests.training.settings import run


def bomb() -> bytes:
    """A zip of a few MiB at the most whose arrays are a hundred times as large and more."""
    member = io.BytesIO()
    np.lib.format.write_array(member, np.zeros(SMALL // 4, np.uint8))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"{number}.npy", member.getvalue())
    return made.getvalue()


def test_a_zip_of_death_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "arrays.npz"
    path.write_bytes(bomb())
    assert path.stat().st_size * GROWTH < 5 * SMALL // 4
    assert read_arrays(path) is None


def test_zeros_that_pack_well_are_no_zip_of_death(tmp_path: Path) -> None:
    path = tmp_path / "arrays.npz"
    path.write_bytes(arrays_as_bytes({"moments": np.zeros(2**20)}))
    assert path.stat().st_size * GROWTH < 2**23
    assert (read_arrays(path) or {}).keys() == {"moments"}


class Trap:
    """Unpickling it creates a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["iteration", "critic"])
def test_a_pickle_where_a_tensor_is_expected_is_no_checkpoint(tmp_path: Path, name: str) -> None:
    trap, folder = tmp_path / "trap", RunFolder(tmp_path)
    arrays = {"iteration": np.array(3), "critic": np.zeros(2)} | {name: np.array([Trap(trap)], dtype=object)}
    np.savez(folder.checkpoints[0], allow_pickle=True, **arrays)
    folder.checkpoints[1].write_bytes(pickle.dumps(Trap(trap)))
    assert held(folder) == {}
    assert not trap.exists()


@pytest.mark.parametrize("iteration", [np.arange(2), np.array("three"), np.array(np.nan), np.array(2.5)])
def test_a_checkpoint_of_no_iteration_is_none(tmp_path: Path, iteration: np.ndarray) -> None:
    RunFolder(tmp_path).checkpoints[0].write_bytes(arrays_as_bytes({"iteration": iteration}))
    assert held(RunFolder(tmp_path)) == {}


def test_a_series_of_endless_equal_rows_is_not_read(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    store = Store(tmp_path, "f")
    path = store.folder("r").path
    path.mkdir(parents=True)
    count = MOST + 1
    names = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array(["a"]))
    columns = [names, pa.array(np.zeros(count, np.int64)), pa.array(np.zeros(count))]
    table = pa.table(columns, names=["quantity", "iteration", "value"])
    assert table.schema.types == TYPES
    pq.write_table(table, path / "series.parquet", compression="zstd")
    assert series_of(store, "r") == {}
    assert len(frames.series_frame(store, ["r"])) == 0


def to_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def to_nothing(path: Path) -> None:
    path.symlink_to("../../nothing")


def to_folder(path: Path) -> None:
    path.symlink_to("..")


@pytest.mark.parametrize("put", [to_device, to_itself, to_nothing, to_folder, os.mkfifo])
def test_links_to_no_file_and_pipes_are_neither_waited_for_nor_read_on_and_on(
    tmp_path: Path, put: Callable[[Path], None]
) -> None:
    folder = Store(tmp_path, "f").folder("r")
    folder.path.mkdir(parents=True)
    for path in (folder.record_path, folder.heartbeat_path, folder.path / compact.NAME):
        put(path)
    assert isinstance(read(folder.record_path), Flaw)
    assert folder.heartbeat() is None
    assert compact.load(folder.path) == {}


def test_a_link_to_another_runs_folder_is_not_that_run(tmp_path: Path) -> None:
    store = Store(tmp_path, "fingerprint0")
    store.folder(run().id).finish(record())
    (store.runs / "stranger").symlink_to(run().id)
    assert store.records().keys() == {run().id}
    assert [(each.run, each.flaw.fault) for each in store.contents().problems] == [
        ("stranger", "of another run")
    ]


def test_a_database_whose_pages_lead_to_one_another_has_an_end(tmp_path: Path) -> None:
    """Each of 30 pages of branches leads twice to the next: 2^30 ways to one leaf."""
    page = 4096

    def of(flags: int, nodes: list[bytes]) -> bytes:
        offsets = [1000 + 50 * number for number in range(len(nodes))]
        head = bytes(10) + struct.pack("<HH", flags, 16 + 2 * len(nodes)) + bytes(2)
        body = bytearray((head + struct.pack(f"<{len(nodes)}H", *offsets)).ljust(page, b"\0"))
        for offset, node in zip(offsets, nodes, strict=True):
            body[offset : offset + len(node)] = node
        return bytes(body)

    def meta(entries: int) -> bytes:
        fields = (0xBEEFC0DE, 1, 0, 0, page, 0, 0, 0, entries, 2, 0, 1)
        return (bytes(16) + lmdb_file._META.pack(*fields)).ljust(page, b"\0")

    branches = [of(1, [struct.pack("<HHHH", number + 1, 0, 0, 0)] * 2) for number in range(2, 32)]
    leaf = of(2, [struct.pack("<HHHH", 1, 0, 0, 1) + b"kv"])
    path = tmp_path / "data.mdb"
    path.write_bytes(b"".join([meta(2**30), meta(2**30), *branches, leaf]))
    with pytest.raises(Damaged, match="more than it has room for"):
        lmdb_file.Lmdb(path)
    path.write_bytes(b"".join([meta(100), meta(100), *branches, leaf]))
    with lmdb_file.Lmdb(path) as opened, pytest.raises(Damaged, match="states 100 entries and has more"):
        list(opened.items())


def test_a_line_without_an_end_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(billion_word, "_LONGEST", 5)
    path = tmp_path / "shard"
    path.write_text("12345\n\n12345")
    assert list(billion_word.in_shard(path)) == ["12345", "", "12345"]
    path.write_text("ok\n" + "x" * 1000)
    sentences = billion_word.in_shard(path)
    assert next(sentences) == "ok"
    with pytest.raises(Damaged, match="a line of more than 5 characters"):
        next(sentences)
