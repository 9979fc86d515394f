"""One file of all records says what their own files say, or nothing."""

import hashlib
import os
import shutil
import threading
import time
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from suite.store import compact, store
from suite.store.compact import MAGIC, NAME, Kept, Stamp, encoded, load, stamps
from suite.store.record import Code, Cost, Measured, Outcome, Record
from suite.store.seal import sealed
from suite.store.store import Store
from tests.launch.records import ENVIRONMENT, record
from tests.training.settings import run

SEEDS = range(10, 16)
NOWHEN = Stamp(1, 2, 3, 4)


class Reads(list[str]):
    """The runs whose own file was read."""

    def counted(self) -> list[str]:
        """What was read since the last time, by seed."""
        seeds = [name.split(".s")[1].split(".")[0] for name in self]
        self.clear()
        return seeds


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    seen = Reads()
    original = store.look_at

    def look(path: str, run_id: str, fingerprint: str) -> object:
        seen.append(run_id)
        return original(path, run_id, fingerprint)

    monkeypatch.setattr(store, "look_at", look)
    return seen


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of six runs that is already read from one file, which is written at every change."""
    monkeypatch.setattr(store, "MANY", 3)
    monkeypatch.setattr(compact, "SETTLED", 0.0)
    monkeypatch.setattr(compact, "WORTH", 1000)
    at = Store(tmp_path, "fingerprint0")
    for seed in SEEDS:
        at.folder(run(seed).id).finish(record(run(seed)))
    at.contents()
    return at


def expected(*seeds: int) -> dict[str, Record]:
    return {name: sealed(record(run(seed))) for seed in seeds for name in [run(seed).id]}


def held(at: Store) -> set[str]:
    return set(load(at.runs))


def test_a_second_reading_opens_no_record(at: Store, reads: Reads) -> None:
    assert at.records() == expected(*SEEDS)
    assert list(at.records()) == sorted(at.records())
    assert reads == []


def test_a_run_comes_back_with_the_id_that_it_has(at: Store) -> None:
    for name, kept in load(at.runs).items():
        assert kept.record.run.id == name == msgspec.structs.replace(kept.record.run).id


@pytest.mark.parametrize(("few", "read"), [(2, ["11", "13"]), (4, [])])
def test_of_few_runs_alone_the_own_files_are_read(
    at: Store, reads: Reads, monkeypatch: pytest.MonkeyPatch, few: int, read: list[str]
) -> None:
    """Two are few of six where it takes a file of its own two times as long, and not where it takes four."""
    monkeypatch.setattr(store, "FEW", few)
    found = at.contents_of([run(11).id, run(13).id]).records
    assert reads.counted() == read
    assert found.items() >= expected(11, 13).items()
    assert len(found) == (len(read) or 6)


def test_a_small_store_needs_no_such_file(at: Store, reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    (at.runs / NAME).unlink()
    monkeypatch.setattr(store, "MANY", 7)
    assert at.records() == expected(*SEEDS)
    assert len(reads) == 6
    assert not (at.runs / NAME).exists()


def test_what_is_new_or_written_anew_is_read(at: Store, reads: Reads) -> None:
    at.folder(run(16).id).finish(record(run(16)))
    at.folder(run(12).id).finish(record(run(12), "failed"))
    found = at.records()
    assert reads.counted() == ["12", "16"]
    assert found.keys() == expected(*range(10, 17)).keys()
    assert found[run(12).id].outcome.state == "failed"
    assert at.records() == found
    assert reads == []


def test_an_edit_is_found_even_if_size_and_time_are_put_back(at: Store) -> None:
    path = at.folder(run(12).id).record_path
    before = path.stat()
    edited = path.read_text().replace('"seconds": 1.0', '"seconds": 9.0')
    with path.open("r+") as file:  # In place, so that the inode stays as well.
        file.write(edited)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    now = path.stat()
    assert (now.st_size, now.st_mtime_ns, now.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)
    assert at.records().keys() == expected(10, 11, 13, 14, 15).keys()
    assert [problem.line[:6] for problem in at.contents().problems] == ["edited"]
    assert run(12).id not in held(at)


def test_what_is_gone_is_gone(at: Store) -> None:
    at.folder(run(10).id).record_path.unlink()
    shutil.rmtree(at.folder(run(11).id).path)
    at.folder(run(12).id).path.rename(at.runs / "moved")
    assert at.records() == expected(13, 14, 15)
    assert [problem.flaw.fault for problem in at.contents().problems] == ["of another run"]
    assert held(at) == expected(13, 14, 15).keys()


def test_a_record_copied_over_another_is_found(at: Store) -> None:
    one, other = (at.folder(run(seed).id).record_path for seed in (10, 11))
    shutil.copy2(one, other)
    assert at.records().keys() == expected(10, 12, 13, 14, 15).keys()
    assert [problem.flaw.fault for problem in at.contents().problems] == ["of another run"]


def test_a_deleted_file_is_made_again(at: Store, reads: Reads) -> None:
    (at.runs / NAME).unlink()
    assert at.records() == expected(*SEEDS)
    assert len(reads.counted()) == 6
    assert at.records() == expected(*SEEDS)
    assert reads == []


def test_a_damaged_file_is_ignored_and_made_again(at: Store, reads: Reads) -> None:
    path = at.runs / NAME
    content = path.read_bytes()
    lengths = range(0, len(content), 41)
    for damaged in [content[:length] for length in lengths] + [flip(content, place) for place in lengths]:
        path.write_bytes(damaged)
        assert load(at.runs) == {}
    assert at.records() == expected(*SEEDS)
    assert len(reads.counted()) == 6
    assert path.read_bytes() != damaged
    assert at.records() == expected(*SEEDS)
    assert reads == []


def flip(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :]


@pytest.mark.parametrize("body", [b"", b"\xc1", msgspec.msgpack.encode([{}, []]), b"\x80\x04\x95cposix\n."])
def test_a_file_of_another_form_with_the_right_digest_is_ignored(at: Store, body: bytes) -> None:
    (at.runs / NAME).write_bytes(MAGIC + hashlib.sha256(body).digest() + body)
    assert load(at.runs) == {}


def test_a_file_of_another_store_says_nothing(at: Store, reads: Reads) -> None:
    other = Store(at.root / "copy", at.fingerprint)
    shutil.copytree(at.runs, other.runs)
    path = other.folder(run(12).id).record_path
    path.write_text(path.read_text().replace('"seconds": 1.0', '"seconds": 9.0'))
    assert other.records().keys() == expected(10, 11, 13, 14, 15).keys()
    assert len(reads) == 6


def test_records_that_may_still_change_are_not_held(at: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (at.runs / NAME).unlink()
    monkeypatch.setattr(compact, "SETTLED", 3600.0)
    assert at.records() == expected(*SEEDS)
    assert held(at) == set()


def test_a_few_changes_are_not_worth_writing(
    at: Store, monkeypatch: pytest.MonkeyPatch, reads: Reads
) -> None:
    before = (at.runs / NAME).stat()
    monkeypatch.setattr(compact, "WORTH", 3)
    for seed in (11, 14):
        at.folder(run(seed).id).finish(record(run(seed)))
        assert at.records() == expected(*SEEDS)
    assert reads.counted() == ["11", "11", "14"]
    assert (at.runs / NAME).stat().st_ino != before.st_ino
    assert at.records() == expected(*SEEDS)
    assert reads == []


def test_a_folder_that_cannot_be_written_is_read(at: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(compact, "write", full)
    (at.runs / NAME).unlink()
    assert at.records() == expected(*SEEDS)
    assert not (at.runs / NAME).exists()


def test_leftovers_of_dead_writers_are_removed(at: Store) -> None:
    dead, alive = (at.runs / f".aside-{NAME}.{process}" for process in (1, 2))
    dead.touch()
    alive.touch()
    os.utime(dead, (time.time() - 4000,) * 2)
    (at.runs / NAME).unlink()
    at.contents()
    assert not dead.exists()
    assert alive.exists()


def test_a_record_that_changes_while_it_is_read_is_read_again(
    at: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at its stamp and the reading, somebody writes it."""
    folder = at.folder(run(12).id)
    original = compact.stamps

    def late(runs: Path) -> dict[str, Stamp]:
        found = original(runs)
        folder.finish(record(run(12), "diverged"))
        return found

    monkeypatch.setattr(compact, "stamps", late)
    folder.finish(record(run(12), "failed"))
    assert at.records()[run(12).id].outcome.state == "diverged"
    monkeypatch.setattr(compact, "stamps", original)
    folder.finish(record(run(12)))
    assert at.records() == expected(*SEEDS)


def test_a_writer_at_the_same_time_does_no_harm(at: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that read: one writes an older view over the other's."""
    old = (at.runs / NAME).read_bytes()
    at.folder(run(12).id).finish(record(run(12), "failed"))
    at.folder(run(16).id).finish(record(run(16)))
    shutil.rmtree(at.folder(run(10).id).path)
    found = at.records()
    (at.runs / NAME).write_bytes(old)
    assert at.records() == found
    assert found.keys() == expected(*range(11, 17)).keys()


def test_readers_and_a_writer_at_once(at: Store) -> None:
    """Nobody sees anything but whole records, even where two write the one file by the same name."""
    path, changing = at.runs / NAME, [at.folder(run(seed).id) for seed in (11, 12, 13)]
    done, seen = threading.Event(), []

    def read() -> None:
        while not done.is_set():
            seen.append(at.contents())

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for state in ("failed", "diverged", "finished") * 5:
        for seed, folder in zip((11, 12, 13), changing, strict=True):
            folder.finish(record(run(seed), state))
        path.unlink(missing_ok=True)
    done.set()
    for reader in readers:
        reader.join()
    assert seen
    one = expected(*SEEDS).keys()
    assert all(contents.records.keys() == one and not contents.problems for contents in seen)
    assert at.records() == expected(*SEEDS)


def rich() -> list[Record]:
    """Records that differ in every field, some of whose parts are the same."""
    some = {"a": Measured(1.5, "p"), "b": Measured("-inf", "q"), "c": Measured(None, "p")}
    plain = record(metrics=some, criteria={"x": "y"})
    environment = msgspec.structs.replace(ENVIRONMENT, packages={"torch": "2"}, cores=3)
    other = Record(
        run=run(11),
        code=Code("fingerprint1", "c", "p"),
        environment=environment,
        started="a",
        ended="b",
        outcome=Outcome("failed", 3, "r", "t"),
        cost=Cost(0.1, 1e300, 7),
        metrics={},
        instruments={"classifier": "i"},
        criteria={"x": "z"},
        digest="e",
    )
    changes = {"environment": environment, "metrics": {}, "digest": ""}
    return [plain, other, *(msgspec.structs.replace(plain, **{k: v}) for k, v in changes.items())]


def test_every_field_comes_back(tmp_path: Path) -> None:
    given = {str(i): Kept(NOWHEN, sealed(each)) for i, each in enumerate(rich())}
    plain, other = (msgspec.structs.asdict(kept.record) for kept in list(given.values())[:2])
    assert [name for name in plain if plain[name] == other[name]] == ["format"]
    (tmp_path / NAME).write_bytes(encoded(given))
    found = load(tmp_path)
    assert found == given
    for one, two in zip(found.values(), given.values(), strict=True):
        assert msgspec.json.encode(one.record) == msgspec.json.encode(two.record)


def test_what_is_shared_is_held_once(tmp_path: Path) -> None:
    many = {str(seed): Kept(NOWHEN, sealed(record(run(seed)))) for seed in range(200)}
    (tmp_path / NAME).write_bytes(encoded(many))
    found = [kept.record for kept in load(tmp_path).values()]
    assert all(one.run.setting is two.run.setting for one, two in pairwise(found))
    assert all(one.environment is two.environment for one, two in pairwise(found))
    alone = len(msgspec.msgpack.encode(found[0]))
    assert len(encoded(many)) < 0.6 * 200 * alone


def test_stamps_are_of_records_only(tmp_path: Path) -> None:
    assert stamps(tmp_path / "missing") == {}
    (tmp_path / "file.patch").touch()
    (tmp_path / "under way").mkdir()
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "record.json").write_text("{}")
    (found,) = stamps(tmp_path).items()
    assert found[0] == "done"
    assert found[1].size == 2
    assert stamps(tmp_path / "file.patch") == {}


def test_a_link_to_itself_is_a_problem_and_not_a_crash(at: Store) -> None:
    path = at.folder(run(12).id).record_path
    path.unlink()
    path.symlink_to(path)
    assert at.records() == expected(10, 11, 13, 14, 15)
    assert [problem.flaw.fault for problem in at.contents().problems] == ["damaged"]
