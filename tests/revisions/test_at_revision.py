"""A revision's own script in its own worktree: words, environment, output, Ctrl-C."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import get_args

import pytest

from suite.commands import at_revision
from suite.errors import UserError
from suite.revisions import git
from suite.revisions.arguments import at_revision as arguments
from suite.revisions.environments import Choice, interpreter, variables
from suite.revisions.git import Commit
from suite.revisions.places import CODE, packages, place
from suite.revisions.processes import stream
from suite.revisions.revision import asked_for
from suite.revisions.worktrees import worktree
from suite.store.version import ROOT, fingerprint
from tests.revisions.repositories import PENALTY, Copy

SCRIPT = """\
import json, os, sys
words = sys.argv[1:]
if words[0] == "plan":
    runs = [{"id": "a", "missing": MISSING}, {"id": "b", "missing": False}]
    print(json.dumps({"studies": [{"runs": runs}]}))
else:
    print(json.dumps({"words": words, "folder": os.getcwd(), "path": os.environ.get("PYTHONPATH"),
                      "data": os.environ["WGAN_SUITE_DATA"], "python": sys.executable}))
    sys.exit(STATUS)
"""
"""Stands in for run_suite.py of a revision."""
UV = """\
#!/bin/sh
echo "$PWD $* [$VIRTUAL_ENV]" >> "$LOG"
mkdir -p "$UV_PROJECT_ENVIRONMENT/bin"
ln -sf "$PYTHON" "$UV_PROJECT_ENVIRONMENT/bin/python"
exit $STATUS
"""


def script(copy: Copy, missing: bool = False, status: int = 0) -> Commit:
    text = SCRIPT.replace("MISSING", str(missing)).replace("STATUS", str(status))
    (copy.root / "run_suite.py").write_text(text)
    return copy.commit("A stand-in")


@pytest.fixture
def copy(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """A repository that the command takes for the one it is in."""
    monkeypatch.setattr(git, "ROOT", copy.root)
    return copy


def options(copy: Copy, *words: str, **changes: object) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    arguments(parser)
    given = parser.parse_args(words)
    rest = {
        "what": ["single"],
        "tag": ["toy"],
        "pack": [],
        "scale": "desk",
        "experiments": ROOT / "experiments",
        "results": copy.results,
        "data": None,
        "workers": 2,
        "checkpoint": 10.0,
        "no_report": False,
        "quiet": True,
        "without_gpu": False,
    }
    return argparse.Namespace(**{**rest, **vars(given), **changes})


def test_its_own_script_runs_with_the_same_words(copy: Copy, capfd: pytest.CaptureFixture[str]) -> None:
    commit = script(copy)
    copy.append("run_suite.py", "# Newer.")
    words = ("--revision", "HEAD~1", "--environment", "current")
    assert at_revision.run(options(copy, *words)) == 0
    head, reused, answer, last = capfd.readouterr().out.splitlines()
    code = copy.results / "versions" / commit.id / "code"
    assert head.startswith(f"at {commit.short} (A stand-in), ")
    assert head.endswith(f"code {fingerprint()}")
    assert reused == "nothing to train: the code that can affect a result is that of this version"
    said = json.loads(answer)
    assert said["words"] == [
        *("run", "single", "--tag", "toy", "--scale", "desk", "--workers", "2", "--checkpoint", "10.0"),
        *("--no-report", "--quiet", "--results", str(copy.results)),
    ]
    assert (said["folder"], said["path"], said["python"]) == (str(code), str(code), sys.executable)
    assert said["data"] == os.environ["WGAN_SUITE_DATA"]
    assert last.startswith(
        "no report is written of another revision; compare it: uv run run_suite.py compare "
    )
    assert last.endswith(f" {commit.short} now single --tag toy --scale desk --results {copy.results}")


def test_what_is_to_be_trained_and_its_exit_status_are_told(
    copy: Copy, capfd: pytest.CaptureFixture[str]
) -> None:
    script(copy, missing=True, status=1)
    given = options(copy, "--revision", "HEAD", "--environment", "current", experiments=copy.root / "own")
    assert at_revision.run(given) == 1
    out = capfd.readouterr().out.splitlines()
    assert out[1].startswith(
        "1 of 2 runs to train: the code that can affect a result is that of this version"
    )
    assert f'"--experiments", "{copy.root / "own"}"' in out[2]


def test_a_mistake_in_the_words_is_told_once(copy: Copy, capfd: pytest.CaptureFixture[str]) -> None:
    """By the revision, when it is asked what there is to train; nothing is trained then."""
    text = 'import sys\nsys.exit(f"error: {sys.argv[1]}" if sys.argv[1] != "plan" else 2)\n'
    (copy.root / "run_suite.py").write_text(text)
    copy.commit("A stand-in")
    assert at_revision.run(options(copy, "--revision", "HEAD", "--environment", "current")) == 2
    out, err = capfd.readouterr()
    assert out.splitlines()[1:] == []
    assert err == ""


def test_the_worktree_is_made_once_and_of_nothing_else(copy: Copy) -> None:
    commit = copy.head
    folder = worktree(copy.repository, commit, copy.results)
    copy.append(PENALTY, "A = 1")
    (folder / "run_suite.py").touch()
    assert worktree(copy.repository, commit, copy.results) == folder
    assert (folder / PENALTY).read_bytes() != (copy.root / PENALTY).read_bytes()
    assert copy.git("status", "--porcelain") == ""


def test_a_worktree_that_somebody_changed_is_told(copy: Copy) -> None:
    folder = worktree(copy.repository, copy.head, copy.results)
    (folder / PENALTY).write_text("A = 1\n")
    with pytest.raises(UserError, match=r"is no longer .*\n    remove it: git worktree remove --force"):
        worktree(copy.repository, copy.head, copy.results)


def test_a_worktree_of_another_checkout_is_not_run(copy: Copy) -> None:
    """Results may be somebody else's: git is not asked in there, which would run what that folder says."""
    folder = place(copy.results, copy.head).absolute() / CODE
    subprocess.run(["git", "clone", "--quiet", str(copy.root), str(folder)], check=True)
    ran = copy.results / "ran"
    (folder / ".git" / "watch").write_text(f"#!/bin/sh\ntouch {ran}\n")
    (folder / ".git" / "watch").chmod(0o755)
    subprocess.run(["git", "-C", str(folder), "config", "core.fsmonitor", ".git/watch"], check=True)
    ran.unlink(missing_ok=True)
    with pytest.raises(UserError, match=r"is no worktree of this checkout\n    remove it"):
        worktree(copy.repository, copy.head, copy.results)
    assert not ran.exists()


def test_a_worktree_that_was_deleted_is_made_again(copy: Copy) -> None:
    folder = worktree(copy.repository, copy.head, copy.results)
    shutil.rmtree(folder)
    assert (worktree(copy.repository, copy.head, copy.results) / PENALTY).is_file()


@pytest.mark.parametrize("name", ["../../x", "", "main", "a" * 39, "A" * 40])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a commit"):
        place(tmp_path, Commit(name, "", ""))


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for uv; what it was called with is in the file returned."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "uv").write_text(UV)
    (folder / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHON", sys.executable)
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    monkeypatch.setenv("STATUS", "0")
    monkeypatch.setenv("VIRTUAL_ENV", "/ours")
    return tmp_path / "log"


def test_pinned_packages_are_installed_by_uv_once(
    copy: Copy, uv: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    commit = script(copy)
    assert at_revision.run(options(copy, "--revision", "HEAD")) == 0
    code = copy.results / "versions" / commit.id / "code"
    assert uv.read_text() == f"{code} sync --no-dev --no-install-project []\n"
    there = packages(copy.results, copy.repository, commit)
    out, err = capfd.readouterr()
    said = json.loads(out.splitlines()[2])
    assert (said["python"], said["path"]) == (str(there / "bin" / "python"), str(code))
    assert err == f"uv installs the packages that it pins into {there}\n"
    assert at_revision.run(options(copy, "--revision", "HEAD")) == 0
    assert capfd.readouterr().err == ""


def test_revisions_with_the_same_pins_share_their_packages(copy: Copy) -> None:
    def place() -> Path:
        return packages(copy.results, copy.repository, copy.head)

    none = place()
    copy.append("run_suite.py", "# Newer.")
    assert place() == none
    copy.append("pyproject.toml", "[project]")
    one = place()
    copy.append(".python-version", "3.12")
    assert len({none, one, place()}) == 3
    assert one.parent == copy.results / "versions" / "environments"


def test_every_revision_gets_this_python_unless_it_names_one(
    uv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin" / "uv").write_text('#!/bin/sh\necho "$UV_PYTHON" >> "$LOG"\n')
    monkeypatch.delenv("UV_PYTHON", raising=False)
    interpreter(tmp_path, tmp_path / "packages", "pinned")
    (tmp_path / ".python-version").write_text("3.12\n")
    interpreter(tmp_path, tmp_path / "packages", "pinned")
    monkeypatch.setenv("UV_PYTHON", "3.13")
    interpreter(tmp_path, tmp_path / "packages", "pinned")
    assert uv.read_text().splitlines() == [sys.executable, "", "3.13"]


def test_uv_that_fails_is_told(uv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUS", "2")
    with pytest.raises(UserError, match=r"uv could not install .*\n.*--environment current"):
        interpreter(tmp_path, tmp_path / "packages", "pinned")


def test_a_machine_without_uv_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"uv: no such program.*\n    pip install uv"):
        interpreter(tmp_path, tmp_path / "packages", "pinned")


def test_variables_of_this_process_do_not_reach_a_pinned_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "GIT_DIR"):
        monkeypatch.setenv(name, "/ours")
    assert not {"VIRTUAL_ENV", "GIT_DIR"} & variables(Path("/code"), "pinned").keys()
    for choice in get_args(Choice):
        assert variables(Path("/code"), choice)["PYTHONPATH"] == str(Path("/code"))


@pytest.mark.parametrize("plan", [{}, {"studies": None}, {"studies": []}])
def test_a_plan_that_cannot_be_read_asks_for_nothing(plan: dict[str, object]) -> None:
    assert asked_for(plan) == {}


COUNTS = """\
import signal, sys, time
heard = []
signal.signal(signal.SIGINT, lambda *_: heard.append(1))
print("ready", flush=True)
while not heard:
    time.sleep(0.01)
time.sleep(0.3)
print(len(heard), "heard", flush=True)
sys.exit(130)
"""
PARENT = """\
import os, sys
from pathlib import Path
from typing import get_args
from suite.revisions.processes import listen, stream
command = [sys.executable, "-c", sys.argv[2]]
if sys.argv[1] == "stream":
    print("status", stream(command, Path("."), os.environ).status)
else:
    print("ready", flush=True)
    try:
        listen(command, Path("."), os.environ)
    except KeyboardInterrupt:
        print("interrupted")
"""


def interrupted(how: str, number: signal.Signals) -> str:
    """What a parent prints whose whole group is sent a signal, as a terminal does, while its child runs."""
    command = [sys.executable, "-c", PARENT, how, COUNTS]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        if how == "listen":
            time.sleep(1.0)  # Its child is not heard of.
        os.killpg(process.pid, number)
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0
    return out


def test_ctrl_c_is_passed_on_once_and_waited_for() -> None:
    assert interrupted("stream", signal.SIGINT) == "1 heard\nstatus 130\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_told_to_stop_has_no_answer(number: signal.Signals) -> None:
    assert interrupted("listen", number) == "interrupted\n"


def test_what_hears_of_signals_afterwards_is_as_before(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    assert stream([sys.executable, "-c", "raise SystemExit(3)"], tmp_path, os.environ).status == 3
    assert signal.getsignal(signal.SIGINT) is before
