"""A study whose data are not there: nothing of it is trained, and every command says so."""

import json
from pathlib import Path

import pytest

from suite.data import catalogue
from suite.launch import local
from tests.cli.calls import Place
from tests.launch.small import PAIR

HEAD = "not run  small/pictures: CIFAR-10: no "
CURE = "    get it: uv run run_suite.py data cifar10 --download --data "


@pytest.fixture
def place(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The small experiment and one on CIFAR-10, in a place without any data."""
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path / "data"))
    text = PAIR.replace("small/pair", "small/pictures").replace("data: eight_gaussians", "data: cifar10")
    (place.file.parent / "pictures.yaml").write_text(text.replace("[toy, pair]", "[images]"))
    place.begin()
    return place


def told(text: str, place: Place) -> bool:
    """Whether a text says what is missing, where, and what to do, on lines of their own."""
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(HEAD))
    return str(place.root / "data") in lines[at] and lines[at + 1] == f"{CURE}{place.root / 'data'}"


def test_run_trains_nothing_and_ends_with_status_1(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(local, "Pool")
    answer = place.call("run", "pictures", "--no-report", "--quiet")
    assert answer.status == 1
    assert told(answer.err, place)
    assert "2 not evaluated" in answer.out
    assert "Traceback" not in answer.err
    assert place.records() == {}


def test_run_trains_the_others(place: Place) -> None:
    answer = place.call("run", "--no-report", "--quiet")
    assert answer.status == 1
    assert told(answer.err, place)
    assert {name.split(".")[1] for name in place.records()} == {"pair"}
    assert "small/pair:decided: reproduced" in answer.out


def test_runs_of_a_borrower_without_data_are_not_asked_for(place: Place) -> None:
    """Its own arm has data, the borrowed one has none."""
    text = (
        PAIR.replace("small/pair", "small/half")
        + "borrowed: {theirs: {experiment: small/pictures, arm: clip}}\n"
    )
    (place.file.parent / "half.yaml").write_text(text)
    answer = place.call("run", "half", "--no-report", "--quiet")
    assert answer.status == 1
    assert "not run  small/half: CIFAR-10" in answer.err
    assert place.records() == {}


def test_an_undecided_claim_of_a_borrower_without_data_asks_for_no_more_seeds(place: Place) -> None:
    """Its borrowed arm has data, and is trained for another experiment; its own arm has none."""
    text = PAIR.replace("small/pair", "small/half").replace("data: eight_gaussians", "data: cifar10")
    text = text.replace("  penalty: {constraint: {kind: gradient_penalty}}\n", "")
    (place.file.parent / "half.yaml").write_text(
        text + "borrowed: {penalty: {experiment: small/pair, arm: penalty}}\n"
    )
    place.edit("    margin: 0.9\n    looks: [4, 8]", "    margin: 0.9\n    looks: [4]")
    answer = place.call("run", "pair", "half", "--no-report", "--quiet")
    assert "not run  small/half: CIFAR-10" in answer.err
    assert len(place.records()) == 8


@pytest.mark.parametrize("command", ["plan", "status", "report", "list"])
def test_other_commands_work_and_say_so(place: Place, command: str) -> None:
    answer = place.call(command)
    assert (answer.status, answer.err) == (0, "")
    assert told(answer.out, place)
    assert "not run  small/pair" not in answer.out


@pytest.mark.parametrize("command", ["plan", "status", "report", "list"])
def test_where_all_data_are_there_nothing_is_said(place: Place, command: str) -> None:
    assert "not run" not in place.call(command, "pair").out


def test_the_sum_of_a_plan_leaves_out_what_cannot_be_run(place: Place) -> None:
    assert "In all 8 runs are to be trained" in place.call("plan").out
    alone = place.call("plan", "pictures").out
    assert "missing, 2 batches, " in alone
    assert "of one core; not run here, see the end\n" in alone
    assert "Nothing can be trained here.\n8 runs (" in alone


def test_json_has_the_reason_on_one_line(place: Place) -> None:
    data = place.root / "data"
    pair, pictures = json.loads(place.call("plan", "--json").out)["studies"]
    reason = pictures["not_run"]
    assert pair["not_run"] is None
    assert reason.startswith("CIFAR-10: no ")
    assert reason.endswith(f"; get it: uv run run_suite.py data cifar10 --download --data {data}")
    assert "\n" not in reason
    assert [one["not_run"] for one in json.loads(place.call("list", "--json").out)] == [None, reason]
    states = json.loads(place.call("status", "--json").out)
    found = {name: {run["not_run"] for run in runs} for name, runs in states.items()}
    assert found == {"small/pair": {None}, "small/pictures": {reason}}
    claims = json.loads(place.call("report", "--json").out)["claims"]
    reasons = {claim["experiment"]: (claim["verdict"], claim["reason"]) for claim in claims}
    assert reasons["small/pictures"] == ("not evaluated", f"not run: {reason}")
    assert reasons["small/pair"] == ("not evaluated", "has 0 of 4 seeds")


def test_the_page_says_so_once(place: Place) -> None:
    assert place.call("report").status == 0
    page = (place.results / "report" / "desk" / "index.html").read_text()
    assert page.count("<b>Not run:</b> CIFAR-10: no ") == 1


def test_two_missing_data_sets_are_both_told(place: Place) -> None:
    path = place.file.with_name("pictures.yaml")
    text = path.read_text()
    path.write_text(text.replace("  penalty: {", "  penalty: {data: mnist, "))
    lines = place.call("status").out.splitlines()
    (at,) = [number for number, line in enumerate(lines) if line.startswith(HEAD)]
    assert lines[at + 1].startswith(CURE)
    assert lines[at + 2].startswith("MNIST: no ")
    assert "data mnist --download" in lines[at + 3]


def test_with_the_data_in_place_the_study_is_planned(place: Place) -> None:
    """Sizes and names decide, content is looked at in training."""
    answer = place.call("plan", "pictures", "data=digits")
    assert "not run" not in answer.out
    assert "In all 8 runs are to be trained" in answer.out
