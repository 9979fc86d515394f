"""A claim judged by one criterion on the records of revisions with other files; digests."""

import json
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from suite.commands.bisect import selection_for
from suite.errors import UserError
from suite.launch import local
from suite.revisions.questions import (
    Digest,
    OwnVerdict,
    Reply,
    Verdict,
    digest_question,
    renamed,
    trained,
    verdict_question,
)
from suite.revisions.records import records_of
from suite.revisions.revision import Revision
from suite.spec.load import load, load_paper
from suite.store.store import Store
from suite.store.version import fingerprint
from suite.study import Study
from tests.cli.calls import call, selected
from tests.launch.small import PAPER, PoolHere
from tests.revisions.repositories import FILE, SINGLE, Copy

WORDS = ("small/single", "--scale", "desk")
CLIPPED = ("{kind: gradient_penalty}", "{kind: clip, bound: 0.001}")
"""Without the penalty the loss is next to nothing: above 0 in some seeds only."""


@pytest.fixture
def place(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """A repository whose experiment has been run."""
    monkeypatch.setattr(local, "Pool", PoolHere)
    run(copy)
    return copy


def run(copy: Copy) -> None:
    assert call("run", "--no-report", "--quiet", *places(copy)).status == 0


def places(copy: Copy) -> tuple[str, ...]:
    return "--experiments", str(copy.root / "experiments"), "--results", str(copy.results)


def revision(copy: Copy) -> Revision:
    store = Store(copy.results, fingerprint())
    return Revision(copy.head, copy.root, Path(sys.executable), "current", store)


def study(folder: Path, *changes: tuple[str, str]) -> Study:
    """The study of an experiment file that is like the one in the repository but for some places."""
    text = SINGLE
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = folder / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    paper = path.with_name("paper.yaml")
    paper.write_text(PAPER)
    return Study(load_paper(paper), load(path, "desk"), "desk", (), path)


def test_records_of_other_settings_are_judged_by_the_criterion_given(place: Copy, tmp_path: Path) -> None:
    elsewhere = study(tmp_path / "elsewhere", ("width: 4}\n  critic", "width: 5}\n  critic"))
    reply = Verdict(elsewhere, "positive").ask(revision(place), WORDS)
    assert reply.value == "reproduced"
    assert reply.told.startswith("reproduced (6 seeds): ")
    high = study(tmp_path / "high", ("cut: 0", "cut: 1e6"))
    assert Verdict(high, "positive").ask(revision(place), WORDS).value == "refuted"


def test_a_criterion_of_more_looks_asks_for_them(place: Copy, tmp_path: Path) -> None:
    hard = study(tmp_path / "hard", ("looks: [6]", "looks: [6, 8]"), ("margin: 0.5", "margin: 0.9"))
    reply = Verdict(hard, "positive").ask(revision(place), WORDS)
    assert reply.value == "inconclusive"
    assert reply.more == ("claims.positive.looks=[8]",)
    assert call("run", *WORDS, *reply.more, "--no-report", "--quiet", *places(place)).status == 0
    assert len(trained(revision(place), WORDS, hard)) == 8


class Reporting:
    """A revision whose ``report`` is this code's."""

    def __init__(self, copy: Copy) -> None:
        self.copy = copy

    def asked(self, *words: str) -> object:
        return json.loads(call(*words, "--json", *places(self.copy)).out)


def test_its_own_criterion_is_asked_of_the_revision(place: Copy) -> None:
    own = Reporting(place)
    reply = OwnVerdict("small/single", "positive").ask(own, WORDS)  # type: ignore[arg-type]
    assert reply.value == "reproduced"
    absent = OwnVerdict("small/single", "negative").ask(own, WORDS)  # type: ignore[arg-type]
    assert absent == Reply("", "has no claim small/single:negative")
    place.edit(FILE, *CLIPPED)
    nothing = OwnVerdict("small/single", "positive").ask(own, WORDS)  # type: ignore[arg-type]
    assert nothing.value == ""
    assert nothing.told.startswith("not evaluated: ")


def test_runs_of_another_state_of_the_file_do_not_count(place: Copy, tmp_path: Path) -> None:
    before = {record.run.id for record in trained(revision(place), WORDS, study(tmp_path))}
    place.edit(FILE, *CLIPPED)
    assert trained(revision(place), WORDS, study(tmp_path)) == []
    reply = Verdict(study(tmp_path), "positive").ask(revision(place), WORDS)
    assert (reply.value, reply.more) == ("", ())
    run(place)
    after = {record.run.id for record in trained(revision(place), WORDS, study(tmp_path))}
    assert (len(before), len(after), before & after) == (6, 6, set())


def test_records_get_the_ids_of_the_study_by_arm_and_seed(place: Copy, tmp_path: Path) -> None:
    elsewhere = study(tmp_path, CLIPPED)
    records = trained(revision(place), WORDS, elsewhere)
    found = renamed(elsewhere, records)
    assert list(found) == [each.id for each in elsewhere.first_runs()]
    assert [record.run.seed for record in found.values()] == list(range(10, 16))
    assert not set(found) & {record.run.id for record in records}


def test_a_digest_is_that_of_the_same_arm_and_seed(place: Copy, tmp_path: Path) -> None:
    here, other = study(tmp_path / "here"), study(tmp_path / "other", CLIPPED)
    records = {record.run.id: record for record in trained(revision(place), WORDS, study(tmp_path))}
    first = here.first_runs()[0]
    found = Digest(first).ask(revision(place), WORDS)
    assert found == Reply(records[first.id].digest, f"digest {records[first.id].digest[:12]}")
    moved = Digest(other.first_runs()[0]).ask(revision(place), WORDS)
    assert (moved.value, moved.told) == (found.value, f"{found.told}, of another setting")
    reply = Digest(replace(first, seed=99)).ask(revision(place), WORDS)
    assert reply == Reply("", "has no run of arm 'penalty' with seed 99")


def test_the_digest_of_a_run_with_overrides_is_that_runs_own(place: Copy, tmp_path: Path) -> None:
    overridden = ("small/single", "optimizer.lr=0.3", "batch_size=5")
    assert call("run", *overridden, "--no-report", "--quiet", *places(place)).status == 0
    plain = {record.run.seed: record for record in trained(revision(place), WORDS, study(tmp_path))}
    known = records_of(revision(place)).values()
    varied = {record.run.seed: record for record in known if record.run.variant}
    assert len(plain) == len(varied) == 6
    options = selected("plan", "--scale", "gpu", *places(place))
    for seed in plain:
        for record in (plain[seed], varied[seed]):
            question = digest_question({}, place.results, record.run.id)
            words = tuple(selection_for(question, options).words)
            assert words[-4:-2] == ("--scale", "desk")
            assert question.ask(revision(place), words).value == record.digest
        assert plain[seed].digest != varied[seed].digest


def test_a_run_that_cannot_be_asked_for_is_told(tmp_path: Path) -> None:
    run, options = study(tmp_path).first_runs()[0], selected("plan")
    unknown = replace(run, variant='loss="a loss=b"'), replace(run, scale="tiny")
    for one, told in zip(unknown, ("cannot be told apart", "there is no 'tiny' scale"), strict=True):
        with pytest.raises(UserError, match=f"{told}\n    give a run"):
            selection_for(Digest(one), options)


def test_records_of_before_there_were_seals_count_for_such_code_only(place: Copy, tmp_path: Path) -> None:
    for path in place.results.glob("runs/*/*/record.json"):
        lines = [line for line in path.read_text().splitlines() if '"seal"' not in line]
        lines[-2] = lines[-2].rstrip(",")
        path.write_text("\n".join(lines))
    assert trained(revision(place), WORDS, study(tmp_path)) == []
    (place.root / "suite/store/seal.py").rename(place.root / "suite/store/no_seal.py")
    store = revision(place).store
    assert len(records_of(revision(place))) == len(list(store.folders())) == 6


def test_questions_are_found_by_their_names(place: Copy, tmp_path: Path) -> None:
    here = study(tmp_path)
    studies = {here.experiment.id: here}
    for name in ("small/single:positive", "single:positive"):
        assert verdict_question(studies, name) == Verdict(here, "positive")
    run_id = here.first_runs()[1].id
    assert digest_question(studies, place.results, run_id).run.seed == 11
    assert digest_question({}, place.results, run_id).run.seed == 11
