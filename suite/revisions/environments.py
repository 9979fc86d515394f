"""The Python that runs a revision: its own, with the packages it pins, or the one that is running."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from suite.errors import UserError
from suite.git import environment
from suite.printing import say

Choice = Literal["pinned", "current"]
OWN = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "PYTHONHOME", "PYTHONPATH")
"""Of this process; a revision's own interpreter has its own."""


def interpreter(code: Path, packages: Path, choice: Choice) -> Path:
    """The Python for the code in a folder; installs what it pins into the folder ``packages``, for the Python
    that is running unless the code names one. UserError where uv is missing or fails.
    """
    return Path(sys.executable) if choice == "current" else _synchronised(code, packages.absolute())


def variables(code: Path, choice: Choice) -> dict[str, str]:
    """The environment variables for it."""
    taken = OWN if choice == "pinned" else ("PYTHONHOME",)
    return {**_without(taken), "PYTHONPATH": str(code)}


def _synchronised(code: Path, packages: Path) -> Path:
    uv = shutil.which("uv")
    if uv is None:
        raise UserError(
            "uv: no such program; it installs the packages that a revision pins\n"
            "    pip install uv, or --environment current for the packages that are here"
        )
    if not packages.exists():
        say(sys.stderr, f"uv installs the packages that it pins into {packages}")
    # Without the project: its code is that of each worktree. uv's own words go where progress goes.
    command = [uv, "sync", "--no-dev", "--no-install-project"]
    found = subprocess.run(command, cwd=code, stdout=2, env=_for_uv(code, packages), check=False)
    if found.returncode:
        raise UserError(
            f"uv could not install what {code} pins\n"
            "    see above, or --environment current for the packages that are here"
        )
    return packages / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _for_uv(code: Path, packages: Path) -> dict[str, str]:
    """With the same Python for every revision: what differs is then what it pins."""
    ours = {} if (code / ".python-version").exists() else {"UV_PYTHON": sys.executable}
    return {**ours, **_without(OWN), "UV_PROJECT_ENVIRONMENT": str(packages)}


def _without(names: tuple[str, ...]) -> dict[str, str]:
    inherited: Mapping[str, str] = environment()
    return {name: value for name, value in inherited.items() if name not in names}
