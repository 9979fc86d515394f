"""What the commands print, and how they tell a mistake."""

import html
import json
import re
import shlex
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from suite import places
from suite.cli import APART, COMMANDS, EXAMPLES, FURTHER, parse
from suite.launch import machine_speed
from suite.launch.costs import of_reference
from suite.spec.library import select
from suite.store.checkpoints import save
from suite.store.store import RunFolder
from suite.store.version import fingerprint
from tests.cli.calls import Place, call, selected
from tests.docs.pages import DOCS, keys


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS), ["data"]])
def test_every_command_has_help(command: list[str]) -> None:
    answer = call(*command, "--help")
    assert answer.status == 0
    assert " ".join(["usage: uv run run_suite.py", *command]) in answer.out
    assert answer.err == ""


def test_help_names_every_command() -> None:
    text = call("--help").out
    named = re.findall(r"^    ([a-z]+)(?:  |$)", text, flags=re.MULTILINE)
    assert named == [*COMMANDS, *APART]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "the following arguments are required: COMMAND"),
        ("rnu", "invalid choice: 'rnu'"),
        ("stats", "did you mean status?"),
        ("list --scale smok", "did you mean smoke?"),
        ("list --sclae=smoke", "did you mean --scale?"),
        ("list --qqq", "try: uv run run_suite.py list --help"),
        ("list --pack=", "an empty name is no folder"),
        ("list small", "did you mean 'small/*'?"),
        ("list Small/", "did you mean 'small/*'?"),
        ("list PAIR", "did you mean 'pair'?"),
        ("gate a b --fail-on fliped", "did you mean 'flipped'?"),
        ("list pear", "did you mean 'small/pair'?"),
        ("list critic.widht=3", "did you mean 'width'?"),
        ("plan critic.width=x", "critic.width"),
        ("run critic.width=0", "critic.width"),
        ("run crtic.width=3", "did you mean 'critic'?"),
        ("run critic.width=", "has no value"),
        (
            "run pair critic.width = 3",
            "'critic.width = 3': blanks around =\n    did you mean critic.width=3?",
        ),
        ("run critic.width= 3 pair", "did you mean critic.width=3?"),
        ("run critic.width =3", "did you mean critic.width=3?"),
        ("run --workers 0", "'0' is not a whole number of at least 1"),
        ("run --workers two", "'two' is not a whole number of at least 1"),
        ("run --checkpoint -1", "is not a number of seconds"),
        ("run --checkpoint nan", "is not a number of seconds"),
        ("plan --set partition=gpu", "add --cluster NAME"),
        ("status --scale huge", "invalid choice: 'huge'"),
        ("list --tag fish", "tags there are: pair, toy"),
        ("list --jsonn", "unrecognized arguments: --jsonn"),
        ("validate critic.width=3", "without overrides"),
    ],
)
def test_a_mistake_in_the_command_is_told(place: Place, words: str, told: str) -> None:
    answer = place.call(*words.split()) if words else call()
    assert answer.status == 2
    assert answer.err.startswith("error: ")
    assert told in answer.err
    assert "Traceback" not in answer.err
    assert answer.out == ""


@pytest.mark.parametrize("words", [words for words, _ in (*EXAMPLES, *FURTHER)])
def test_the_examples_of_the_help_are_commands(words: str) -> None:
    options = parse(shlex.split(words))
    patterns = [word for word in options.what if "=" not in word]
    if words.split()[0] not in ("data", "validate"):  # Sets of data, and a pack that is yet to be written.
        assert select(places.EXPERIMENTS, patterns, getattr(options, "tag", []), [])


@pytest.mark.parametrize("name", [*COMMANDS, *APART])
def test_every_command_has_an_example(name: str) -> None:
    assert f"run_suite.py {name}" in call(name, "--help").out.partition("examples:")[2]


def test_the_version_is_told_with_that_of_results() -> None:
    answer = call("--version")
    assert answer.status == 0
    assert answer.out == f"wgan-suite {version('wgan-suite')}, results of code {fingerprint()}\n"


@pytest.mark.parametrize("words", ["doctor strange", "new demo/x strange", "bisect a b c strange"])
def test_a_word_too_many_is_told(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer = call(*words.split())
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("error: no words are taken beyond: strange\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_typo_in_a_file_is_told_with_its_place(place: Place, command: str) -> None:
    place.edit("batch_size: 4", "batch_sise: 4")
    answer = place.call(command)
    assert answer.status == 2
    assert "pair.yaml:12" in answer.err
    assert "batch_size" in answer.err
    assert not place.results.exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_folder_of_experiments_is_told(place: Place, command: str) -> None:
    answer = call(command, "--experiments", str(place.root / "nowhere"))
    assert answer.status == 2
    assert "nowhere: no experiments" in answer.err


@pytest.mark.parametrize(("command", "way"), [("run", "written"), ("report", "read"), ("status", "read")])
def test_results_that_cannot_be_used_are_told_before_anything_is_trained(
    place: Place, command: str, way: str
) -> None:
    place.results.write_text("a file")
    answer = place.call(command)
    assert answer.status == 2
    assert f"results: cannot be {way}" in answer.err
    assert "--results DIR" in answer.err
    assert "Traceback" not in answer.err


def test_of_words_that_are_missing_only_those_are_named_that_must_be_there() -> None:
    answer = call("compare", "reference")
    assert answer.err.startswith("error: the following arguments are required: B\n")


def test_list_as_json(place: Place) -> None:
    (listed,) = json.loads(place.call("list", "--json").out)
    assert listed.pop("claims") == [
        {
            "id": "decided",
            "says": "The loss is above -1000 more often than in 3 of 10 runs.",
            "kind": "rate",
        },
        {
            "id": "undecided",
            "says": "It is above -1000 in more than 9 of 10 runs, which 8 seeds cannot show.",
            "kind": "rate",
        },
    ]
    assert listed == {
        "id": "small/pair",
        "variant": "",
        "title": "A pair of arms",
        "paper": "small2020",
        "figure": "Figure 1",
        "tags": ["toy", "pair"],
        "not_run": None,
    }


def test_list_as_text(place: Place) -> None:
    answer = place.call("list")
    assert answer.out.startswith("small/pair  A pair of arms (small2020, Figure 1)\n    tags: toy, pair\n")
    assert "    decided    The loss is above" in answer.out


def test_words_over_several_lines_forge_no_line_of_the_list(place: Place) -> None:
    place.edit("title: A pair of arms", 'title: "A pair\\nsmall/other  Another"')
    place.edit(
        "says: The loss is above -1000 more often",
        'says: "The loss\\n    forged  is above -1000 often"\n    note: "',
    )
    place.edit("than in 3 of 10 runs.", 'than in 3 of 10 runs."')
    listed = place.call("list").out.splitlines()
    assert listed[0] == "small/pair  A pair small/other Another (small2020, Figure 1)"
    assert [line.split()[0] for line in listed if line] == ["small/pair", "tags:", "decided", "undecided"]


def test_plan_as_json(place: Place) -> None:
    (study,) = json.loads(place.call("plan", "--json").out)["studies"]
    assert (study["experiment"], study["scale"], study["variant"]) == ("small/pair", "desk", "")
    assert study["seconds"] > 0
    assert study["flops"] > 1e3
    assert [(run["arm"], run["seed"], run["missing"]) for run in study["runs"]] == [
        (arm, seed, True) for arm in ("clip", "penalty") for seed in range(10, 14)
    ]
    decided, undecided = study["claims"]
    assert decided["looks"] == [4, 8]
    assert decided["power"] == {"at_best": 1.0, "at_margin": decided["power"]["at_margin"]}
    assert decided["power"]["at_margin"] < 0.05
    assert undecided["power"]["at_best"] == 0.0
    assert len(decided["criterion"]) == 12
    assert decided["criterion"] != undecided["criterion"]


def test_a_plan_as_json_has_what_is_measured(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_speed, "gauge", lambda: 2 * of_reference().gauge)
    told = json.loads(place.call("plan", "--json", "--measure").out)
    assert told["measured"]["slower"] == pytest.approx(2)
    assert told["measured"]["seconds"] == pytest.approx(2 * told["studies"][0]["seconds"], abs=0.01)


def test_plan_tells_why_a_power_is_none(place: Place) -> None:
    told = place.call("plan").out
    # One-sided 0.03 for each of two looks: 0.03 ** (1 / 8).
    shown = "even 8 of 8 show only that the rate is above 0.65, not above 0.9"
    assert f"power 0.00 where every seed succeeds: {shown}" in told
    assert "power 1.00 where every seed succeeds\n" in told
    place.edit(
        "better: higher\n    cut: -1000\n    margin: 0.9", "better: lower\n    cut: -1000\n    margin: 0.1"
    )
    assert "power 0.00 where no seed succeeds: even 0 of 8 show only that the rate is below 0.35" in (
        place.call("plan").out
    )


def test_plan_counts_one_as_one_and_says_when_nothing_is_missing(trained: Place) -> None:
    told = trained.call("plan").out
    assert "small/pair (desk): 8 runs to begin with, 0 missing\n" in told
    assert "Nothing is missing of the first looks." in told
    _, path = min(trained.records().items())
    path.write_text("damaged")
    told = trained.call("plan").out
    assert "8 runs to begin with, 1 missing, 1 batch, " in told
    assert "In all 1 run is to be trained: about " in told


def test_plan_tells_why_it_speaks_of_days(place: Place) -> None:
    assert "no mistake" not in place.call("plan").out
    place.edit(
        "paper: {base: {iterations: 1000000}}",
        "paper: {base: {iterations: 1000000000, critic: {width: 512}}}",
    )
    assert "operations, as in the paper, and is for GPUs" in place.call("plan", "--scale", "paper").out


def test_plan_tells_what_is_still_missing(trained: Place) -> None:
    assert "8 runs to begin with, 0 missing" in trained.call("plan").out
    run, path = min(trained.records().items())
    path.write_text("damaged")
    (study,) = json.loads(trained.call("plan", "--json").out)["studies"]
    assert [each["id"] for each in study["runs"] if each["missing"]] == [run]


def test_report_as_json(trained: Place) -> None:
    answer = trained.call("report", "--json")
    decided, undecided = json.loads(answer.out)["claims"]
    assert keys(DOCS / "json.md", "run_suite.py report --json") == decided.keys()
    assert decided["id"] == "small/pair:decided"
    assert (decided["verdict"], decided["n"], decided["estimate"]) == ("reproduced", 4, 1.0)
    assert (undecided["verdict"], undecided["n"]) == ("inconclusive", 8)
    assert not decided["post_hoc"]
    assert len(decided["runs"]) == 4
    assert answer.err == ""


def test_report_without_results_evaluates_nothing(place: Place) -> None:
    place.begin()
    claims = json.loads(place.call("report", "--json").out)["claims"]
    assert [claim["verdict"] for claim in claims] == ["not evaluated"] * 2


def test_a_criterion_edited_after_the_results_is_told(trained: Place) -> None:
    trained.edit("margin: 0.3", "margin: 0.2")
    decided, undecided = json.loads(trained.call("report", "--json").out)["claims"]
    assert (decided["post_hoc"], undecided["post_hoc"]) == (True, False)


def test_status_as_json_and_text(trained: Place) -> None:
    answer = json.loads(trained.call("status", "--json").out)
    assert set(answer) == {"small/pair"}
    assert {state["state"] for state in answer["small/pair"]} == {"finished"}
    assert {state["run"] for state in answer["small/pair"]} == set(trained.records())
    assert trained.call("status").out.splitlines() == [
        "experiment  waiting  running  finished  diverged  failed  lost  missing  time left",
        "small/pair  -        -        12        -         -       -     -        -",
    ]


def test_status_tells_how_much_is_saved_of_runs_that_were_left(trained: Place) -> None:
    first, second = sorted(trained.records().values())[:2]
    leave(first, 5)
    assert status(trained)[2:] == ["saved  1 run, 25 % done: the next `run` or job goes on from there"]
    leave(second, 12)
    assert status(trained)[2].startswith("saved  2 runs, 42 % done on average: ")
    rows = json.loads(trained.call("status", "--json").out)["small/pair"]
    assert [row["share"] for row in rows if row["state"] == "missing"] == [0.25, 0.6]
    assert {row["share"] for row in rows if row["state"] == "finished"} == {None}


def leave(record: Path, iteration: int) -> None:
    """Make a finished run one that was saved at an iteration, and left."""
    record.unlink()
    save(RunFolder(record.parent), {"iteration": np.array(iteration)})


def status(place: Place) -> list[str]:
    """The lines of ``status``."""
    return place.call("status").out.splitlines()


def test_status_without_results(place: Place) -> None:
    place.begin()
    assert place.call("status").out.splitlines()[1].split() == ["small/pair", *"------", "8", "-"]


def test_validate_counts_files(place: Place) -> None:
    assert place.call("validate").out == "1 of 1 experiment files are valid\n"


def test_experiments_and_overrides_may_stand_between_options() -> None:
    options = parse(["run", "pair", "--quiet", "critic.width=3", "--scale", "smoke", "loss=minimax"])
    assert options.what == ["pair", "critic.width=3", "loss=minimax"]
    assert options.quiet
    assert options.scale == "smoke"


def test_the_command_that_makes_a_report_again_is_quoted() -> None:
    words = ["run", "small/*", "critic.width=4,8", "--tag", "toy", "--scale", "gpu"]
    assert selected(*words, "--pack", "my pack").typed("run") == (
        "uv run run_suite.py run 'small/*' critic.width=4,8 --tag toy --pack 'my pack' --scale gpu"
    )


@pytest.mark.parametrize("name", ["run", "status", "report"])
def test_folders_of_ones_own_are_named_again(name: str, tmp_path: Path) -> None:
    """Also where they have the names of the usual ones."""
    own = ["--experiments", str(tmp_path / "experiments"), "--results", str(tmp_path / "results")]
    assert selected(name, *own).typed(name) == f"uv run run_suite.py {name} --scale desk {' '.join(own)}"


def test_a_folder_of_data_is_named_again() -> None:
    selection = selected("run", "--data", "my data", "--results", "there")
    assert selection.typed("run") == "uv run run_suite.py run --scale desk --data 'my data' --results there"
    assert selection.again.folders == ("--data", "my data", "--results", "there")
    assert selected("run", "pair", "--pack", "mine").again.folders == ()


def test_commands_on_a_page_are_of_the_experiments_and_the_results_that_it_is_made_of(trained: Place) -> None:
    assert trained.call("report").status == 0
    page = html.unescape((trained.results / "report" / "desk" / "index.html").read_text())
    commands = re.findall(r"uv run run_suite\.py (run .*?)</", page)
    assert commands == [
        shlex.join(trained.words("run", "--scale", "desk")),
        *[shlex.join(trained.words("run", "small/pair", "--scale", "desk"))] * 3,
    ]
    before = {path: path.stat().st_mtime_ns for path in trained.records().values()}
    assert call(*shlex.split(commands[-1]), "--quiet", "--no-report").status == 0
    assert {path: path.stat().st_mtime_ns for path in trained.records().values()} == before


def test_words_of_a_comparison_come_in_its_order() -> None:
    selection = selected("compare", "a b", "now", "wgan/*", "--tag", "toy")
    again = selection.typed("compare", ("a b", "now"), ("--page", "one"))
    assert again == "uv run run_suite.py compare 'a b' now 'wgan/*' --tag toy --scale desk --page one"


@pytest.mark.parametrize("command", ["list", "report"])
def test_a_terminal_without_the_signs_is_no_problem(trained: Place, command: str) -> None:
    trained.edit("A pair of arms", "R² of two arms ✓")
    answer = trained.call(command, encoding="ascii")
    assert answer.status == 0
    assert "decided" in answer.out


def test_report_writes_a_page_and_does_not_train(trained: Place) -> None:
    before = trained.records()
    answer = trained.call("report")
    page = trained.results / "report" / "desk" / "index.html"
    assert f"report: {page}" in answer.out
    assert "of what was named" not in answer.out
    assert "The loss is above -1000" in page.read_text()
    assert trained.records() == before
    assert Path(page.parent / "report.json").exists()


def test_a_report_of_some_experiments_says_how_to_have_that_of_all(trained: Place) -> None:
    answer = trained.call("report", "small/pair")
    line = next(line for line in answer.out.splitlines() if "of what was named" in line)
    again = shlex.split(line.partition("run_suite.py ")[2].partition(" makes")[0])
    assert again[:3] == ["report", "--scale", "desk"]
    assert "small/pair" not in again
    assert str(trained.results) in again
