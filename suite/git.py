"""How git is called."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from suite.places import PACKAGE

OURS = PACKAGE.parent
"""The checkout that this code is in, if it is in one."""
BELONGS_TO_ANOTHER = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")
"""Set where git itself called this program, from a hook for instance."""


def called(root: Path, *words: str, text: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """What git does in a folder, and prints. FileNotFoundError where there is no git."""
    # Our checkout is taken also where it is another user's: its code runs already. No other one is.
    command = ["git", "-c", f"safe.directory={OURS}", "-C", str(root), *words]
    return subprocess.run(command, capture_output=True, input=text, check=False, env=environment())


def environment() -> Mapping[str, str]:
    """The variables of this process, without what would point git to another repository."""
    return {name: value for name, value in os.environ.items() if name not in BELONGS_TO_ANOTHER}
