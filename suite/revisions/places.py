"""Where what is kept of a revision lies: results/versions/<commit>/."""

import re
from pathlib import Path

from suite.revisions.git import Commit

FOLDER = "versions"
CODE = "code"
"""Its worktree."""
FINGERPRINT = "fingerprint"


def place(results: Path, commit: Commit) -> Path:
    """The folder of a commit. Raises ValueError for what is no commit's hash."""
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", commit.id):
        raise ValueError(f"not a commit: {commit.id!r}")
    return results / FOLDER / commit.id
