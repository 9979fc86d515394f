"""Bisection: how many versions it trains, what it skips, and one with true training."""

import argparse
import json
import math
import shutil
from pathlib import Path

import pytest

from suite.commands import bisect
from suite.commands.at_revision import elsewhere
from suite.errors import UserError
from suite.revisions import git
from suite.revisions.arguments import bisecting
from suite.revisions.bisection import Bisection, Found, Trainer, Trial
from suite.revisions.git import Commit
from suite.revisions.questions import OwnVerdict, Reply
from suite.revisions.stages import Stage, stages
from tests.cli.calls import selected
from tests.revisions.repositories import PENALTY, RIGHT, WRONG, Copy
from tests.revisions.test_questions import study

COMMITS = 64


class Stub:
    """Stands in for training: the verdict is read off the sign of the penalty in the commit."""

    def __init__(self, copy: Copy, broken: frozenset[str] = frozenset()) -> None:
        self.copy, self.broken = copy, broken
        self.trained: list[Commit] = []

    def trial(self, commit: Commit) -> Trial:
        if commit.id in self.broken:
            return Trial(Reply("", "does not run"), 0)
        self.trained.append(commit)
        wrong = WRONG in self.copy.git("show", f"{commit.id}:{PENALTY}")
        return Trial(Reply("refuted" if wrong else "reproduced", "told"), 4)


def search(copy: Copy, chain: list[Commit], results: Path, stub: Stub, ready: bool = False) -> Found:
    there = stages(copy.repository, chain, "small/single", results, own=False)
    return Bisection(there, stub.trial, lambda _: ready, lambda commit, trial: None).search()


def planted(copy: Copy, count: int, at: int) -> list[Commit]:
    """``count`` commits that change the code, of which number ``at`` turns the sign of the penalty."""
    chain = [copy.head]
    for number in range(1, count):
        copy.append(PENALTY, f"CONSTANT_{number} = {number}")
        if number == at:
            copy.edit(PENALTY, RIGHT, WRONG, "A simplification")
            copy.git("reset", "--soft", "HEAD~2")
        chain.append(copy.commit(f"Number {number}") if number == at else copy.head)
    return chain


@pytest.fixture(scope="module")
def long(beginning: Copy, tmp_path_factory: pytest.TempPathFactory) -> tuple[Copy, list[Commit]]:
    """A repository of 64 commits that all change the code; the sign is turned by number 41."""
    root = tmp_path_factory.mktemp("long") / "repository"
    shutil.copytree(beginning.root, root)
    copy = Copy(root)
    return copy, planted(copy, COMMITS, 41)


def test_among_64_commits_the_change_is_found_with_7_versions_trained(
    long: tuple[Copy, list[Commit]], tmp_path: Path
) -> None:
    copy, chain = long
    there = stages(copy.repository, chain, "small/single", tmp_path, own=False)
    assert len({stage.key for stage in there}) == COMMITS
    stub = Stub(copy)
    found = search(copy, chain, tmp_path, stub)
    assert (found.first, found.before) == (chain[41], chain[40])
    assert (found.good.value, found.bad.value, found.doubtful) == ("reproduced", "refuted", ())
    assert found.trained == len(stub.trained) == len(set(stub.trained)) <= 7


def test_wherever_the_change_is_no_more_than_7_of_64_are_trained() -> None:
    chain = [Commit(f"{i:040x}", "", f"Number {i}") for i in range(COMMITS)]
    there = [Stage(commit.id, (commit,)) for commit in chain]
    for change in range(1, COMMITS):
        differing = {commit.id for commit in chain[change:]}

        def trial(commit: Commit, differing: set[str] = differing) -> Trial:
            return Trial(Reply("other" if commit.id in differing else "same", ""), 1)

        found = Bisection(there, trial, lambda _: False, lambda commit, trial: None).search()
        assert found.first == chain[change]
        assert found.trained <= 7 == 1 + math.log2(COMMITS)


def test_an_end_with_nothing_to_train_is_tried_first(long: tuple[Copy, list[Commit]], tmp_path: Path) -> None:
    copy, chain = long
    stub = Stub(copy)
    assert search(copy, chain, tmp_path, stub, ready=True).first == chain[41]
    assert stub.trained[:2] == [chain[0], chain[-1]]


def test_a_commit_that_cannot_run_is_skipped_and_told(
    long: tuple[Copy, list[Commit]], tmp_path: Path
) -> None:
    copy, chain = long
    found = search(copy, chain, tmp_path, Stub(copy, frozenset({chain[40].id, chain[31].id})))
    assert (found.first, found.before, found.doubtful) == (chain[41], chain[39], (chain[40],))


def test_of_a_stage_whose_first_commit_cannot_run_the_last_is_tried(copy: Copy, tmp_path: Path) -> None:
    first = copy.head
    broken = copy.append(PENALTY, "A = 1")
    mended = copy.append("suite/cli.py", "A = 1")
    wrong = copy.edit(PENALTY, RIGHT, WRONG)
    stub = Stub(copy, frozenset({broken.id}))
    found = search(copy, copy.repository.chain(first, wrong), tmp_path, stub)
    assert (found.first, found.before, found.doubtful) == (wrong, mended, ())
    assert mended in stub.trained


def test_a_commit_that_is_not_python_is_no_obstacle(copy: Copy, tmp_path: Path) -> None:
    first = copy.head
    same = copy.append(PENALTY, "A = 1")
    broken = copy.append(PENALTY, "def (", "Half a line")
    wrong = copy.edit(PENALTY, RIGHT, WRONG)
    last = copy.edit(PENALTY, "def (\n", "")
    stub = Stub(copy, frozenset({broken.id, wrong.id}))
    found = search(copy, copy.repository.chain(first, last), tmp_path, stub)
    assert (found.first, found.before, found.doubtful) == (last, same, (broken, wrong))


def test_of_a_commit_that_is_not_python_that_is_told(copy: Copy, tmp_path: Path) -> None:
    broken = copy.append(PENALTY, "def (")
    trainer = Trainer(copy.repository, tmp_path, "current", OwnVerdict("small/single", "positive"), ())
    reply, trained = trainer.tried(broken)
    assert (reply.value, trained) == ("", 0)
    assert f"{PENALTY}, line " in reply.told
    assert ": not Python: " in reply.told
    assert not trainer.ready(broken)


def test_where_nothing_differs_that_is_told(long: tuple[Copy, list[Commit]], tmp_path: Path) -> None:
    copy, chain = long
    with pytest.raises(UserError, match="nothing differs between GOOD and BAD"):
        search(copy, chain[:40], tmp_path, Stub(copy))


def test_a_beginning_that_cannot_run_is_told(long: tuple[Copy, list[Commit]], tmp_path: Path) -> None:
    copy, chain = long
    with pytest.raises(UserError, match=r"GOOD, .* has no answer\n    does not run"):
        search(copy, chain, tmp_path, Stub(copy, frozenset({chain[0].id})))


def test_stages_of_one_key_share_a_trial(copy: Copy, tmp_path: Path) -> None:
    first = copy.head
    copy.append(PENALTY, "A = 1")
    copy.edit(PENALTY, "A = 1\n", "")
    wrong = copy.edit(PENALTY, RIGHT, WRONG)
    stub = Stub(copy)
    chain = copy.repository.chain(first, copy.head)
    assert search(copy, chain, tmp_path, stub).first == wrong
    assert first in stub.trained
    assert chain[2] not in stub.trained


def options(copy: Copy, *words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    bisecting(parser)
    places = ["--experiments", str(copy.root / "experiments"), "--results", str(copy.results)]
    parser.set_defaults(what=[], tag=[], pack=[], data=None)
    return parser.parse_args([*words, *places, "--workers", "1", "--quiet"])


@pytest.fixture
def real(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """A repository that commands take for the one they are in."""
    monkeypatch.setattr(git, "ROOT", copy.root)
    return copy


def test_every_version_is_run_on_the_experiments_that_were_named(
    real: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(real.root)
    named = selected("report", "small/single", "--scale", "gpu", "--experiments", "experiments")
    words = ["small/single", "--scale", "gpu", "--experiments", str(real.root / "experiments")]
    assert elsewhere(named) == words


class Alike(Trainer):
    """Every commit gives the same answer, and nothing is trained."""

    def tried(self, commit: Commit) -> Trial:
        return Trial(Reply("reproduced", "told"), 0)

    def ready(self, commit: Commit) -> bool:
        return True


def test_where_verdicts_do_not_differ_the_bits_of_a_run_may(
    real: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, last = real.head, real.append(PENALTY, "A = 1")
    monkeypatch.setattr(bisect, "Trainer", Alike)
    run = study(real.root).first_runs()[0].id
    digest = "--digest and the id of a run find what changed its bits$"
    ends = first.id, last.id
    with pytest.raises(UserError, match=f"told\n    .*{digest}"):
        bisect.run(options(real, "small/single:positive", *ends))
    with pytest.raises(UserError, match=r"told\n    give another run, or other revisions$"):
        bisect.run(options(real, run, *ends, "--digest"))


@pytest.mark.slow
def test_a_sign_error_is_found_by_training(real: Copy, capfd: pytest.CaptureFixture[str]) -> None:
    first = real.head
    real.append(PENALTY, "# A comment.", "A comment")
    real.append(PENALTY, "A = 1", "A constant")
    broken = real.edit("suite/cli.py", "import argparse", "import argpars", "A slip")
    real.git("reset", "--quiet", "--soft", "HEAD~2")
    broken = real.commit("A constant and a slip")
    mended = real.edit("suite/cli.py", "import argpars", "import argparse", "Mended")
    wrong = real.edit(PENALTY, RIGHT, WRONG, "A simplification")
    real.append(PENALTY, "B = 1", "Another constant")
    assert bisect.run(options(real, "small/single:positive", first.id, "main")) == 0
    out, err = capfd.readouterr()
    assert f"{wrong.id} is the first that differs\n    A simplification\n" in out
    assert "before: reproduced (6 seeds)" in out
    assert "then:   refuted (6 seeds)" in out
    assert f"{PENALTY} | 2 +-" in out
    assert "3 versions tried, 3 trained" in out
    folders = f"--experiments {real.root / 'experiments'} --results {real.results}"
    command = f"compare {mended.short} {wrong.short} small/single --scale desk {folders}"
    assert f"run_suite.py {command}\n" in out
    assert "5 commits, of which 3 can change small/single" in err
    assert f"trying {broken.told}\n" in err
    assert f"{broken.told}: skipped" in err
    assert f"{first.told}: reproduced" in err
    # Once more, for the bits of a run: everything is there.
    (run, *_) = (path.name for path in sorted(real.results.glob("runs/*/*")))
    assert bisect.run(options(real, run, mended.id, wrong.id, "--digest", "--json")) == 0
    found = json.loads(capfd.readouterr().out)
    assert (found["commit"], found["before"], found["trained"]) == (wrong.id, mended.id, 0)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("small/single:positve HEAD HEAD", "did you mean 'small/single:positive'"),
        ("small/sinle:positive HEAD HEAD", "no experiment 'small/sinle'\n    did you mean 'small/single'"),
        ("positive HEAD HEAD", "'positive' is no EXPERIMENT:CLAIM\n    experiments: small/single"),
        ("small/single:positive nowhere HEAD", "no revision 'nowhere'"),
        ("small/single:positive HEAD now", "'now' is no commit, and bisect takes commits\n    commit first"),
        ("small/single:positive HEAD HEAD", "none of the 0 commits can change small/single"),
        ("small.single.s10 HEAD HEAD --digest", "no run 'small.single.s10'"),
        ("../../x HEAD HEAD --digest", "no run '../../x'"),
        ("* HEAD HEAD --digest", "no run '*'"),
    ],
)
def test_a_mistake_in_the_command_is_told(real: Copy, words: str, told: str) -> None:
    with pytest.raises(UserError) as error:
        bisect.run(options(real, *words.split()))
    assert told in str(error.value)
    assert not (real.results / "runs").exists()
