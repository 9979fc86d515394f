"""Versions with equal code and other experiments, whose results lie in one folder."""

from pathlib import Path

import msgspec
import pytest

from suite.compare.compare import Comparison, compare
from suite.compare.own_experiments import studies_at, with_own
from suite.compare.side import Side
from suite.revisions import git
from suite.spec.load import load, load_paper
from suite.spec.overrides import Variant
from suite.study import Study
from tests.compare.versions import between, claim_of, version
from tests.revisions.repositories import FILE, SMALL, Copy, copied

OVERRIDES = (Variant(),)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """A repository that revisions are looked up in."""
    made = copied(tmp_path / "repository", SMALL)
    monkeypatch.setattr(git, "ROOT", made.root)
    return made


def now(copy: Copy) -> Study:
    """The study as the files are that lie there."""
    path = copy.root / FILE
    return Study(load_paper(path.with_name("paper.yaml")), load(path, "desk"), "desk", (), path)


def value(run: object) -> float:
    """The metric of every run."""
    return 1.0


def side(name: str, *studies: Study, revision: str = "") -> Side:
    """A version in whose folder the results of all these studies lie."""
    records = {id_: record for study in studies for id_, record in version(study, value).items()}
    return Side(name, name, records, revision=revision)


def compared(study: Study, before: Side, after: Side) -> Comparison:
    """The comparison of two sides."""
    return compare([study], before, after, between=between)


def test_each_version_has_the_runs_that_it_asks_for(copy: Copy) -> None:
    old, first = now(copy), copy.head
    copy.edit(FILE, "critic: {kind: mlp, layers: 3", "critic: {kind: mlp, layers: 4")
    new = now(copy)
    before = with_own(side("v1", old, new, revision=first.id), [new], OVERRIDES, shipped=True)
    after = with_own(side("now", old, new), [new], OVERRIDES, shipped=True)
    assert before.records.keys() == version(old, value).keys()
    assert after.records.keys() == version(new, value).keys()
    found = compared(new, before, after)
    assert {run.mark for run in found.runs} == {"not comparable"}
    assert [reason.what for reason in claim_of(found).reasons] == [("critic.layers: 3 -> 4",)]


def test_runs_that_a_version_does_not_know_count(copy: Copy) -> None:
    """Seeds behind the last look, and other experiments' runs, which a folder may have."""
    study = now(copy)
    many = Side("now", "now", version(study, value, seeds=9))
    assert with_own(many, [study], OVERRIDES, shipped=True).records.keys() == many.records.keys()
    assert with_own(many, [], OVERRIDES, shipped=True).records.keys() == many.records.keys()


def test_a_folder_does_not_tell_what_it_asked_for(copy: Copy) -> None:
    old = now(copy)
    copy.edit(FILE, "batch_size: 4", "batch_size: 8")
    folder = side("folder", old, now(copy))
    assert with_own(folder, [now(copy)], OVERRIDES, shipped=True) == folder


def test_experiments_of_another_folder_are_those_of_every_version(copy: Copy) -> None:
    old, first = now(copy), copy.head
    copy.edit(FILE, "batch_size: 4", "batch_size: 8")
    new = now(copy)
    found = with_own(side("v1", old, new, revision=first.id), [new], OVERRIDES, shipped=False)
    assert found.records.keys() == version(new, value).keys()


def test_a_revision_whose_experiments_cannot_be_read_has_all(copy: Copy) -> None:
    study = now(copy)
    copy.edit(FILE, "batch_size: 4", "batch_sizes: 4")
    broken = copy.head
    assert studies_at(broken.id, [study], OVERRIDES) == []
    copy.git("rm", "-r", "--quiet", "experiments")
    assert studies_at(copy.commit("None at all").id, [study], OVERRIDES) == []
    whole = side("v2", study, revision=broken.id)
    assert with_own(whole, [study], OVERRIDES, shipped=True) == whole


def test_experiments_that_a_revision_lacks_are_left_out(copy: Copy) -> None:
    study = now(copy)
    more = Study(
        study.paper, msgspec.structs.replace(study.experiment, id="small/more"), "desk", (), study.path
    )
    found = studies_at(copy.head.id, [more, study], OVERRIDES)
    assert [each.experiment.id for each in found] == [study.experiment.id]


def test_a_rule_is_that_of_the_version_not_of_when_its_runs_were_trained(copy: Copy) -> None:
    """Two revisions have one rule; the runs were trained under an older one, by the same code."""
    trained = now(copy)
    copy.edit(FILE, "margin: 0.5", "margin: 0.4")
    first, study = copy.head, now(copy)
    copy.append("run_suite.py", "# A comment.")
    before, after = side("v1", trained, revision=first.id), side("now", trained)
    assert claim_of(compared(study, before, after)).note == "criterion"
    known = [with_own(each, [study], OVERRIDES, shipped=True) for each in (before, after)]
    assert claim_of(compared(study, *known)).mark == "identical"


def test_a_rule_that_changed_is_found_whenever_the_runs_were_trained(copy: Copy) -> None:
    first = copy.head
    copy.edit(FILE, "margin: 0.5", "margin: 0.4")
    study = now(copy)
    before, after = side("v1", study, revision=first.id), side("now", study)
    assert claim_of(compared(study, before, after)).mark == "identical"
    known = [with_own(each, [study], OVERRIDES, shipped=True) for each in (before, after)]
    claim = claim_of(compared(study, *known))
    assert (claim.mark, claim.note) == ("not comparable", "criterion")
