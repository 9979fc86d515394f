"""Commands are printed as the program was called, so that they can be typed again."""

import os
import re
import subprocess
import sys

import pytest

from suite import places
from suite.places import called, with_program_name
from tests.cli.calls import SCRIPT, Place, call

UV = {"UV_RUN_RECURSION_DEPTH": "1"}
PYTHON = "/there/.venv/bin/python"


@pytest.mark.parametrize(
    ("arguments", "original", "variables", "expected"),
    [
        (["run_suite.py", "list"], [PYTHON, "run_suite.py", "list"], UV, "uv run run_suite.py"),
        (["run_suite.py"], ["python3", "run_suite.py"], {}, "python3 run_suite.py"),
        (
            ["../a b/run_suite.py"],
            [PYTHON, "-O", "../a b/run_suite.py"],
            {},
            f"{PYTHON} '../a b/run_suite.py'",
        ),
        (["/there/.venv/bin/run_suite"], [PYTHON, "/there/.venv/bin/run_suite"], {}, "run_suite"),
        (["/there/.venv/bin/run_suite"], [PYTHON, "/there/.venv/bin/run_suite"], UV, "uv run run_suite"),
        (["/there/pytest"], [PYTHON, "/there/pytest"], UV, "uv run run_suite.py"),
        ([], [PYTHON], {}, "uv run run_suite.py"),
    ],
)
def test_as_it_was_called(
    arguments: list[str], original: list[str], variables: dict[str, str], expected: str
) -> None:
    assert called(arguments, original, variables) == expected


def test_an_installed_program_is_its_console_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "INSTALLED", True)
    assert called(["-c"], [PYTHON], UV) == "run_suite"


@pytest.mark.parametrize("command", ["uv run run_suite.py", "run_suite", ".venv/bin/python run_suite.py"])
def test_a_text_is_told_once_whoever_tells_it(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "COMMAND", command)
    text = "type run_suite.py list, or uv run run_suite.py data; not /frozen/run_suite.py"
    expected = f"type {command} list, or {command} data; not /frozen/run_suite.py"
    assert with_program_name(text) == with_program_name(with_program_name(text)) == expected


@pytest.mark.parametrize("under", [{}, UV])
def test_every_command_that_is_printed_is_one_that_was_typed(place: Place, under: dict[str, str]) -> None:
    """Of `new`, of a mistake, of help: each that names the program at all."""
    variables = {name: text for name, text in os.environ.items() if name not in UV} | under
    typed = f"uv run {SCRIPT}" if under else f"{sys.executable} {SCRIPT}"
    for words in (["new", "my-paper/first"], ["compare", "reference", str(place.root)], ["--help"]):
        done = subprocess.run(
            [sys.executable, SCRIPT, *words],
            cwd=place.root, env=variables, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert said.count("run_suite.py") == said.count(typed) > 0, said


def test_help_shows_commands_that_a_shell_leaves_alone() -> None:
    examples = [line for line in call("--help").out.splitlines() if line.startswith("  uv run")]
    assert any('"wgan-gp/*"' in line for line in examples)
    assert not [line for line in examples if set("*?[") & set(re.sub('"[^"]*"', "", line))]
