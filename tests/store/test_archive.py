"""References of older formats stay readable: a sample of release 0.1.0's, and formats that do not exist yet.

``archive`` holds 60 of that release's runs, one at least for each kind of data, network, loss and so on, and
a claim of each verdict, as they were written; and, in ``meant.json.gz``, what these records meant then, with
every default written out. Neither is ever made anew. Where a test here fails, a default or a name has
changed: raise the format, and write a step in ``suite/store/formats.py``.
"""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suite.cli import main
from suite.compare.side import side
from suite.errors import UserError
from suite.store import formats, reference, seal
from suite.store.formats import Newer, upgraded
from suite.store.record import Record
from suite.store.reference import FILE, place, read_reference
from suite.store.seal import opened, sealed, written
from tests.launch.records import record

ARCHIVE = Path(__file__).parent / "archive"
SAMPLE = place(ARCHIVE, "0.1.0") / FILE
MEANT: dict[str, Any] = json.loads(gzip.decompress((ARCHIVE / "meant.json.gz").read_bytes()))
LINES = gzip.decompress(SAMPLE.read_bytes()).splitlines()


def holds(now: object, then: object) -> bool:
    """Whether all that a value meant then is as it was; fields that are new since may stand beside."""
    if isinstance(then, dict):
        return all(holds(_field(now, name), each) for name, each in then.items())
    if isinstance(then, list):
        return isinstance(now, list | tuple) and len(now) == len(then) and all(map(holds, now, then))
    return now == then and type(now) is type(then)


def _field(value: object, name: str) -> object:
    if isinstance(value, dict):
        return value.get(name)
    config = value.__struct_config__ if isinstance(value, msgspec.Struct) else None
    return config.tag if config and name == config.tag_field else getattr(value, name, None)


def kept(folder: Path, lines: list[dict[str, Any]], head: dict[str, Any]) -> Path:
    """A reference of these lines, under a head that fits them."""
    rest = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    top = json.dumps(head | {"digest": hashlib.sha256(rest).hexdigest()}).encode()
    path = place(folder, "0.1.0") / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(top + b"\n" + rest))
    return path


def resealed(line: dict[str, Any], change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """A record's line, changed by one who could seal it."""
    new = {key: value for key, value in line.items() if key != "seal"}
    change(new)
    return new | {"seal": hashlib.sha256(seal.SORTING.encode(new)).hexdigest()}


def renamed(old: str, new: str) -> formats.Step:
    """A step that gives a field another name."""

    def step(plain: formats.Plain) -> formats.Plain:
        return {key: value for key, value in plain.items() if key != old} | {new: plain[old]}

    return step


def test_the_sample_reads_as_it_was_meant() -> None:
    found = read_reference(ARCHIVE, "0.1.0")
    assert found.head.format == 1
    assert found.problems == ()
    assert list(found.records) == list(MEANT)
    assert [name for name, then in MEANT.items() if not holds(found.records[name], then)] == []


def test_the_sample_has_its_claims() -> None:
    assert [(claim.id, claim.verdict) for claim in read_reference(ARCHIVE).claims] == [
        ("biggan/components:sharing_costs_nothing", "reproduced"),
        ("biggan/components:batch_helps_at_equal_images", "refuted"),
        ("biggan/components:batch_helps", "inconclusive"),
    ]


def test_what_was_meant_is_not_met_by_anything_else() -> None:
    name, then = next(iter(MEANT.items()))
    now = read_reference(ARCHIVE).records[name]
    assert holds(now, then)
    for changed in (
        msgspec.structs.replace(now, digest=""),
        msgspec.structs.replace(now, run=msgspec.structs.replace(now.run, seed=now.run.seed + 1)),
        next(each for other, each in read_reference(ARCHIVE).records.items() if other != name),
    ):
        assert not holds(changed, then)


def test_a_side_of_a_comparison_names_the_release() -> None:
    found = side("reference@0.1.0", ARCHIVE)
    assert found.label.startswith("reference of release 0.1.0 (")
    assert found.records.keys() == MEANT.keys()


@pytest.fixture
def moved_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample as an older format would have had it, where today's has the number 3: three names differed,
    and a seed was once a text.
    """
    head, *lines = (json.loads(line) for line in LINES)
    claims, records = lines[: head["claims"]], lines[head["claims"] :]

    def older(line: dict[str, Any]) -> None:
        line["ending"] = line.pop("outcome")
        line["run"]["seed"] = str(line["run"]["seed"])

    kept(
        tmp_path,
        [*map(renamed("says", "text"), claims), *(resealed(each, older) for each in records)],
        renamed("release", "version")(head),
    )
    monkeypatch.setattr(reference, "FORMAT", 3)
    monkeypatch.setattr(seal, "FORMAT", 3)
    monkeypatch.setitem(formats.HEADS, 2, renamed("version", "release"))
    monkeypatch.setitem(formats.CLAIMS, 1, renamed("text", "says"))
    monkeypatch.setitem(formats.RECORDS, 1, renamed("ending", "outcome"))
    monkeypatch.setitem(
        formats.RECORDS, 2, lambda plain: plain | {"run": plain["run"] | {"seed": int(plain["run"]["seed"])}}
    )
    return tmp_path


def test_a_reference_is_read_when_the_format_has_moved_on(moved_on: Path) -> None:
    found = read_reference(moved_on)
    assert found.head.format == 1
    assert found.claims == tuple(msgspec.json.decode(line, type=reference.Stated) for line in LINES[1:4])
    assert list(found.records) == list(MEANT)
    without = {
        name: {key: value for key, value in then.items() if key not in ("seal", "format")}
        for name, then in MEANT.items()
    }
    assert all(holds(found.records[name], then) for name, then in without.items())


def test_an_edited_record_is_found_before_it_is_brought_up(moved_on: Path) -> None:
    path = place(moved_on, "0.1.0") / FILE
    head, *lines = (json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines())
    lines[-1]["ending"] = {"state": "failed"}
    path.unlink()
    path.parent.rmdir()
    kept(moved_on, lines, head)
    with pytest.raises(UserError, match="a record that is edited: "):
        read_reference(moved_on)


def test_a_newer_reference_says_what_where_and_the_cure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, *lines = (json.loads(line) for line in LINES)
    path = kept(tmp_path, lines, head | {"format": 2, "a field of then": 1})
    assert main(["compare", "reference@0.1.0", "now", "--results", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"error: {path}: of format 2, and this version of the suite reads formats up to 1\n"
        f"    update the suite, or read the claims in {path.with_name('summary.json')}\n"
    )
    assert reference.stated(tmp_path, "desk") == {}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": 2}, "record.json is of format 2, and this version of the suite reads formats up to 1"),
        ({"mood": "good"}, "of another version of the suite: Object contains unknown field `mood`"),
        ({"format": "1"}, "of no known format: '1'"),
    ],
)
def test_a_record_that_is_not_known_here_is_told_and_the_others_are_read(
    tmp_path: Path, change: dict[str, object], why: str
) -> None:
    head, *lines = (json.loads(line) for line in LINES)
    lines[-1] = resealed(lines[-1], lambda line: line.update(change))
    path = kept(tmp_path, lines, head)
    found = side("reference", tmp_path)
    assert list(found.records) == list(MEANT)[:-1]
    (problem,) = found.problems
    assert problem.path == path
    assert problem.flaw.fault == "of another form"
    assert why in problem.flaw.why


def test_what_is_written_names_its_format_unless_it_is_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a record without one is of format 1 for ever."""
    first = written(sealed(record()))
    assert "format" not in json.loads(first)
    monkeypatch.setattr(seal, "FORMAT", 2)
    second = written(sealed(record()))
    assert json.loads(second)["format"] == 2
    for content in (first, second):
        found = opened(content)
        assert isinstance(found, Record)
        assert found.format == 2
        assert found.run == record().run


def test_steps_are_taken_in_their_order_from_where_a_file_is() -> None:
    steps = {number: lambda plain, number=number: plain | {"at": [*plain["at"], number]} for number in (1, 3)}
    assert [upgraded({"at": []}, steps, of, 4)["at"] for of in (1, 2, 3, 4)] == [[1, 3], [3], [3], []]
    with pytest.raises(Newer, match="of format 5, and this version of the suite reads formats up to 4"):
        upgraded({"at": []}, steps, 5, 4)
    with pytest.raises(ValueError, match="not of the format 1 that it names"):
        upgraded({}, steps, 1, 4)
