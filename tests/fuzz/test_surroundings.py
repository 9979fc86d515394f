"""A locale without UTF-8, and folders of results that can be read only."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from suite.commands import choose
from suite.errors import UserError
from suite.launch import local
from suite.store.store import Store
from tests.cli.calls import SCRIPT, Place, call
from tests.launch.records import record
from tests.launch.small import PAIR, PoolHere, write_experiments
from tests.training.settings import run

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def in_ascii(place: Place, *words: str, results: str = "results") -> tuple[int, str]:
    """Status and output of a command where text is ASCII."""
    done = subprocess.run(
        [sys.executable, SCRIPT, *place.words(*words)[:-1], str(place.root / results)],
        capture_output=True,
        env={key: value for key, value in os.environ.items() if key not in ("LANG", "LC_CTYPE")} | ASCII,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).decode("ascii")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place whose experiment has letters that ASCII lacks."""
    write_experiments(tmp_path, PAIR.replace("A pair of arms", "Wässerstein ≤ Jensen"))
    return Place(tmp_path)


@pytest.mark.parametrize("command", ["list", "validate", "status"])
def test_files_are_utf8_whatever_the_locale_and_signs_it_lacks_are_replaced(
    place: Place, command: str
) -> None:
    place.begin()
    status, told = in_ascii(place, command)
    assert status == 0, told
    assert ("W?sserstein ? " in told) is (command == "list")


def test_a_results_folder_that_is_no_text_in_the_locale_is_told(place: Place) -> None:
    status, told = in_ascii(place, "run", "--quiet", results="é")
    assert status == 2, told
    assert "not text in this locale" in told


@pytest.mark.parametrize("name", ["r\udcc3\udca9s", "\udcff"])
def test_a_results_folder_whose_name_is_no_text_is_the_users_to_mend(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match=r"not text in this locale\n    set LC_ALL=C.UTF-8"):
        Store(tmp_path / name, "f").prepare()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_there", [True, False])
def test_a_read_only_results_folder_is_told_before_anything_is_trained(
    place: Place, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    if is_there:
        monkeypatch.setattr(os, "access", lambda *_, **__: False)
    else:
        monkeypatch.setattr(Path, "mkdir", read_only)
    answer = place.call("run", "--quiet")
    assert answer.status == 2
    assert "results: cannot be written: " in answer.err
    assert "--results DIR" in answer.err


def read_only(*_: object, **__: object) -> None:
    """What a file system does that is mounted read-only; permissions do not bind the tests' root user."""
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_a_read_only_results_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path, "fingerprint0")
    store.folder(run().id).finish(record())
    monkeypatch.setattr("suite.store.store.MANY", 1)
    monkeypatch.setattr("suite.store.compact.write", read_only)
    assert store.records().keys() == {run().id}
    assert store.contents().problems == []


def test_experiments_times_variants_have_a_limit(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "MOST", 3)
    assert place.call("plan", "batch_size=4,5,6").status == 0
    answer = place.call("plan", "batch_size=4,5,6,7")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == (
        "error: 1 experiments in 4 variants each: more than 3 in all\n"
        "    name fewer experiments, or give fewer values\n"
    )


@pytest.fixture
def circle(tmp_path: Path) -> Path:
    """A link to itself."""
    path = tmp_path / "circle"
    path.symlink_to(path)
    return path


@pytest.mark.parametrize("command", ["plan", "status", "report", "run"])
def test_results_in_a_circle_of_links_are_told(place: Place, circle: Path, command: str) -> None:
    answer = call(*place.words(command)[:-1], str(circle))
    assert answer.status == 2, answer
    assert f"error: results folder {circle}: cannot be " in answer.err
    assert "Too many levels of symbolic links\n    choose another with --results DIR" in answer.err


@pytest.mark.parametrize("option", ["--pack", "--data"])
def test_folders_that_lead_nowhere_are_told(place: Place, circle: Path, option: str) -> None:
    answer = place.call("list", option, str(circle))
    assert answer.status == 2, answer
    assert answer.err.startswith(f"error: {circle}: ")
    assert answer.err.endswith("\n    name another folder\n")


@pytest.mark.parametrize("way", ["link", "link/../link", "there/.."])
def test_links_and_dots_in_the_way_to_results_change_nothing(
    place: Place, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a link's target the runs are the same runs, and nothing is written beside it."""
    (place.root / "there").mkdir()
    (place.root / "link").symlink_to("there")
    monkeypatch.setattr(local, "Pool", PoolHere)
    words = place.words("run", "--scale", "smoke", "--no-report", "--quiet")
    assert call(*words[:-1], str(place.root / way)).status == 0
    target = place.root if way == "there/.." else place.root / "there"
    assert len(list(target.glob("runs/*/*/record.json"))) == 4
    assert place.records() == {}


@pytest.mark.parametrize(
    "words",
    [
        ("status", "../wgan/*"),
        ("status", "/etc/passwd"),
        ("data", "../x"),
        ("new", "../x/y"),
        ("new", "a/../b"),
        ("compare", "reference@../0.1.0", "now"),
        ("compare", "reference@/etc", "now"),
    ],
    ids=" ".join,
)
def test_names_cannot_leave_their_folder(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = call(*words)
    assert (answer.status, answer.out) == (2, "")
    assert "\n    " in answer.err
    assert list(tmp_path.iterdir()) == []
