"""Which code is running: its fingerprint and its commit."""

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

import msgspec

from suite.git import called
from suite.store.files import write
from suite.store.meaning import meaning
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
    "suite/spec/schema",
    "suite/spec/sizes.py",
    "suite/spec/runs.py",
    "suite/spec/identity.py",
    "suite/spec/packs/code.py",
)
"""The declared fingerprint: what a run's numbers can depend on. The rest of the code can
change without any run having to be trained again. What packs add to it is in `suite.store.version_names`."""
ASKED_OF_RECORDS = tuple(f"suite/spec/schema/{name}.py" for name in ("claim", "experiment", "figure"))
"""Of these, what says how runs are judged and drawn, not how they are trained."""

SCHEME = ("suite/store/version.py", "suite/store/meaning.py")
"""What makes a fingerprint of these files."""
KEPT = ROOT / "suite" / "__pycache__" / "fingerprint"
"""The last fingerprint, behind the hash of the exact files it is of and by: finding it takes a while."""
DIFF = ("diff", "--binary", "--no-color", "--no-ext-diff")
DIFFERENT = 1
"""What git returns where it has compared files outside its index, and found them to differ."""
OWN = ("suite", "experiments")
"""Folders of which new files are part of a version."""
FROZEN = "frozen.json"
"""In a copy of the code that jobs of a cluster run from: the version it was copied from."""


@cache
def fingerprint() -> str:
    """Hash of what the files say that can affect a result, 12 hexadecimal digits. Comments do not count."""
    sources = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in _sources()}
    exact = hash_of({**sources, **{name: (ROOT / name).read_bytes() for name in SCHEME}})
    with suppress(OSError, UnicodeDecodeError):
        known, _, found = KEPT.read_text().partition(" ")
        if known == exact:
            return found
    found = hash_of({name: meaning(text.decode()).encode() for name, text in sources.items()})[:12]
    with suppress(OSError):
        write(KEPT, f"{exact} {found}".encode())
    return found


def _sources() -> list[Path]:
    found: list[Path] = []
    for name in AFFECTS_RESULTS:
        place = ROOT / name
        found += sorted(place.rglob("*.py")) if place.is_dir() else [place]
    return [path for path in found if path.relative_to(ROOT).as_posix() not in ASKED_OF_RECORDS]


def hash_of(sources: Mapping[str, bytes]) -> str:
    """SHA-256 of names and contents, in their order."""
    total = hashlib.sha256()
    for name, text in sources.items():
        total.update(name.encode() + b"\0" + text + b"\0")
    return total.hexdigest()


@cache
def code() -> Code:
    """The version of the running code; the commit is empty outside a git checkout."""
    with suppress(FileNotFoundError):
        return msgspec.json.decode((ROOT / FROZEN).read_bytes(), type=Code)
    changed = hashlib.sha256(patch()).hexdigest()[:12] if patch() else ""
    return Code(fingerprint(), _git("rev-parse", "HEAD").decode().strip(), changed)


@cache
def patch() -> bytes:
    """The uncommitted changes of the checkout, new files of ``OWN`` too, as ``git apply`` takes them."""
    new = _git("ls-files", "-z", "--others", "--exclude-standard", "--", *OWN).split(b"\0")
    added = (_git(*DIFF, "--no-index", "--", "/dev/null", os.fsdecode(name)) for name in new if name)
    return b"".join([_git(*DIFF, "HEAD"), *added])


def _git(*arguments: str) -> bytes:
    """What git says; nothing where this is no checkout of its own, such as a folder in another project's."""
    if not (ROOT / ".git").exists():
        return b""
    try:
        found = called(ROOT, *arguments)
    except OSError:
        return b""
    return found.stdout if found.returncode <= DIFFERENT else b""
