"""Where this program's own files are: beside suite/ in a checkout, inside it where it was installed.

A wheel has the experiments, the reference and the profiles of clusters in ``suite/shipped``; pyproject.toml
says so. Imports nothing of the suite, so that help is there at once.
"""

import os
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
COMMAND: Final = "run_suite" if INSTALLED else "uv run run_suite.py"
"""What is typed to call it."""


def told(text: str) -> str:
    """A text that names the program as in a checkout, with the name that it has here."""
    if not INSTALLED:
        return text
    return text.replace("uv run run_suite.py", COMMAND).replace("run_suite.py", COMMAND)


def settle() -> None:
    """For an installed program: data lie where it is called, and the git repository that its environment may
    lie in is not its own. In this process and those that it starts.
    """
    if not INSTALLED:
        return
    os.environ.setdefault("WGAN_SUITE_DATA", str(Path.cwd() / "data"))
    above = [str(PACKAGE.parent.parent), os.environ.get("GIT_CEILING_DIRECTORIES", "")]
    os.environ["GIT_CEILING_DIRECTORIES"] = os.pathsep.join(filter(None, above))
