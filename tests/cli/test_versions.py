"""Results of several versions of the code, listed and removed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from suite.commands import versions as command
from suite.store import inventory
from suite.store.inventory import lock_of
from suite.store.lock import Lock
from suite.store.record import Code
from suite.store.seal import sealed, written
from suite.store.store import Heartbeat
from suite.store.version import fingerprint
from tests.cli.calls import Answer, Place, call
from tests.launch.records import record

NOW, OLD, PACKED = fingerprint(), "0123456789ab", "0123456789ab+bag.ba9876543210"


@pytest.fixture
def filled(place: Place) -> Place:
    """Of each version a run with a file of a known size; of the old code one with a record, too."""
    for name in (NOW, OLD, PACKED):
        put(place.results / "runs" / name / "one" / "arrays.npz", b"0" * 3_000_000)
    put(place.results / "runs" / OLD / "two" / "record.json", msgspec.json.encode(record()))
    return place


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def versions(place: Place, *words: str) -> Answer:
    return call("versions", *words, "--results", str(place.results))


def names(place: Place) -> set[str]:
    return {path.name for path in (place.results / "runs").iterdir() if path.is_dir()}


def test_versions_are_listed_with_their_size(filled: Place) -> None:
    found = {each["name"]: each for each in json.loads(versions(filled, "--json").out)}
    assert {name: (each["runs"], each["now"]) for name, each in found.items()} == {
        NOW: (1, True),
        OLD: (2, False),
        PACKED: (1, False),
    }
    assert found[NOW]["bytes"] == 3_000_000
    text = versions(filled).out
    assert "3 MB" in text
    assert "6 MB are of other code" in text


def test_a_trained_version_tells_its_commit(trained: Place) -> None:
    (found,) = json.loads(versions(trained, "--json").out)
    (path, *_) = trained.records().values()
    assert found["commit"] == json.loads(path.read_bytes())["code"]["commit"]
    assert found["runs"] == len(trained.records())


def test_a_version_of_a_changed_checkout_says_so(filled: Place) -> None:
    """Its commit alone would be taken for the code."""
    changed = msgspec.structs.replace(record(), code=Code(NOW, "c0ffeec0ff" * 4, "ba5eba11"))
    put(filled.results / "runs" / NOW / "one" / "record.json", written(sealed(changed)))
    told = {line.split()[0]: line for line in versions(filled).out.splitlines()}
    assert "c0ffeec0ff and changes" in told[NOW]
    assert "and changes" not in told[OLD]


def test_files_that_go_while_they_are_counted_count_nothing(
    filled: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those that whoever trains writes aside."""
    aside = filled.results / "runs" / NOW / "one" / ".aside-record.json"
    put(aside, b"0")
    listed = os.scandir

    @contextmanager
    def then_gone(folder: Path) -> Iterator[Iterator[os.DirEntry[str]]]:
        with listed(folder) as found:
            entries = list(found)
        if folder == aside.parent:
            aside.unlink()
        yield iter(entries)

    monkeypatch.setattr(inventory, "os", SimpleNamespace(scandir=then_gone))
    found = {each["name"]: each["bytes"] for each in json.loads(versions(filled, "--json").out)}
    assert not aside.exists()
    assert found[NOW] == 3_000_000


def test_one_version_is_removed(filled: Place) -> None:
    assert versions(filled, "--remove", PACKED).status == 0
    assert names(filled) == {NOW, OLD}


def test_all_others_are_removed(filled: Place) -> None:
    assert versions(filled, "--remove-others").status == 0
    assert names(filled) == {NOW}


def test_the_last_commits_are_no_others(filled: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As right after an edit that is not committed."""
    monkeypatch.setattr(command, "at_head", lambda results: OLD)
    found = {each["name"]: each for each in json.loads(versions(filled, "--json").out)}
    assert {name: (each["now"], each["head"]) for name, each in found.items()} == {
        NOW: (True, False),
        OLD: (False, True),
        PACKED: (False, True),
    }
    answer = versions(filled)
    assert [line.split("  ")[-1].strip() for line in answer.out.splitlines() if line.startswith(OLD)] == [
        "HEAD", "HEAD"
    ]  # fmt: skip
    assert "MB are of other code" not in answer.out
    assert versions(filled, "--remove-others").err == ""
    assert names(filled) == {NOW, OLD, PACKED}
    assert "(HEAD)" in call("versions", "--help").out


@pytest.mark.parametrize(("patch", "found"), [(b"", NOW), (b"an edit", OLD)])
def test_the_last_commits_code_is_read_where_there_is_an_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patch: bytes, found: str
) -> None:
    monkeypatch.setattr(command, "patch", lambda: patch)
    monkeypatch.setattr("suite.revisions.fingerprints.fingerprint_at", lambda *_: OLD)
    assert command.at_head(tmp_path) == found


def test_without_a_checkout_there_is_no_last_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suite.revisions.git.INSTALLED", True)
    assert command.at_head(tmp_path) == ""


def test_no_package_that_takes_long_is_imported(filled: Place) -> None:
    code = f"""\
import sys
from suite.cli import main
main(["versions", "--results", {str(filled.results)!r}])
sys.exit(bool({{"torch", "pandas", "numpy"}} & sys.modules.keys()))"""
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0


def test_what_is_named_twice_is_removed_once(filled: Place) -> None:
    answer = versions(filled, "--remove", OLD, "--remove-others", "--remove", OLD, "--remove", NOW)
    assert (answer.status, answer.err.splitlines()) == (
        0,
        [f"removed {OLD}", f"removed {NOW}", f"removed {PACKED}"],
    )


@pytest.mark.parametrize("name", ["..", "../report", "", ".", "nothing", f"../runs/{OLD}", f".{OLD}.lock"])
def test_what_is_no_version_is_not_removed(filled: Place, name: str) -> None:
    before = sorted(filled.root.rglob("*"))
    answer = versions(filled, f"--remove={name}")
    assert answer.status == 2
    assert f"no results of version {name!r}" in answer.err
    assert sorted(filled.root.rglob("*")) == before


def test_a_link_is_left_alone(filled: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    put(elsewhere / "kept" / "arrays.npz", b"mine")
    (filled.results / "runs" / "linked").symlink_to(elsewhere)
    (filled.results / "runs" / OLD / "linked").symlink_to(elsewhere)
    assert versions(filled, "--remove", "linked").status == 2
    assert versions(filled, "--remove-others").status == 0
    assert (elsewhere / "kept" / "arrays.npz").read_bytes() == b"mine"


def test_what_is_being_trained_is_not_removed(filled: Place) -> None:
    beat = Heartbeat(host="h", process=1, time=time.time(), iteration=1, iterations=2)
    put(filled.results / "runs" / OLD / "one" / "heartbeat.json", msgspec.json.encode(beat))
    answer = versions(filled, "--remove", OLD)
    assert answer.status == 2
    assert "are being trained" in answer.err
    assert OLD in names(filled)


def test_what_a_run_holds_the_lock_of_is_not_removed(filled: Place) -> None:
    with Lock(lock_of(filled.results, PACKED)) as lock:
        assert lock.is_held
        assert versions(filled, "--remove", OLD).status == 2
        assert versions(filled, "--remove", PACKED).status == 2
    assert names(filled) == {NOW, OLD, PACKED}
