"""What the documentation says to type is right: commands, Python, experiments."""

import re
import shlex
from pathlib import Path

import pytest

from suite.cli import parse, parser
from suite.commands.choose import split
from suite.errors import UserError
from suite.spec.library import select
from suite.spec.load import check_text
from suite.spec.overrides import parse_overrides
from suite.store.reference import read_reference
from suite.store.store import Store
from tests.docs.pages import DOCS, PAGES, ROOT, fenced, shell_lines, text

SUITE = "uv run run_suite.py "
COMMANDS = sorted(
    {line[len(SUITE) :] for page in PAGES for line in shell_lines(page) if line.startswith(SUITE)}
    | {
        line.split("&& ")[-1][len(SUITE) :]
        for page in PAGES
        for line in shell_lines(page)
        if f"&& {SUITE}" in line
    }
)
A_FORM = ("[", "<")
"""In a line that shows a command's form, not a command."""
TO_TYPE = [line for line in COMMANDS if not any(sign in line for sign in A_FORM)]
MENTIONED = sorted({each for page in PAGES for each in re.findall(r"`run_suite\.py ([^`]*)`", text(page))})
NO_EXPERIMENTS = {"data"}
GRADIENT_NORMS = ROOT / "experiments" / "wgan_gp" / "gradient_norms.yaml"


def test_there_are_commands_of_each_kind() -> None:
    assert {line.split()[0] for line in TO_TYPE} >= {"run", "plan", "list", "validate", "launch", "compare"}
    assert len(TO_TYPE) > 25


@pytest.mark.parametrize("line", TO_TYPE)
def test_every_command_is_one_and_its_experiments_are_there(line: str) -> None:
    options = parse(shlex.split(line))
    if shlex.split(line)[0] not in NO_EXPERIMENTS:
        patterns, overrides = split(options.what)
        packs = [ROOT / folder / "experiments" for folder in options.pack]
        # `my_paper` is one that a reader makes: tests/packs makes it, too.
        assert "my_paper" in map(str, options.pack) or select(ROOT / "experiments", patterns, more=packs)
        parse_overrides(overrides)


@pytest.mark.parametrize("line", MENTIONED)
def test_commands_and_options_that_sentences_name_are_there(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command, *rest = line.split()
    with pytest.raises(SystemExit):
        parser().parse_args([command, "--help"])
    told = capsys.readouterr().out
    assert told.startswith(f"usage: uv run run_suite.py {command} ")
    assert [word for word in rest if word.startswith("-") and word not in told] == []


@pytest.mark.parametrize("page", [page for page in PAGES if fenced(page, "python")], ids=lambda p: p.name)
def test_python_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Block after block, on the reference's records."""
    reference = read_reference(ROOT / "results")
    store = Store(tmp_path / "results", reference.head.fingerprint)
    for name, record in reference.records.items():
        if record.run.experiment in ("wgan-gp/gradient-norms", "wgan-gp/value-surfaces"):
            store.folder(name).finish(record)
    monkeypatch.chdir(tmp_path)
    space: dict[str, object] = {}
    for block in fenced(page, "python"):
        exec(compile(block, page.name, "exec"), space)


def test_the_claim_to_be_added_is_valid() -> None:
    (claim, _) = fenced(DOCS / "add_a_claim.md", "yaml")
    assert claim.startswith("claims:\n")
    whole = GRADIENT_NORMS.read_text(encoding="utf-8").replace("claims:\n", claim, 1)
    check(whole, "wgan-gp/gradient-norms", "gulrajani2017")
    of_nobody = whole.replace("versus: penalty\n", "versus: nobody\n")
    with pytest.raises(UserError, match="nobody"):
        check(of_nobody, "wgan-gp/gradient-norms", "gulrajani2017")


def test_the_experiment_to_be_added_is_valid() -> None:
    (_, whole) = fenced(DOCS / "add_a_claim.md", "yaml")
    check(whole, "wgan/small-example", "arjovsky2017")


def check(text_: str, name: str, paper: str) -> None:
    """UserError where an experiment's file is not valid."""
    check_text(text_.encode(), "docs", name, paper, ROOT / "experiments")


def test_every_block_with_a_language_is_of_one_that_is_checked() -> None:
    fences = {line for page in PAGES for line in text(page).splitlines() if line.startswith("```")}
    assert fences <= {"```", "```python", "```yaml", "```{toctree}", "```{eval-rst}"}
