"""The fingerprint of a revision, read from git or asked of its own code."""

from pathlib import Path

import pytest

from suite.errors import UserError
from suite.revisions import fingerprints
from suite.revisions.fingerprints import asked, fingerprint_at, has_this_scheme, read
from suite.revisions.git import Repository
from suite.store.version import fingerprint
from tests.revisions.repositories import PENALTY, Copy

VERSION = "suite/store/version.py"


def fingerprint_of(revision: str, results: Path, repository: Repository) -> str:
    return fingerprint_at(repository, repository.commit(revision), results)


def test_it_is_that_of_the_running_code(beginning: Copy, tmp_path: Path) -> None:
    tree = beginning.repository.tree(beginning.head, "suite")
    assert has_this_scheme(beginning.repository, tree)
    assert read(beginning.repository, tree) == fingerprint()
    assert asked(beginning.repository, beginning.head) == fingerprint()
    assert fingerprint_of("HEAD", tmp_path, beginning.repository) == fingerprint()


def test_a_comment_does_not_change_it_and_code_does(copy: Copy, tmp_path: Path) -> None:
    found = [fingerprint_of("HEAD", tmp_path, copy.repository)]
    for line in ("# A comment.", '"""A string that nobody reads."""', "CONSTANT = 1"):
        copy.append(PENALTY, line)
        found.append(fingerprint_of("HEAD", tmp_path, copy.repository))
    assert found[0] == found[1] == found[2] != found[3]


def test_a_new_file_changes_it(copy: Copy, tmp_path: Path) -> None:
    before = fingerprint_of("HEAD", tmp_path, copy.repository)
    copy.append("suite/objectives/new.py", "A = 1")
    after = fingerprint_of("HEAD", tmp_path, copy.repository)
    assert after != before
    assert after == asked(copy.repository, copy.head)


def test_code_that_makes_it_otherwise_is_asked(copy: Copy, tmp_path: Path) -> None:
    copy.append(VERSION, "\n\ndef fingerprint() -> str:\n    return 'abcdefabcdef'")
    assert not has_this_scheme(copy.repository, copy.repository.tree(copy.head, "suite"))
    assert fingerprint_of("HEAD", tmp_path, copy.repository) == "abcdefabcdef"


@pytest.mark.parametrize("body", ["return 'no fingerprint'", "raise RuntimeError('too old')"])
def test_code_that_does_not_tell_is_told(copy: Copy, tmp_path: Path, body: str) -> None:
    copy.append(VERSION, f"\n\ndef fingerprint() -> str:\n    {body}")
    with pytest.raises(UserError, match="does not tell its fingerprint"):
        fingerprint_of("HEAD", tmp_path, copy.repository)


def test_code_without_any_is_told(copy: Copy, tmp_path: Path) -> None:
    copy.git("rm", "-r", "--quiet", "suite")
    copy.commit("Nothing is left")
    with pytest.raises(UserError, match="it is too old for this"):
        fingerprint_of("HEAD", tmp_path, copy.repository)


def test_a_file_that_is_not_python_is_told(copy: Copy, tmp_path: Path) -> None:
    broken = copy.append(PENALTY, "def (")
    line = len((copy.root / PENALTY).read_text().splitlines())
    where = f"^the code at {broken.short} .*: {PENALTY}, line {line}: not Python: "
    with pytest.raises(UserError, match=rf"{where}.*\n    give a revision where it is$"):
        fingerprint_of("HEAD", tmp_path, copy.repository)
    (copy.root / PENALTY).write_bytes(b"\xff")
    copy.commit("No text")
    with pytest.raises(UserError, match=f"{PENALTY}: not Python: 'utf-8' codec"):
        fingerprint_of("HEAD", tmp_path, copy.repository)


@pytest.mark.parametrize("name", ["suite/streams.py", "suite/metrics"])
def test_a_part_that_is_missing_is_told(copy: Copy, tmp_path: Path, name: str) -> None:
    copy.git("rm", "-r", "--quiet", name)
    broken = copy.commit("A part less")
    with pytest.raises(UserError, match=rf"^the code at {broken.short} .* it lacks {name}\n    "):
        fingerprint_of("HEAD", tmp_path, copy.repository)


def test_it_is_kept_by_commit(copy: Copy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = fingerprint_of("HEAD", tmp_path, copy.repository)
    kept = tmp_path / "versions" / copy.head.id / "fingerprint"
    assert kept.read_text().strip() == found
    monkeypatch.delattr(fingerprints, "read")
    assert fingerprint_of("HEAD", tmp_path, copy.repository) == found


@pytest.mark.parametrize("damage", [b"", b"../../etc", b"\xff\xfe"])
def test_what_is_kept_and_is_no_fingerprint_is_made_again(copy: Copy, tmp_path: Path, damage: bytes) -> None:
    found = fingerprint_of("HEAD", tmp_path, copy.repository)
    (tmp_path / "versions" / copy.head.id / "fingerprint").write_bytes(damage)
    assert fingerprint_of("HEAD", tmp_path, copy.repository) == found


def test_results_that_cannot_be_written_are_no_obstacle(beginning: Copy, tmp_path: Path) -> None:
    (tmp_path / "versions").write_text("a file")
    assert fingerprint_of("HEAD", tmp_path, beginning.repository) == fingerprint()
