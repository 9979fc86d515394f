"""Which code is running: its fingerprint and its commit."""

import hashlib
import subprocess
from functools import cache
from pathlib import Path

from suite.store.record import Code

ROOT = Path(__file__).resolve().parents[2]
AFFECTS_RESULTS = (
    "suite/series.py",
    "suite/streams.py",
    "suite/data",
    "suite/networks",
    "suite/objectives",
    "suite/metrics",
    "suite/training",
    "suite/spec/schema.py",
    "suite/spec/runs.py",
    "suite/spec/identity.py",
)
"""The declared fingerprint: what a run's numbers can depend on. The rest of the code can
change without any run having to be trained again."""


@cache
def fingerprint() -> str:
    """Hash of the files that can affect a result, 12 hexadecimal digits."""
    total = hashlib.sha256()
    for path in _sources():
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        total.update(path.read_bytes() + b"\0")
    return total.hexdigest()[:12]


def _sources() -> list[Path]:
    found: list[Path] = []
    for name in AFFECTS_RESULTS:
        place = ROOT / name
        found += sorted(place.rglob("*.py")) if place.is_dir() else [place]
    return found


@cache
def code() -> Code:
    """The version of the running code; the commit is empty outside a git checkout."""
    changed = hashlib.sha256(patch().encode()).hexdigest()[:12] if patch() else ""
    return Code(fingerprint(), _git("rev-parse", "HEAD").strip(), changed)


@cache
def patch() -> str:
    """The uncommitted changes of the checkout."""
    return _git("diff", "HEAD")


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, errors="replace").stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
