"""What the commands print, and the gate's rulings."""

import argparse
import json
from pathlib import Path

import msgspec
import pytest

from suite.commands import compare as command
from suite.commands import gate
from suite.compare.arguments import comparing, gating
from suite.compare.as_json import as_json
from suite.compare.compare import Comparison
from suite.compare.markdown import markdown
from suite.compare.marks import GATE_WORDS, gate_marks
from suite.compare.text import text
from suite.errors import UserError
from suite.printing import width
from suite.store.seal import Flaw, Problem
from tests.compare.versions import ABOVE, ended, held_against, spread, study, version
from tests.docs.pages import DOCS, keys
from tests.training.settings import setting

OF = study()
SAME = held_against(OF, version(OF, spread(3)), version(OF, spread(3)))
WORSE = held_against(OF, version(OF, spread(5)), version(OF, spread(3), name="b" * 12))


def broken() -> Comparison:
    """A run that diverges now, and a record that does not count."""
    old, new = version(OF, spread(3)), version(OF, spread(3))
    first = next(iter(new))
    found = held_against(OF, old, {**new, first: ended(new[first], "diverged")})
    problem = Problem(Path("results/runs/x/y/record.json"), Flaw("edited", "does not fit its seal"))
    return found._replace(after=found.after._replace(problems=(problem,)))


def test_nothing_changed_is_a_few_lines() -> None:
    assert text(SAME, 120).splitlines() == [
        "before  the old one",
        "after   the new one",
        "runs    12 identical",
        "claims  1 identical",
    ]


def test_results_of_another_scale_are_told_of() -> None:
    desk, smoke = version(OF, spread(3)), version(study(scale="smoke"), spread(3))
    found = text(held_against(study(scale="gpu"), desk, smoke), 120)
    assert "runs    none on either side" in found
    assert "no results at gpu scale, but at smoke, desk: choose with --scale" in found


def test_of_another_scale_only_what_was_asked_for_counts() -> None:
    """A variant that was never trained has no results at any scale, whatever else has."""
    plain = version(OF, spread(3)), version(study(scale="smoke"), spread(3))
    for scale in ("desk", "smoke"):
        swept = study(scale=scale, overrides=("batch_size=8",), arms={"a": setting(batch_size=8)}, claims={})
        found = held_against(swept, *plain)
        sides = found.before._replace(name="v1", revision="abc"), found.after._replace(name="now")
        words = ("pair", "batch_size=8", "--scale", scale)
        found = found._replace(before=sides[0], after=sides[1], words=words)
        told = text(found, 120)
        assert "choose with --scale" not in told
        run = f"pair batch_size=8 --scale {scale} trains them"
        assert f"note    'v1' has no run of these: uv run run_suite.py run --revision v1 {run}\n" in told
        assert f"note    'now' has no run of these: uv run run_suite.py run {run}\n" in told


def test_which_side_lacks_runs_is_told_with_the_command_that_trains_them() -> None:
    whole = version(OF, spread(3))
    part = dict(list(whole.items())[:5])
    found = held_against(OF, whole, part)
    now = found._replace(
        before=found.before._replace(name="reference"), after=found.after._replace(name="now")
    )
    lines = text(now, 200).splitlines()
    cure = "uv run run_suite.py run --scale desk trains them"
    assert f"note    missing: 7 runs that 'reference' has and 'now' lacks: {cure}" in lines
    assert "note    name experiments to compare these alone" in lines
    back = held_against(OF, part, whole)
    old = back._replace(before=back.before._replace(name="v1", revision="abc"))
    cure = "uv run run_suite.py run --revision v1 --scale desk trains them"
    assert (
        f"note    new: 7 runs that {back.after.name!r} has and 'v1' lacks: {cure}"
        in text(old, 200).splitlines()
    )
    assert any("lacks" in line and "trains" not in line for line in text(back, 200).splitlines())


def test_the_command_that_trains_what_a_side_lacks_is_on_the_same_experiments_and_folders() -> None:
    whole = version(OF, spread(3))
    found = held_against(OF, whole, dict(list(whole.items())[:5]))
    words = ("pair", "batch_size=8", "--scale", "desk", "--pack", "my pack", "--results", "there")
    lacking = found.after._replace(name="my branch", revision="abc")
    told = text(found._replace(after=lacking, words=words), 200)
    assert (
        "'my branch' lacks: uv run run_suite.py run --revision 'my branch' pair batch_size=8 --scale desk "
        "--pack 'my pack' --results there trains them\n"
    ) in told
    now = found.after._replace(name="now")
    assert "run_suite.py run pair batch_size=8 --scale" in text(found._replace(after=now, words=words), 200)


def test_a_change_is_told_with_its_cause() -> None:
    found = text(WORSE, 120)
    assert "runs    12 changed" in found
    line = next(line for line in found.splitlines() if line.startswith("p/test:claim"))
    assert line.split() == [
        "p/test:claim",
        "worse",
        "reproduced",
        "-2",
        "[-2,",
        "-2]",
        "0.0595",
        "6",
        "0.031",
    ]
    assert "    by code" in found
    assert "cccccccccc Turn the penalty round" in found


def test_the_arms_that_changed_are_named_and_those_that_one_side_lacks_are_not() -> None:
    assert "\n12 runs changed  p/test: a; b\n" in text(WORSE, 120)
    assert "\n6 runs missing  p/test\n" in text(held_against(OF, version(OF, spread(3), seeds=3), {}), 120)


def test_what_does_not_count_is_told() -> None:
    found = text(broken(), 120)
    assert "new: not compared: results/runs/x/y/record.json: does not fit its seal" in found
    assert "finished, now diverged at iteration 3" in found


def test_a_terminal_without_signs_gets_none() -> None:
    assert text(broken(), 60, "ascii").isascii()


def test_claims_new_and_missing_are_counted_by_experiment() -> None:
    assert "claims missing: p/test (1)" in text(held_against(OF, version(OF, spread(3)), {}), 120)
    assert "1 claim without a run on either side" in text(held_against(OF, {}, {}), 120)


def test_json_has_what_programs_need() -> None:
    found = json.loads(json.dumps(as_json(WORSE), allow_nan=False))
    assert found["runs"] == {"changed": 12}
    (claim,) = found["claims"]
    assert (claim["id"], claim["mark"]) == ("p/test:claim", "worse")
    assert [each["cause"] for each in claim["attribution"]] == ["code"]
    assert claim["shift"]["estimate"] == pytest.approx(-2)
    assert len(found["changed_runs"]) == 12
    assert as_json(SAME)["changed_runs"] == []


def test_the_page_explains_every_key_of_the_json() -> None:
    assert keys(DOCS / "compare.md", "run_suite.py compare --json") == as_json(SAME).keys()


def test_json_has_no_infinities() -> None:
    old = version(OF, spread(3))
    lost = {name: ended(found, "diverged") for name, found in old.items()}
    (claim,) = json.loads(json.dumps(as_json(held_against(OF, old, lost)), allow_nan=False))["claims"]
    assert claim["mark"] == "verdict flipped"
    assert claim["shift"]["estimate"] is None


def test_markdown_is_a_table_that_nothing_breaks() -> None:
    hostile = study(claims={"claim": msgspec.structs.replace(ABOVE, says="<b>|")})
    found = held_against(hostile, version(hostile, spread(5)), version(hostile, spread(3), name="b" * 12))
    found = found._replace(before=found.before._replace(label="a | <script> `x`\nnext"))
    rows = [line for line in markdown(found).splitlines() if line.startswith("|")]
    assert {row.replace("\\|", "").count("|") for row in rows if "p/test" in row or "claim" in row} <= {5, 7}
    assert "<script>" not in markdown(found)
    assert "**worse**" in markdown(found)


def test_the_gate_fails_on_the_marks_it_is_told() -> None:
    worse, flipped = gate_marks("worse"), gate_marks("flipped")
    assert gate.rule(WORSE, worse).reasons == ("worse: p/test:claim",)
    assert gate.rule(WORSE, flipped).passed
    assert gate.rule(SAME, gate_marks(",".join(GATE_WORDS))).passed
    (reason,) = gate.rule(broken(), gate_marks("new-failure, flipped")).reasons[1:]
    assert reason.startswith("new failure: run p.test.a.s10")


def test_a_gate_that_compared_nothing_fails() -> None:
    for nothing in (held_against(OF, {}, {}), held_against(OF, version(OF, spread(3)), {})):
        ruling = gate.rule(nothing, gate_marks("flipped"))
        assert not ruling.passed
        assert ruling.reasons[0].startswith("nothing was compared")
    stricter = study(claims={"claim": msgspec.structs.replace(ABOVE, margin=2.0)})
    other = held_against(stricter, version(OF, spread(3)), version(stricter, spread(3)))
    assert gate.rule(other, gate_marks("flipped")).reasons == ("no claim was compared: 1 not comparable",)


def test_a_gate_that_passes_says_how_little_was_compared() -> None:
    claims = {name: msgspec.structs.replace(ABOVE, arm=name) for name in ("a", "b")}
    two = study(claims=claims)
    old = version(two, spread(3))
    part = {name: found for name, found in old.items() if found.run.arm == "a"}
    missing, silent = held_against(two, old, part), held_against(two, part, part)
    other = "gate: passed (1 of 2 claims compared; --fail-on missing makes the others count)\n"
    assert gate.rule(missing, gate_marks("flipped")).told() == other
    assert not gate.rule(missing, gate_marks("missing")).passed
    none = "gate: passed (1 of 2 claims compared; 1 have no run on either side)\n"
    assert gate.rule(silent, gate_marks("missing")).told() == none
    both = silent._replace(claims=missing.claims)
    told = "gate: passed (1 of 3 claims compared; 1 have no run on either side; --fail-on missing makes "
    assert gate.rule(both, gate_marks("flipped,new")).told().startswith(told)
    assert gate.rule(held_against(two, old, old), gate_marks("flipped")).told() == "gate: passed\n"


def test_unknown_words_are_refused_with_the_legal_ones() -> None:
    with pytest.raises(UserError, match="no rule 'identical'\n    rules: better, changed, fixed"):
        gate_marks("flipped,identical")
    with pytest.raises(UserError, match="no rule ''"):
        gate_marks("")


def options(add: object, *words: str) -> argparse.Namespace:
    """The options of a command's words."""
    parser = argparse.ArgumentParser()
    add(parser)  # type: ignore[operator]
    return parser.parse_args(words)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every comparison finds one claim worse."""
    monkeypatch.setattr(gate, "compared", lambda given: WORSE)
    monkeypatch.setattr(command, "compared", lambda given: WORSE)


@pytest.mark.usefixtures("compared")
def test_the_status_is_the_gates_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "comment.md"
    assert command.run(options(comparing, "a", "b", "--markdown", str(file))) == 0
    assert file.read_text() == markdown(WORSE)
    assert gate.run(options(gating, "a", "b")) == 1
    assert capsys.readouterr().out.endswith("gate: failed\n    worse: p/test:claim\n")
    assert gate.run(options(gating, "a", "b", "--fail-on", "flipped", "--json")) == 0
    assert json.loads(capsys.readouterr().out)["gate"] == {
        "passed": True,
        "fail_on": ["verdict flipped"],
        "reasons": [],
    }


@pytest.mark.usefixtures("compared")
def test_a_file_that_cannot_be_written_costs_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(OSError, match="Is a directory"):
        command.run(options(comparing, "a", "b", "--markdown", str(tmp_path)))
    printed = capsys.readouterr().out
    command.run(options(comparing, "a", "b"))
    assert printed == capsys.readouterr().out != ""


@pytest.mark.usefixtures("compared")
def test_markdown_alone_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    command.run(options(comparing, "a", "b", "--markdown", "-"))
    assert capsys.readouterr().out == markdown(WORSE)


@pytest.mark.usefixtures("compared")
def test_the_ruling_stands_below_the_comparison_in_every_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ruling = "gate: failed\n    worse: p/test:claim\n"
    gate.run(options(gating, "a", "b", "--markdown", "-"))
    assert capsys.readouterr().out == f"{markdown(WORSE)}\n```\n{ruling}```\n"
    file = tmp_path / "comment.md"
    gate.run(options(gating, "a", "b", "--json", "--markdown", str(file)))
    assert file.read_text() == f"{markdown(WORSE)}\n```\n{ruling}```\n"
    told = json.loads(capsys.readouterr().out)
    assert told.pop("gate")["reasons"] == ["worse: p/test:claim"]
    assert told == as_json(WORSE)
    gate.run(options(gating, "a", "b"))
    assert capsys.readouterr().out == f"{text(WORSE, width())}\n{ruling}"


def test_help_names_every_word_of_a_gate() -> None:
    help_ = " ".join(action.help or "" for action in _actions())
    assert all(word in help_ for word in GATE_WORDS)


def _actions() -> list[argparse.Action]:
    parser = argparse.ArgumentParser()
    gating(parser)
    return parser._actions
