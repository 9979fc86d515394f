"""Files and arrays are whole or absent, and nothing in them is executed."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from suite.store.arrays import arrays_as_bytes, read_arrays
from suite.store.files import remove_leftovers, write

ARRAYS = {"a": np.arange(6.0).reshape(2, 3), "with:colon": np.array([1, 2]), "number": np.array(7)}


class Touch:
    """Unpickling it creates a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_write_makes_folders_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    write(path, b"one")
    write(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_a_crash_before_the_renaming_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write(path, b"old")

    def crash(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        write(path, b"new")
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 2
    remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_arrays_come_back(tmp_path: Path) -> None:
    path = tmp_path / "arrays.npz"
    path.write_bytes(arrays_as_bytes(ARRAYS))
    found = read_arrays(path)
    assert found is not None
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)


def test_pickled_objects_are_refused_and_not_run(tmp_path: Path) -> None:
    trap, npz, raw = tmp_path / "trap", tmp_path / "arrays.npz", tmp_path / "raw.npz"
    np.savez(npz, a=np.array([Touch(trap)], dtype=object))
    raw.write_bytes(pickle.dumps(Touch(trap)))
    assert read_arrays(npz) is None
    assert read_arrays(raw) is None
    assert not trap.exists()
    with np.load(npz, allow_pickle=True) as file:
        assert len(file["a"]) == 1
    assert trap.exists()


def test_objects_are_not_written() -> None:
    with pytest.raises(ValueError, match="array a holds objects"):
        arrays_as_bytes({"a": np.array([object()])})


def test_a_truncated_file_has_no_arrays(tmp_path: Path) -> None:
    path, content = tmp_path / "arrays.npz", arrays_as_bytes(ARRAYS)
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        assert read_arrays(path) is None, length


def test_a_damaged_file_has_no_arrays_or_the_right_ones(tmp_path: Path) -> None:
    path, content = tmp_path / "arrays.npz", arrays_as_bytes({"a": np.arange(20.0)})
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        found = read_arrays(path)
        if found is not None and "a" in found:
            np.testing.assert_array_equal(found["a"], np.arange(20.0))


def test_a_missing_file_or_a_bare_array_is_none(tmp_path: Path) -> None:
    assert read_arrays(tmp_path / "missing.npz") is None
    np.save(tmp_path / "bare.npy", np.zeros(3))
    assert read_arrays(tmp_path / "bare.npy") is None
