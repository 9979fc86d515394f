"""What the README says to type works."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from suite.cli import parser

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    shlex.split(line.split("&&")[-1])
    for line in README.splitlines()
    if line.startswith("    ") and "uv run" in line
]
ON_A_CLUSTER = {"doctor", "launch"}
"""Commands that tests/cluster tries: where there is a SLURM they would submit hundreds of runs."""
SUITE = [command[2:] for command in COMMANDS if command[2] == "run_suite.py"]


def in_a_shell(arguments: list[str], results: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the README with results of its own, at smoke scale where it trains."""
    options = arguments[1:] if "data" in arguments else [*arguments[1:], "--results", str(results)]
    if "run" in arguments and "--scale" not in arguments:
        options += ["--scale", "smoke"]
    command = [sys.executable, str(ROOT / "run_suite.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_the_readme_has_its_two_commands() -> None:
    assert ["uv", "run", "run_suite.py", "run"] in COMMANDS
    assert ["uv", "run", "pytest", "-n", "auto"] in COMMANDS


@pytest.mark.parametrize("arguments", SUITE, ids=" ".join)
def test_every_command_is_one(arguments: list[str]) -> None:
    assert callable(parser().parse_args(arguments[1:]).command)


@pytest.mark.slow
def test_the_commands_run_in_their_order(tmp_path: Path) -> None:
    for arguments in (each for each in SUITE if each[1] not in ON_A_CLUSTER):
        done = in_a_shell(arguments, tmp_path)
        assert done.returncode == 0, (arguments, done.stderr)
    assert (tmp_path / "report" / "smoke" / "index.html").stat().st_size > 10_000


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    for link in links:
        assert link.startswith("https://") or (ROOT / link).exists(), link


def test_the_readme_and_the_docs_name_every_experiment_of_the_scoreboard() -> None:
    ids = {
        f"{path.parent.name}/{path.stem}".replace("_", "-")
        for path in (ROOT / "experiments").glob("*/*.yaml")
        if path.name != "paper.yaml"
    }
    claims = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^### ([a-z0-9-]+/[a-z0-9-]+)$", claims, flags=re.MULTILINE))
    assert shown == ids
