"""Where this program's own files are: beside suite/ in a checkout, inside it where it was installed.

A wheel has the experiments, the reference and the profiles of clusters in ``suite/shipped``; pyproject.toml
says so. Imports nothing of the suite, so that help is there at once.
"""

import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parent
SHIPPED: Final = PACKAGE / "shipped"
INSTALLED: Final = SHIPPED.is_dir()
HOME: Final = SHIPPED if INSTALLED else PACKAGE.parent
"""The folder that has what is shipped."""

EXPERIMENTS: Final = HOME / "experiments"
CLUSTERS: Final = HOME / "clusters"
PROGRAM: Final = HOME / "run_suite.py"
KEPT: Final = HOME / "results"
"""Results that came with the program: those with the reference."""
RESULTS: Final = Path.cwd() / "results" if INSTALLED else KEPT
"""Where results go: an installed program writes into the folder that it is called in."""
SCRIPT: Final = "run_suite.py"
CONSOLE: Final = "run_suite"
"""The command of an installed program."""
UNDER_UV: Final = "UV_RUN_RECURSION_DEPTH"
"""The variable that `uv run` sets."""


def called(arguments: Sequence[str], original: Sequence[str], variables: Mapping[str, str]) -> str:
    """What was typed to call the program, without the words after it, to be typed again.

    ``arguments`` as in ``sys.argv``, ``original`` as in ``sys.orig_argv``. A checkout that is used
    otherwise, as by a worker, is called as the documentation does it.
    """
    if INSTALLED:
        return CONSOLE
    first = arguments[0] if arguments else ""
    name, uv = Path(first).name, "uv run " if UNDER_UV in variables else ""
    if name == CONSOLE:
        return f"{uv}{CONSOLE}"
    if name != SCRIPT:
        return f"uv run {SCRIPT}"
    return f"{uv}{shlex.quote(first)}" if uv else shlex.join([original[0], first])


COMMAND: Final = called(sys.argv, sys.orig_argv, os.environ)
"""What is typed to call it, in every command that it prints."""


def with_program_name(text: str) -> str:
    """A text that names the program as in a checkout, with the name by which it was called here."""
    there_already = rf"{re.escape(COMMAND)}(?!\.py)"
    return re.sub(rf"{there_already}|(?<![\w./-])(?:uv run )?run_suite\.py", lambda _: COMMAND, text)


def into(results: Path) -> list[str]:
    """The words of a command that name a folder of results; none where it is the usual one."""
    return [] if results == RESULTS else ["--results", str(results)]


def settle() -> None:
    """For an installed program: data lie where it is called, and the git repository that its environment may
    lie in is not its own. In this process and those that it starts.
    """
    if not INSTALLED:
        return
    os.environ.setdefault("WGAN_SUITE_DATA", str(Path.cwd() / "data"))
    above = [str(PACKAGE.parent.parent), os.environ.get("GIT_CEILING_DIRECTORIES", "")]
    os.environ["GIT_CEILING_DIRECTORIES"] = os.pathsep.join(filter(None, above))
