"""The commits between two revisions are those that make another fingerprint."""

from pathlib import Path

import pytest

from suite.revisions import commits, git
from suite.revisions.commits import code_now, commits_between
from suite.revisions.git import Repository
from suite.store.record import Code
from tests.revisions.repositories import PENALTY, SMALL, Copy, copied

CLAIM = "suite/spec/schema/claim.py"


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """A repository of a few files, the one that the code is in."""
    found = copied(tmp_path / "small", (*SMALL, CLAIM))
    monkeypatch.setattr(git, "ROOT", found.root)
    return found


def told(first: git.Commit) -> list[str]:
    return [subject for _, subject in commits_between(first.id, "HEAD")]


def test_they_are_those_that_change_what_results_depend_on(copy: Copy) -> None:
    first = copy.head
    copy.append("suite/cli.py", "A = 1", "The command line")
    changed = copy.append(PENALTY, "A = 1", "A new constant: nul \u2713")
    copy.append("run_suite.py", "A = 1", "The script")
    assert commits_between(first.id, "HEAD") == [(changed.id, changed.subject)]
    assert commits_between("HEAD", first.id) == [(changed.id, changed.subject)]
    assert commits_between("HEAD", "HEAD") == []


def test_what_does_not_make_another_fingerprint_is_left_out(copy: Copy) -> None:
    first = copy.head
    copy.append(PENALTY, "# A comment.", "A comment")
    copy.append(CLAIM, "A = 1", "How runs are judged")
    (copy.root / "suite/objectives/notes.md").write_text("Nothing.\n")
    copy.commit("A text")
    copy.append(PENALTY, "A = 1", "A constant, and with it ...")
    (copy.root / "suite/objectives/empty.py").write_text("")
    copy.commit("A file")
    copy.git("mv", "suite/objectives/empty.py", "suite/objectives/void.py")
    copy.commit("Its name")
    assert told(first) == ["A constant, and with it ...", "A file", "Its name"]


def test_what_has_another_name_now_counts_under_its_old_one(copy: Copy) -> None:
    first = copy.head
    copy.append("suite/spec/schema.py", "A = 1", "The schema")
    assert told(first) == ["The schema"]


def test_what_is_no_python_counts(copy: Copy) -> None:
    first = copy.head
    copy.append(PENALTY, "def (", "A slip")
    copy.edit(PENALTY, "def (\n", "", "Mended")
    assert told(first) == ["A slip", "Mended"]


def test_a_merge_of_two_changes_of_a_file_counts(copy: Copy) -> None:
    first = copy.head
    copy.git("checkout", "--quiet", "-b", "side")
    (copy.root / PENALTY).write_text(f"A = 1\n{(copy.root / PENALTY).read_text()}")
    copy.commit("At its beginning")
    copy.git("checkout", "--quiet", "main")
    copy.append(PENALTY, "B = 1", "At its end")
    copy.git("merge", "--quiet", "--no-edit", "--message", "Both", "side")
    assert set(told(first)) == {"At its beginning", "At its end", "Both"}


def test_of_a_long_history_only_the_first_are_looked_into(
    copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "LOOKED_INTO", 2)
    first = copy.head
    for number in range(4):
        copy.append(PENALTY, f"# {number}", f"Comment {number}")
    assert told(first) == ["Comment 2", "Comment 3"]


@pytest.mark.parametrize(("at_head", "patch"), [("0" * 12, ""), ("1" * 12, "changed")])
def test_the_code_as_it_is_has_changes_where_they_count(
    copy: Copy, monkeypatch: pytest.MonkeyPatch, at_head: str, patch: str
) -> None:
    def fingerprint_at(repository: Repository, commit: git.Commit, results: Path) -> str:
        assert (repository.root, commit) == (copy.root, copy.head)
        return at_head

    monkeypatch.setattr(commits, "fingerprint", lambda: "0" * 12)
    monkeypatch.setattr(commits, "fingerprint_at", fingerprint_at)
    monkeypatch.setattr(commits, "code", lambda: Code("0" * 12, copy.head.id, "changed"))
    assert code_now(copy.results) == Code("0" * 12, copy.head.id, patch)
