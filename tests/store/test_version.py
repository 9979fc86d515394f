"""What a record says of the code that made it."""

import subprocess
from pathlib import Path

import pytest

from suite.store import version

BEFORE = {
    "suite/plain.py": b"A = 1\n",
    "suite/lines.py": b"A = 1\r\nB = 2\r\n",
    "suite/latin.py": b"# -*- coding: latin-1 -*-\nA = '\xe9'\n",
    "suite/table.bin": bytes(range(256)),
}
AFTER = {
    "suite/plain.py": b"A = 2\n",
    "suite/lines.py": b"A = 1\r\nB = 3\r\n",
    "suite/latin.py": b"# -*- coding: latin-1 -*-\nA = '\xe8'\n",
    "suite/table.bin": bytes(reversed(range(256))),
    "suite/new one.py": b"A = 4\n",
    "experiments/mine.yaml": b"id: a/b\n",
}
OF_ANOTHER = {"notes.txt": b"none of its business\n"}


def git(place: Path, *words: str, stdin: bytes = b"") -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@b")
    subprocess.run(["git", "-C", str(place), *who, *words], input=stdin, check=True, capture_output=True)


def put(place: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of which a fingerprint is kept; it is of one file."""
    put(tmp_path, {"suite/plain.py": b"A = 1  # One\n", **dict.fromkeys(version.SCHEME, b"A = 1\n")})
    monkeypatch.setattr(version, "ROOT", tmp_path)
    monkeypatch.setattr(version, "AFFECTS_RESULTS", ("suite/plain.py",))
    monkeypatch.setattr(version, "KEPT", tmp_path / "kept")
    version.fingerprint.__wrapped__()
    return tmp_path


def test_a_kept_fingerprint_is_not_made_again(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = version.fingerprint.__wrapped__()
    monkeypatch.delattr(version, "meaning")
    assert version.fingerprint.__wrapped__() == found


@pytest.mark.parametrize("name", version.SCHEME)
def test_what_makes_it_otherwise_does_not_take_the_kept_one(
    kept: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = version.fingerprint.__wrapped__()
    put(kept, {name: b"A = 2\n"})
    assert version.fingerprint.__wrapped__() == before
    put(kept, {name: b"A = 3\n"})
    monkeypatch.setattr(version, "meaning", str.upper)
    assert version.fingerprint.__wrapped__() != before


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "checkout"
    put(place, BEFORE)
    git(place, "init", "-q")
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "one")
    monkeypatch.setattr(version, "ROOT", place)
    return place


def test_a_clean_checkout_has_no_patch(checkout: Path) -> None:
    assert version.patch.__wrapped__() == b""


@pytest.mark.parametrize("settings", [{}, {"color.ui": "always", "diff.external": "false"}])
def test_the_patch_makes_the_same_files(checkout: Path, tmp_path: Path, settings: dict[str, str]) -> None:
    git(tmp_path, "clone", "-q", str(checkout), "copy")
    for name, value in settings.items():
        git(checkout, "config", name, value)
    put(checkout, AFTER | OF_ANOTHER)
    git(tmp_path / "copy", "apply", stdin=version.patch.__wrapped__())
    assert {name: (tmp_path / "copy" / name).read_bytes() for name in AFTER} == AFTER
    assert not (tmp_path / "copy" / "notes.txt").exists()


def test_a_hook_of_another_repository_does_not_mislead(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(checkout, AFTER)
    found = version.patch.__wrapped__()
    git(tmp_path, "init", "-q", "elsewhere")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere" / ".git"))
    assert version.patch.__wrapped__() == found != b""


def test_a_checkout_of_another_users_has_its_patch(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(checkout, AFTER)
    found = version.patch.__wrapped__()
    monkeypatch.setattr("suite.git.OURS", checkout)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert version.patch.__wrapped__() == found


def test_outside_a_checkout_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "ROOT", tmp_path)
    assert version.patch.__wrapped__() == b""


def test_of_another_project_that_it_lies_in_nothing_is_told(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its commit is not this code's, and its changes are nobody's business."""
    inner = checkout / "vendor" / "wgan"
    put(checkout, AFTER | {"vendor/wgan/suite/plain.py": b"A = 1\n"})
    monkeypatch.setattr(version, "ROOT", inner)
    assert version.patch.__wrapped__() == b""
    assert version.code.__wrapped__().commit == ""
