"""The Python that runs a revision: its own, with the packages it pins, or the one that is running."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from suite.errors import UserError
from suite.revisions.git import environment

Choice = Literal["pinned", "current"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
OWN = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "PYTHONHOME", "PYTHONPATH")
"""Of this process; a revision's own interpreter has its own."""


def interpreter(code: Path, choice: Choice) -> Path:
    """The Python for the code in a folder; installs what it pins, into ``.venv`` there. UserError where
    uv is missing or fails.
    """
    return Path(sys.executable) if choice == "current" else _synchronised(code)


def variables(code: Path, choice: Choice) -> dict[str, str]:
    """The environment variables for it."""
    if choice == "pinned":
        return _without(OWN)
    return {**_without(("PYTHONHOME",)), "PYTHONPATH": str(code)}


def _synchronised(code: Path) -> Path:
    uv = shutil.which("uv")
    if uv is None:
        raise UserError(
            "uv: no such program; it installs the packages that a revision pins\n"
            "    pip install uv, or --environment current for the packages that are here"
        )
    # Its own words on what it installs go where progress goes.
    found = subprocess.run([uv, "sync", "--no-dev"], cwd=code, stdout=2, env=_without(OWN), check=False)
    if found.returncode:
        raise UserError(
            f"uv could not install what {code} pins\n"
            "    see above, or --environment current for the packages that are here"
        )
    return code / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _without(names: tuple[str, ...]) -> dict[str, str]:
    inherited: Mapping[str, str] = environment()
    return {name: value for name, value in inherited.items() if name not in names}
