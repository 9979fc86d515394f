"""``--results`` with a folder that is none: nothing is made there, and the one that was meant is named."""

from pathlib import Path

import pytest

from suite.store.nearby import near
from tests.cli.calls import Answer, Place, call

READING = ("status", "report", "reference", "status --watch", "report --json", "compare reference now",
           "gate now reference")  # fmt: skip
SMOKE = ("--scale", "smoke", "--no-report")


def at(place: Place, folder: str, *words: str) -> Answer:
    """A command with another folder of results beside the experiments."""
    return call(*place.words(*words)[:-1], str(place.root / folder))


@pytest.mark.parametrize("command", READING)
def test_a_mistyped_folder_is_told_and_not_made(trained: Place, command: str) -> None:
    answer = at(trained, "resluts", *command.split())
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == (
        f"error: {trained.root / 'resluts'}: no such folder of results\n"
        f"    did you mean --results {trained.results}?\n"
    )
    assert not (trained.root / "resluts").exists()


@pytest.mark.parametrize("command", READING)
def test_so_is_one_that_has_no_results_in_it(place: Place, command: str) -> None:
    (place.root / "empty").mkdir()
    answer = at(place, "empty", *command.split())
    empty = place.root / "empty"
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == (
        f"error: {empty}: no results in there\n"
        f"    make some with uv run run_suite.py run --results {empty}, or name another folder with "
        "--results DIR\n"
    )
    assert list(empty.iterdir()) == []


def test_the_folder_around_or_within_is_meant(trained: Place) -> None:
    (version,) = (trained.results / "runs").glob("[0-9a-f]*")
    run = next(each for each in version.iterdir() if each.is_dir())
    for inner in (trained.results / "report", trained.results / "runs", version, run):
        assert near(inner) == trained.results
    assert near(trained.root) == trained.results
    assert near(Path("nowhere") / "at" / "all") is None


def test_of_like_names_the_one_with_results_is_meant(trained: Place) -> None:
    (trained.root / "result").mkdir()
    (trained.root / "result.txt").write_text("no folder")
    assert near(trained.root / "resul") == trained.results


def test_a_run_says_once_that_a_new_folder_begins(place: Place) -> None:
    told = f"a new folder of results begins in {place.results}\n"
    first, second = place.call("run", *SMOKE), place.call("run", *SMOKE)
    assert first.err.startswith(f"{told}starting with")
    assert second.err.startswith("starting with")
    other = at(place, "result", "run", *SMOKE)
    assert other.err.startswith(f"{told[:-1].removesuffix('s')}; there are some in {place.results}\n")


def test_a_plan_says_so_where_another_folder_may_be_meant(trained: Place) -> None:
    assert trained.call("plan").err == ""
    answer = at(trained, "result", "plan")
    assert answer.status == 0
    assert answer.err == f"no results in {trained.root / 'result'} yet; there are some in {trained.results}\n"
    assert not (trained.root / "result").exists()


def test_a_home_folder_is_meant_by_a_tilde_that_the_shell_left(
    trained: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(trained.root))
    here = call("status", "--experiments", str(trained.file.parents[1]), "--results=~/results")
    assert here.status == 0


@pytest.mark.parametrize("option", ["--results", "--pack", "--data", "--experiments"])
def test_a_home_folder_of_nobody_is_told(place: Place, option: str) -> None:
    answer = place.call("list" if option != "--results" else "status", f"{option}=~nobody-of-that-name/here")
    assert answer.status == 2
    assert f"argument {option}: ~nobody-of-that-name is nobody's home folder here" in answer.err
