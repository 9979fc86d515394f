"""The ways to name a version, and records that do not count."""

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from suite.compare import side as sides
from suite.compare.side import Folder, side
from suite.errors import UserError
from suite.store.inventory import versions
from suite.store.record import Code, Record
from suite.store.reference import Made, write_reference
from suite.store.store import Store
from tests.compare.versions import claim_of, held_against, spread, study, version

OF = study()
OLD, NEW = "a" * 12, "b" * 12


def kept(root: Path, records: Mapping[str, Record], name: str) -> Store:
    """A results folder with these records."""
    store = Store(root, name)
    for run_id, found in records.items():
        store.folder(run_id).finish(found)
    return store


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """The results of two versions."""
    kept(tmp_path, version(OF, spread(3)), OLD)
    kept(tmp_path, version(OF, spread(5), name=NEW), NEW)
    return tmp_path


def test_a_folder_with_one_version_needs_no_more(tmp_path: Path) -> None:
    kept(tmp_path, version(OF, spread(3)), OLD)
    found = side(str(tmp_path), Path("nowhere"))
    assert len(found.records) == 12
    assert found.problems == ()
    assert OLD in found.label


def test_a_folder_with_several_versions_lists_them(results: Path) -> None:
    with pytest.raises(UserError, match=f"several versions.*\n.*{OLD} .12 runs, commit {OLD[:10]}"):
        side(str(results), results)
    assert side(f"{results}@{OLD}", results).records.keys() == side(f"{results}@bbb", results).records.keys()
    assert side(str(results / "runs" / NEW), results).label.endswith(f"({NEW})")
    with pytest.raises(UserError, match="of version 'c'"):
        side(f"{results}@c", results)


def test_the_versions_of_a_folder_and_those_with_packs(tmp_path: Path) -> None:
    """What uses a pack lies beside the suite's own version, or alone; an empty folder is no version."""
    packed, lone = f"{OLD}+bag.111111111111", f"{'c' * 12}+bag.222222222222"
    for name, seeds in ((OLD, 3), (packed, 2), (lone, 1)):
        kept(tmp_path, version(OF, spread(3), seeds, name), name)
    (tmp_path / "runs" / NEW).mkdir()
    folder = Folder(tmp_path)

    def chosen(wanted: str) -> list[str]:
        return [store.fingerprint for store in folder.chosen(wanted)]

    assert chosen("") == [store.fingerprint for store in folder.stores] == [OLD, lone]
    assert chosen("aaa") == chosen(OLD) == [OLD]
    assert chosen(f"{OLD}+bag.1") == chosen("1111") == [packed]
    assert chosen("ccc") == chosen(f"{lone[:12]}+") == chosen("22") == [lone]
    assert chosen("3") == chosen(NEW) == []
    assert all(store.root == tmp_path for store in folder.chosen("1111"))
    assert [part.partition(" (")[0] for part in folder.told().split("), ")] == [OLD, packed, lone]
    counts = dict(re.findall(r"(\S+) \((\d+) runs?", folder.told()))
    assert counts == {each.name: str(each.runs) for each in versions(tmp_path) if each.runs}
    assert counts == {OLD: "6", packed: "4", lone: "2"}


def test_of_several_versions_that_begin_alike_all_are_named(tmp_path: Path) -> None:
    kept(tmp_path, version(OF, spread(3)), OLD)
    kept(tmp_path, version(OF, spread(3), name=f"aaa{'b' * 9}"), f"aaa{'b' * 9}")
    with pytest.raises(UserError, match="results of several versions"):
        side(f"{tmp_path}@aaa", tmp_path)


@pytest.mark.parametrize("place", ["runs/mine", "mine/aaaaaaaaaaaa"])
def test_a_folder_of_results_may_have_any_name(tmp_path: Path, place: str) -> None:
    kept(tmp_path / place, version(OF, spread(3)), OLD)
    assert len(side(str(tmp_path / place), tmp_path).records) == 12


def test_the_commit_of_a_version_is_that_of_its_first_record_that_can_be_read(tmp_path: Path) -> None:
    first, *others = list(kept(tmp_path, version(OF, spread(3)), OLD).folders())
    first.record_path.write_text("{}")
    assert Folder(tmp_path).told() == f"{OLD} (12 runs, commit {OLD[:10]})"
    for folder in others:
        folder.record_path.write_text("{}")
    assert Folder(tmp_path).told() == f"{OLD} (12 runs)"
    kept(tmp_path, version(OF, spread(3), name=NEW, code=Code(NEW, "")), NEW)
    assert Folder(tmp_path).told() == f"{OLD} (12 runs), {NEW} (12 runs)"


def test_a_folder_without_results_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no results in there"):
        side(str(tmp_path), tmp_path)
    with pytest.raises(UserError, match="no such folder"):
        side(f"{tmp_path}/other@{OLD}", tmp_path)


def test_what_makes_results_is_told_with_its_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words, there = ["pair", "--pack", "my pack"], tmp_path / "my results"
    there.mkdir()
    told = rf"uv run run_suite.py run pair --pack 'my pack' --results '{there}'"
    monkeypatch.setattr(sides, "fingerprint", lambda: NEW)
    with pytest.raises(UserError, match=f"make them with {re.escape(told)}; versions there"):
        side("now", there, words)
    with pytest.raises(UserError, match=f"make some with {re.escape(told)}$"):
        side(str(there), tmp_path / "elsewhere", words)
    revision = told.replace("run pair", "run --revision HEAD pair")
    with pytest.raises(UserError, match=f"make them with {re.escape(revision)}; versions there"):
        side("HEAD", there, words)


def test_now_is_the_code_as_it_is(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sides, "fingerprint", lambda: NEW)
    assert {r.code.fingerprint for r in side("now", results).records.values()} == {NEW}
    record = next(iter(Store(results, NEW).folders())).record_path
    record.write_text(unsealed(record))
    found = side("now", results)
    assert (len(found.records), [problem.path for problem in found.problems]) == (11, [record])
    monkeypatch.setattr(sides, "fingerprint", lambda: "c" * 12)
    with pytest.raises(UserError, match=f"no results of this version.*\n.*{OLD}"):
        side("now", results)


def test_a_word_that_is_nothing_says_what_it_is_not(results: Path) -> None:
    with pytest.raises(UserError, match="no folder of results either"):
        side("no-such-revision", results)


@pytest.mark.parametrize("name", ["feature/x@{1}", "feature/x@{2 days ago}"])
def test_an_earlier_place_of_a_branch_is_asked_of_git(results: Path, name: str) -> None:
    with pytest.raises(UserError, match=f"no revision '{re.escape(name)}'"):
        side(name, results)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("refrence", "reference"),
        ("Reference", "reference"),
        ("nwo", "now"),
        ("refrence@0.1.0", "reference@0.1.0"),
        ("HAED~1", "HEAD~1"),
        ("{place}/resluts", "{place}/results"),
        ("{place}/resluts@bbbb", "{place}/results@bbbb"),
        ("aaaa", f"{{place}}/results@{OLD}"),
        ("{place}/My-Resluts", "{place}/My-Results"),
    ],
)
def test_of_a_misspelt_side_the_one_that_was_meant_is_named(tmp_path: Path, typed: str, meant: str) -> None:
    results = tmp_path / "results"
    kept(results, version(OF, spread(3)), OLD)
    kept(tmp_path / "My-Results", version(OF, spread(3)), OLD)
    with pytest.raises(UserError) as told:
        side(typed.format(place=tmp_path), results)
    assert str(told.value).splitlines()[1:] == [f"    did you mean {meant.format(place=tmp_path)}?"]


def test_the_reference_is_that_of_the_newest_release(tmp_path: Path) -> None:
    for release in ("0.9", "0.10"):
        kept(tmp_path, version(OF, spread(3)), OLD)
        records = Store(tmp_path, OLD).records()
        write_reference(tmp_path, Made(release, "desk", OLD, (), records, "scores"))
    assert "release 0.10" in side("reference", tmp_path).label
    found = side("reference@0.9", tmp_path)
    assert "release 0.9" in found.label
    assert found.label == side("reference:0.9", tmp_path).label
    assert found.records.keys() == Store(tmp_path, OLD).records().keys()
    assert found.series("any") == {}
    with pytest.raises(UserError, match="no reference of release 7"):
        side("reference@7", tmp_path)
    with pytest.raises(UserError, match="no reference at smoke scale"):
        side("reference", tmp_path, scale="smoke")
    write_reference(tmp_path, Made("0.8", "paper", OLD, (), {}, "scores"))
    assert "release 0.8" in side("reference", tmp_path, scale="paper").label


def edited(path: Path) -> str:
    text = path.read_text()
    changed = re.sub(r'"value": [^,]*', '"value": 77.0', text, count=1)
    assert changed != text
    return changed


def halved(path: Path) -> str:
    return path.read_text()[:100]


def unsealed(path: Path) -> str:
    found = msgspec.json.decode(path.read_bytes())
    return msgspec.json.encode({**found, "seal": ""}).decode()


@pytest.mark.parametrize(("harm", "fault"), [(edited, "edited"), (halved, "damaged"), (unsealed, "unsealed")])
def test_a_record_that_does_not_count_is_reported_and_not_compared(
    tmp_path: Path, harm: object, fault: str
) -> None:
    store = kept(tmp_path, version(OF, spread(3)), OLD)
    path = next(iter(store.folders())).record_path
    path.write_text(harm(path))  # type: ignore[operator]
    found = side(str(tmp_path), tmp_path)
    assert [(problem.path, problem.flaw.fault) for problem in found.problems] == [(path, fault)]
    compared = held_against(OF, found.records, found.records)
    assert len(compared.runs) == 11
    against = held_against(OF, version(OF, spread(3)), found.records)
    assert [run.id for run in against.runs if run.mark == "missing"] == [path.parent.name]


def test_a_record_of_another_version_is_reported_and_not_compared(results: Path) -> None:
    name = next(iter(Store(results, OLD).folders())).path.name
    strange = Store(results, NEW).folder(name).record_path.read_bytes()
    Store(results, OLD).folder(name).record_path.write_bytes(strange)
    found = side(f"{results}@{OLD}", results)
    assert [problem.flaw.fault for problem in found.problems] == ["of another version"]
    assert name not in found.records


def test_records_of_a_revision_before_seals_count(results: Path) -> None:
    store = Store(results, OLD)
    for folder in store.folders():
        folder.record_path.write_text(unsealed(folder.record_path))
    broken = next(iter(store.folders())).record_path
    broken.write_text("{}")
    bare = sides.of_store("old", "old", store)
    assert (len(bare.records), len(bare.problems)) == (0, 12)
    found = sides.without_seals(bare)
    assert (len(found.records), len(found.problems)) == (11, 1)
    assert "without seals" in found.label


def test_two_folders_are_compared(results: Path) -> None:
    before, after = (side(f"{results}@{name}", results) for name in (OLD, NEW))
    assert claim_of(held_against(OF, before.records, after.records)).mark == "better"
