"""Where what is kept of a revision lies: results/versions/<commit>/; and of revisions that pin the same
packages: results/versions/environments/<hash>/.
"""

import re
from pathlib import Path

from suite.revisions.git import Commit, Repository
from suite.store.version import hash_of

FOLDER = "versions"
CODE = "code"
"""Its worktree."""
FINGERPRINT = "fingerprint"
ENVIRONMENTS = "environments"
PINS = ("pyproject.toml", "uv.lock", ".python-version")
"""The files that say which packages and which Python."""


def place(results: Path, commit: Commit) -> Path:
    """The folder of a commit. Raises ValueError for what is no commit's hash."""
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", commit.id):
        raise ValueError(f"not a commit: {commit.id!r}")
    return results / FOLDER / commit.id


def packages(results: Path, repository: Repository, commit: Commit) -> Path:
    """The folder of the packages that a commit pins: one for all commits with the same pins."""
    files = repository.tree(commit, *PINS)
    key = hash_of({name: files[name].encode() for name in PINS if name in files})[:12]
    return results / FOLDER / ENVIRONMENTS / key
