"""The script in processes of its own: what it imports, its pipes, its workers, Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.launch import pool
from suite.store.progress import saved_iteration
from suite.store.store import RunFolder
from tests.cli.calls import SCRIPT, Place
from tests.launch.lives import MARKER, first_dies_after_a_checkpoint, pids
from tests.launch.small import write_experiments

HEAVY = {
    *("torch", "torchvision", "pandas", "matplotlib", "scipy", "numpy", "pyarrow", "sklearn"),
    *("PIL", "lmdb", "tqdm", "jinja2"),
}
IMPORTS = """\
import sys
from suite.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(*sys.modules, file=sys.stderr)
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """The small experiment without results; workers are processes."""
    write_experiments(tmp_path)
    return Place(tmp_path)


def digests(place: Place) -> dict[str, str]:
    return {name: json.loads(path.read_bytes())["digest"] for name, path in place.records().items()}


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("words", ["list", "list --json", "plan", "status", "validate", "run --help"])
def test_what_does_not_train_imports_nothing_heavy(trained_once: Place, words: str) -> None:
    assert not loaded(trained_once.words(*words.split())) & HEAVY


@pytest.mark.parametrize("words", ["list", "plan", "status --scale paper", "validate"])
def test_neither_do_the_experiments_that_come_with_the_suite(tmp_path: Path, words: str) -> None:
    assert not loaded([*words.split(), "--data", str(tmp_path)]) & HEAVY


@pytest.mark.parametrize("words", ["data", "data --json", "data --help"])
def test_neither_does_the_list_of_data_sets(tmp_path: Path, words: str) -> None:
    assert not loaded([*words.split(), "--data", str(tmp_path)]) & HEAVY


def loaded(words: list[str]) -> set[str]:
    """The modules that a command has imported when it ends."""
    command = [sys.executable, "-c", IMPORTS, *words]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    found = set(answer.stderr.split())
    assert "suite.cli" in found
    return found


@pytest.mark.parametrize("reader", ["head -1", "true"])
def test_a_reader_that_leaves_is_no_mistake(place: Place, reader: str) -> None:
    script = f'set -o pipefail; "$@" | {reader}'
    words = [sys.executable, SCRIPT, *place.words("list")]
    answer = subprocess.run(
        ["bash", "-c", script, "bash", *words], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0
    assert answer.stderr == ""
    assert answer.stdout in ("", "small/pair  A pair of arms (small2020, Figure 1)\n")


def without_a_reader(*words: str) -> subprocess.CompletedProcess[str]:
    """A command whose output's pipe is closed before it writes: the end may show at the last flush."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, SCRIPT, *words]
    answer = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    return answer


@pytest.mark.parametrize("words", ["list", "list --json", "status --watch", "--help"])
def test_output_that_nobody_can_read_is_no_mistake(place: Place, words: str) -> None:
    place.begin()
    answer = without_a_reader(*(place.words(*words.split()) if words != "--help" else [words]))
    assert (answer.returncode, answer.stderr) == (0, "")


def test_a_run_without_a_reader_is_finished_all_the_same(place: Place, trained_once: Place) -> None:
    answer = without_a_reader(*place.words("run", "--quiet", "--workers", "1"))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert digests(place) == digests(trained_once)
    assert (place.results / "report" / "desk" / "index.html").exists()


def test_without_an_error_stream_that_is_read_a_run_is_finished_too(place: Place) -> None:
    script = '"$@" 2>&1 | true; echo ${PIPESTATUS[0]}'
    words = [sys.executable, SCRIPT, *place.words("run", "--no-report", "--workers", "1")]
    answer = subprocess.run(
        ["bash", "-c", script, "bash", *words], capture_output=True, text=True, check=True
    )
    assert (answer.stdout, answer.stderr) == ("0\n", "")
    assert len(place.records()) == 12


def test_a_stream_that_was_closed_before_is_no_mistake(place: Place) -> None:
    words = [sys.executable, SCRIPT, *place.words("list")]
    answer = subprocess.run(["bash", "-c", '"$@" >&-', "bash", *words], capture_output=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, b"")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_results_do_not_depend_on_the_workers(place: Place, trained_once: Place, workers: str) -> None:
    process = place.start("run", "--no-report", "--workers", workers)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "small/pair:decided: reproduced" in out
    assert digests(place) == digests(trained_once)


def test_a_worker_that_is_killed_is_replaced_and_goes_on(
    place: Place, trained_once: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives = place.root / "lives"
    monkeypatch.setenv(MARKER, str(lives))
    monkeypatch.setattr(pool, "work", first_dies_after_a_checkpoint)
    answer = place.call("run", "--no-report", "--quiet", "--workers", "1", "--checkpoint", "0")
    assert answer.status == 0
    assert len(pids(lives)) == 2
    assert digests(place) == digests(trained_once)


@pytest.mark.slow
def test_ctrl_c_saves_and_a_second_run_goes_on(place: Place) -> None:
    furthest = 0
    for _ in range(2):
        interrupt(place, lambda: any(at(path) > furthest for path in beats(place)))  # noqa: B023
        assert beats(place) == []
        now = max(saved_iteration(RunFolder(path)) or 0 for path in place.results.glob("runs/*/*"))
        assert now > furthest
        furthest = now
    assert place.records() == {}


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.1, 1.0])
def test_ctrl_c_while_it_starts_is_quiet(place: Place, delay: float) -> None:
    interrupt(place, place.results.exists, delay)


def interrupt(place: Place, moment: Callable[[], bool], delay: float = 0.0) -> None:
    """Ctrl-C at a moment of a run that would take hours; it must end at once and tell how to go on."""
    process = place.start("run", "--no-report", "--scale", "paper", "--workers", "1")
    try:
        until(lambda: moment() or process.poll() is not None)
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "nothing is lost: run the same command again to go on" in err
    assert "Traceback" not in err + out


def at(beat: Path) -> int:
    """The iteration a sign of life tells of; -1 where it is being written."""
    found = RunFolder(beat.parent).heartbeat()
    return -1 if found is None else found.iteration


def beats(place: Place) -> list[Path]:
    return list(place.results.glob("runs/*/*/heartbeat.json"))


def test_text_of_files_steers_no_terminal(place: Place) -> None:
    place.edit(
        "title: A pair of arms", 'title: "A \\e]0;pair\\a \\x9b31m \\u202Eriap\\u202C \\u2066x\\u2069"'
    )
    answer = subprocess.run(
        [sys.executable, SCRIPT, *place.words("list")], capture_output=True, text=True, check=True
    )
    assert "?]0;pair?" in answer.stdout
    assert not set(answer.stdout) & {"\x1b", "\x07", "\x9b", "\u202e", "\u202c", "\u2066", "\u2069"}
    assert "?riap? ?x?" in answer.stdout


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_what_is_said_is_there_at_once(unbuffered: str) -> None:
    """Unbuffered too, as in most containers."""
    speak = "import os, sys; from suite.printing import settle; settle(); "
    speak += "sys.stderr.write('one\\n'); os.write(2, b'two\\n')"
    answer = subprocess.run(
        [sys.executable, "-c", speak],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
    )
    assert answer.stderr == "one\ntwo\n"


def test_output_on_a_full_disk_ends_with_a_sentence(place: Place) -> None:
    with Path("/dev/full").open("w") as full:
        answer = subprocess.run(
            [sys.executable, SCRIPT, *place.words("list")], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert answer.returncode == 2
    assert answer.stderr.startswith("error: cannot be written: No space left on device")
    assert "Traceback" not in answer.stderr
