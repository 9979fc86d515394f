"""Seals: what was edited, damaged or moved is found, and told."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suite.spec.runs import Run
from suite.store import seal
from suite.store.record import Code, Cost, Measured, Outcome, Record
from suite.store.seal import Flaw, Problem, opened, problem_lines, read, sealed, written
from suite.store.store import RunFolder, Store, read_record
from tests.launch.records import record
from tests.training.settings import run

METRICS = {"loss": Measured(0.1 + 0.2, "p"), "norm": Measured("inf", "p"), "none": Measured(None, "p")}
Edit = Callable[[dict[str, Any]], None]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, "fingerprint0")


@pytest.fixture
def folder(store: Store) -> RunFolder:
    """The folder of a finished run."""
    folder = store.folder(run().id)
    folder.finish(record(metrics=METRICS))
    return folder


def is_sealed(record: Record) -> bool:
    """Whether it is read where a file has it so."""
    return isinstance(opened(written(record)), Record)


def edit(folder: RunFolder, how: Edit, seal_again: bool = False) -> None:
    """Change a record on disk, with or without a seal of the new content."""
    content = json.loads(folder.record_path.read_bytes())
    how(content)
    if seal_again:
        content["seal"] = by_hand(content)
    folder.record_path.write_text(json.dumps(content, indent=1))


def by_hand(content: dict[str, Any]) -> str:
    """The seal of a record's content, computed with the standard library alone."""
    rest = {key: value for key, value in content.items() if key != "seal"}
    compact = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(compact.encode()).hexdigest()


def fault(folder: RunFolder) -> str:
    """Why the run has no record that counts."""
    found = folder.look()
    assert isinstance(found, Flaw)
    assert folder.record() is None
    return found.fault


def test_a_record_on_disk_has_the_seal_of_its_content(folder: RunFolder) -> None:
    content = json.loads(folder.record_path.read_bytes())
    assert content["seal"] == by_hand(content)
    found = folder.record()
    assert found is not None
    assert is_sealed(found)
    assert msgspec.structs.replace(found, seal="") == record(metrics=METRICS)


def test_a_seal_stays_when_a_record_is_read_and_written_again(folder: RunFolder) -> None:
    before = folder.record_path.read_bytes()
    found = folder.record()
    assert found is not None
    folder.finish(found)
    assert folder.record_path.read_bytes() == before
    assert opened(msgspec.json.encode(found)) == found


def test_whole_numbers_in_place_of_floats_keep_their_seal(store: Store) -> None:
    level = Run(experiment="a/b", scale="desk", arm="c", levels={"x": 1}, seed=10, setting=run().setting)
    folder = store.folder(level.id)
    folder.finish(msgspec.structs.replace(record(level), cost=Cost(1, 2, 1)))
    found = folder.record()
    assert found is not None
    assert is_sealed(found)
    assert opened(msgspec.json.encode(found)) == found


@pytest.mark.parametrize(
    "reason", ["Grüße, ∞ and \U0001f600", '"\\\n\t\x00\x7f', "</script><!-- {{ x }} -->"]
)
def test_any_text_can_be_sealed(store: Store, reason: str) -> None:
    folder = store.folder(run().id)
    folder.finish(record(state="failed", reason=reason))
    found = folder.record()
    assert found is not None
    assert found.outcome.reason == reason


def lower(content: dict[str, Any]) -> None:
    content["metrics"]["loss"]["value"] = 0.3


def drop(content: dict[str, Any]) -> None:
    del content["metrics"]["none"]


def add(content: dict[str, Any]) -> None:
    content["metrics"]["more"] = {"value": 1.0, "protocol": "p"}


def rename(content: dict[str, Any]) -> None:
    content["criteria"] = {"a:b": "0" * 12}


def digest(content: dict[str, Any]) -> None:
    content["digest"] = "e" * 64


def reseed(content: dict[str, Any]) -> None:
    content["run"]["seed"] += 1


def reseal(content: dict[str, Any]) -> None:
    content["seal"] = "0" * 64


def default(content: dict[str, Any]) -> None:
    content["environment"]["processes"] = 1


@pytest.mark.parametrize("how", [lower, drop, add, rename, digest, reseed, reseal, default])
def test_what_was_edited_by_hand_does_not_count(store: Store, folder: RunFolder, how: Edit) -> None:
    edit(folder, how)
    assert fault(folder) == "edited"
    assert read_record(folder.record_path) is None
    assert store.records() == {}
    assert [problem.flaw.fault for problem in store.contents().problems] == ["edited"]


def test_the_smallest_change_of_a_number_is_found(folder: RunFolder) -> None:
    text = folder.record_path.read_text()
    assert text.count("0.30000000000000004") == 1
    folder.record_path.write_text(text.replace("0.30000000000000004", "0.3"))
    assert fault(folder) == "edited"


def test_other_blanks_and_another_order_are_no_edit(folder: RunFolder) -> None:
    before = folder.record()
    content = json.loads(folder.record_path.read_bytes())
    folder.record_path.write_text(json.dumps(dict(reversed(content.items())), indent=7))
    assert folder.record() == before


def test_a_flipped_byte_is_found_wherever_it_is(folder: RunFolder) -> None:
    before, content = folder.record(), folder.record_path.read_bytes()
    for place in range(len(content)):
        for bit in (0x01, 0x80):
            changed = content[:place] + bytes([content[place] ^ bit]) + content[place + 1 :]
            found = opened(changed)
            assert isinstance(found, Flaw) or found == before, place


def test_every_truncated_record_is_damaged(folder: RunFolder) -> None:
    content = folder.record_path.read_bytes()
    for length in range(len(content)):
        assert opened(content[:length]) == Flaw("damaged", "record.json is not whole JSON"), length


@pytest.mark.parametrize("seal", ["", None])
def test_a_record_without_a_seal_does_not_count(folder: RunFolder, seal: str | None) -> None:
    edit(folder, lambda content: content.update(seal=seal))
    assert fault(folder) == "unsealed"
    edit(folder, lambda content: content.pop("seal"))
    assert fault(folder) == "unsealed"


@pytest.mark.parametrize("seal", [1, ["x"], True, "short", "é"])
def test_what_is_no_seal_does_not_fit(folder: RunFolder, seal: object) -> None:
    edit(folder, lambda content: content.update(seal=seal))
    assert fault(folder) == "edited"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b'"text"',
        b"<html><body>404</body></html>",
        b"run: 1\n",
        b"\xff\xfe\x00",
        b'{"run": "\xff"}',
        b'{"seed": 1e999}',
        b'{"value": NaN}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\x80\x04\x95cposix\nsystem\n.",
    ],
)
def test_what_is_no_record_is_damaged(folder: RunFolder, content: bytes) -> None:
    folder.record_path.write_bytes(content)
    assert fault(folder) == "damaged"


def test_a_huge_file_is_not_read(folder: RunFolder) -> None:
    with folder.record_path.open("r+b") as file:
        file.truncate(2**40)
    assert fault(folder) == "damaged"


def test_blanks_up_to_the_largest_size_are_read(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    size = folder.record_path.stat().st_size
    monkeypatch.setattr(seal, "LARGEST", size)
    assert folder.record() is not None
    monkeypatch.setattr(seal, "LARGEST", size - 1)
    assert fault(folder) == "damaged"


def test_a_folder_or_nothing_in_place_of_a_record(folder: RunFolder, store: Store) -> None:
    folder.record_path.unlink()
    assert fault(folder) == "missing"
    assert store.contents().problems == []
    folder.record_path.mkdir()
    assert fault(folder) == "damaged"
    assert len(store.contents().problems) == 1


def test_a_record_of_another_run_is_told(store: Store, folder: RunFolder) -> None:
    other = store.folder(run(11).id)
    shutil.copytree(folder.path, other.path)
    assert fault(other) == "of another run"
    assert run().id in str(other.look())
    assert store.records().keys() == {run().id}


def test_a_record_of_another_version_of_the_code_is_told(store: Store, folder: RunFolder) -> None:
    other = Store(store.root, "fingerprint1").folder(run().id)
    shutil.copytree(folder.path, other.path)
    assert fault(other) == "of another version"
    assert "fingerprint0" in str(other.look())


@pytest.mark.parametrize("extra", [{"surprise": 1}, {"format": 2}, {"run": 1}, {"cost": {"seconds": 2**70}}])
def test_a_sealed_record_of_another_form_is_not_called_edited(folder: RunFolder, extra: Any) -> None:
    edit(folder, lambda content: content.update(extra), seal_again=True)
    assert fault(folder) == "of another form"


def test_a_problem_is_told_on_a_line(folder: RunFolder, store: Store) -> None:
    edit(folder, lower)
    (problem,) = store.contents().problems
    assert problem.path == folder.record_path
    assert problem.line == f"edited  {run().id}: the content of record.json does not fit its seal"


def test_a_problem_does_not_steer_a_terminal(folder: RunFolder, store: Store) -> None:
    edit(folder, lambda content: content.update({"\x1b[2J\nfine": 1}), seal_again=True)
    (problem,) = store.contents().problems
    assert "?[2J?fine" in problem.line
    assert problem.line.isprintable()


def test_of_many_problems_the_first_are_told_and_the_rest_counted() -> None:
    many = [Problem(Path(f"run{i:02d}/record.json"), Flaw("edited", "why")) for i in range(12)]
    assert problem_lines([]) == ""
    assert problem_lines(many[:1]) == "edited  run00: why\n"
    assert problem_lines(many).splitlines() == [
        *(f"edited  run{i:02d}: why" for i in range(5)),
        "... and 7 more records that do not count",
    ]


def test_failed_and_diverged_runs_are_sealed_too() -> None:
    for outcome in (Outcome("diverged", 3), Outcome("failed", reason="r", traceback="t")):
        one = sealed(msgspec.structs.replace(record(), outcome=outcome))
        assert is_sealed(one)
        assert not is_sealed(msgspec.structs.replace(one, outcome=Outcome("finished")))


def test_a_seal_covers_every_field() -> None:
    one = sealed(record(metrics=METRICS))
    changed = {
        "run": run(11),
        "code": Code("fingerprint1", "commit"),
        "environment": msgspec.structs.replace(one.environment, cores=2),
        "outcome": Outcome("diverged", 1),
        "cost": Cost(2.0, 2.0, 1),
        "metrics": {},
        "instruments": {"a": "b"},
        "criteria": {"a": "b"},
        "format": 2,
    }
    texts = {"started", "ended", "digest"}
    assert changed.keys() | texts | {"seal"} == set(Record.__struct_fields__)
    for name, value in (changed | dict.fromkeys(texts, "x")).items():
        assert not is_sealed(msgspec.structs.replace(one, **{name: value})), name


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    assert read(tmp_path / "record.json") == Flaw("missing", "there is no record.json")
