"""What git is asked, and what is said where it has no answer."""

import re
from pathlib import Path

import pytest

from suite.errors import UserError
from suite.revisions.git import Repository
from tests.revisions.repositories import PENALTY, SMALL, Copy, copied


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A repository of a few files."""
    return copied(tmp_path / "small", SMALL)


@pytest.fixture(scope="module")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The same; not to be changed."""
    return copied(tmp_path_factory.mktemp("small") / "repository", SMALL)


def test_a_revision_is_found_by_branch_tag_and_hash(copy: Copy) -> None:
    copy.git("tag", "v1")
    head = copy.head
    assert (head.subject, len(head.id)) == ("The beginning", 40)
    for name in ("main", "v1", head.short, "HEAD"):
        assert copy.repository.commit(name) == head


@pytest.mark.parametrize("name", ["nowhere", "--all", "HEAD~7", "", "main:suite", "-1"])
def test_a_revision_that_is_none_is_told(beginning: Copy, name: str) -> None:
    with pytest.raises(UserError, match=r"no revision .*\n    `git log"):
        beginning.repository.commit(name)


def test_the_branch_or_tag_that_was_meant_is_named(copy: Copy) -> None:
    copy.git("tag", "v0.1.0")
    for typed, meant in (("mian", "main"), ("HAED~2", "HEAD~2"), ("v0.1.1^", "v0.1.0^")):
        with pytest.raises(UserError, match=re.escape(f"\n    did you mean {meant!r}?")):
            copy.repository.commit(typed)


def test_a_chain_has_both_ends_and_goes_one_way(copy: Copy) -> None:
    first = copy.head
    middle = copy.append(PENALTY, "A = 1")
    last = copy.append(PENALTY, "B = 1")
    assert copy.repository.chain(first, last) == [first, middle, last]
    assert copy.repository.chain(last, last) == [last]
    with pytest.raises(UserError, match="give the older revision first"):
        copy.repository.chain(last, first)


def test_a_merge_counts_as_one_commit(copy: Copy) -> None:
    first = copy.head
    copy.git("checkout", "--quiet", "-b", "side")
    copy.append(PENALTY, "A = 1")
    copy.append(PENALTY, "B = 1")
    copy.git("checkout", "--quiet", "main")
    copy.git("merge", "--quiet", "--no-ff", "--no-edit", "side")
    assert copy.repository.chain(first, copy.head) == [first, copy.head]


def test_a_shallow_clone_is_told(copy: Copy, tmp_path: Path) -> None:
    first = copy.head
    copy.append(PENALTY, "A = 1")
    copy.git("clone", "--quiet", "--depth", "1", copy.root.as_uri(), str(tmp_path / "shallow"))
    with pytest.raises(UserError, match="git fetch --unshallow"):
        Repository(tmp_path / "shallow").commit(first.id)


def test_a_folder_without_git_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no git checkout\n    revisions can be named only in a git clone"):
        Repository(tmp_path).commit("HEAD")


def test_a_folder_within_another_checkout_is_told(beginning: Copy) -> None:
    with pytest.raises(UserError, match="no git checkout"):
        Repository(beginning.root / "suite").commit("HEAD")


def test_a_machine_without_git_is_told(beginning: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match="git: no such program"):
        beginning.repository.commit("HEAD")


def test_a_hook_of_another_repository_does_not_mislead(
    beginning: Copy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert beginning.repository.commit("HEAD").subject == "The beginning"


def test_our_checkout_may_be_another_users_and_no_other_may(
    beginning: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(UserError, match="no git checkout"):
        beginning.repository.commit("HEAD")
    monkeypatch.setattr("suite.git.OURS", beginning.root)
    assert beginning.repository.commit("HEAD").subject == "The beginning"


def test_contents_are_those_of_the_files(beginning: Copy) -> None:
    tree = beginning.repository.tree(beginning.head, "suite")
    found = beginning.repository.contents([tree[PENALTY], tree["suite/errors.py"], tree[PENALTY]])
    assert found == {
        tree[name]: (beginning.root / name).read_bytes() for name in (PENALTY, "suite/errors.py")
    }
    assert beginning.repository.contents([]) == {}


def test_content_that_is_not_there_is_told(copy: Copy, tmp_path: Path) -> None:
    tree = copy.repository.tree(copy.head, "suite")
    with pytest.raises(UserError, match=r"git has no content of a file .*: it is not there\n    a partial"):
        copy.repository.contents([tree[PENALTY], "0" * 39 + "1", tree["suite/errors.py"]])
    copy.git("config", "uploadpack.allowFilter", "true")
    partial = Repository(tmp_path / "partial")
    copy.git("clone", "-q", "--no-checkout", "--filter=blob:none", copy.root.as_uri(), str(partial.root))
    copy.root.rename(tmp_path / "away")
    with pytest.raises(UserError, match=r": fatal: .*\n    a partial clone needs its network"):
        partial.contents([tree[PENALTY]])


def test_a_subject_may_hold_other_ends_of_lines(copy: Copy) -> None:
    subject = "fix the\u2028margin\x0cand\x85more"
    first = copy.head
    copy.git("commit", "--allow-empty", "-m", subject)
    assert copy.repository.commit("HEAD").subject == subject
    assert [each.subject for each in copy.repository.chain(first, copy.head)][-1] == subject


def test_files_that_cannot_be_taken_out_are_the_users_matter(copy: Copy, tmp_path: Path) -> None:
    (copy.root / "suite" / "away").symlink_to("/etc/passwd")
    copy.git("add", "-A")
    copy.git("commit", "-m", "A link")
    with pytest.raises(UserError, match="cannot be taken out of git"):
        copy.repository.extract(copy.head, tmp_path / "out", "suite")
