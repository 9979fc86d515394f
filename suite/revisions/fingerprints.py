"""The fingerprint of the code at a revision, without running more of it than need be.

A revision that makes fingerprints as this one does is read from git's objects. One that made them
otherwise is asked: its own suite/store/version.py is run in a copy.
"""

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from tokenize import TokenError

from suite.errors import UserError
from suite.revisions.git import Commit, Repository
from suite.revisions.places import FINGERPRINT, place
from suite.store.files import write
from suite.store.meaning import meaning
from suite.store.version import AFFECTS_RESULTS, ASKED_OF_RECORDS, ROOT, SCHEME, hash_of

ASK = """\
import sys
sys.path.insert(0, sys.argv[1])
from suite.store.version import fingerprint
print(fingerprint())
"""


def fingerprint_at(repository: Repository, commit: Commit, results: Path) -> str:
    """The fingerprint under which the results of a commit lie, 12 hexadecimal digits; kept in ``results`` by
    commit. UserError for one that has no fingerprint.
    """
    kept = place(results, commit) / FINGERPRINT
    with suppress(OSError, UnicodeDecodeError):
        if _is_fingerprint(known := kept.read_text().strip()):
            return known
    found = _found(repository, commit)
    with suppress(OSError):
        write(kept, f"{found}\n".encode())
    return found


def _found(repository: Repository, commit: Commit) -> str:
    tree = repository.tree(commit, "suite")
    try:
        if has_this_scheme(repository, tree):
            return read(repository, tree)
    except UserError as error:
        raise UserError(f"the code at {commit.told} has no fingerprint: {error}") from None
    return asked(repository, commit)


def has_this_scheme(repository: Repository, tree: Mapping[str, str]) -> bool:
    """Whether a revision makes fingerprints as the code does that is running."""
    if not all(name in tree for name in SCHEME):
        return False
    return _scheme() == meanings(repository, [(name, tree[name]) for name in SCHEME])


@cache
def _scheme() -> list[str]:
    """What makes a fingerprint here."""
    return [meaning((ROOT / name).read_text()) for name in SCHEME]


def read(repository: Repository, tree: Mapping[str, str]) -> str:
    """The fingerprint of the files in a tree of git's, by the scheme of the code that is running. UserError
    where one is missing, or is not Python.
    """
    every = [path for name in AFFECTS_RESULTS for path in below(name, tree)]
    names = [path for path in every if path not in ASKED_OF_RECORDS]
    if missing := [name for name in names if name not in tree]:
        raise UserError(f"it lacks {missing[0]}\n    give a revision that is whole")
    texts = meanings(repository, [(name, tree[name]) for name in names])
    return hash_of({name: text.encode() for name, text in zip(names, texts, strict=True)})[:12]


def below(name: str, tree: Mapping[str, str]) -> list[str]:
    """The Python files of a tree that a path stands for: itself, or all below it."""
    inside = [path for path in tree if path.startswith(f"{name}/") and path.endswith(".py")]
    return sorted(inside, key=PurePosixPath) or [name]


def meanings(repository: Repository, files: Sequence[tuple[str, str]]) -> list[str]:
    """What files say to Python, by their paths and the hashes of their contents. UserError where one is not
    Python.
    """
    new = repository.contents(each for _, each in files if each not in _KNOWN)
    for path, each in files:
        if each not in _KNOWN:
            _KNOWN[each] = _meaning(path, new[each])
    return [_KNOWN[each] for _, each in files]


_KNOWN: dict[str, str] = {}
"""By hash of the content: many revisions share most files."""


@cache
def asked(repository: Repository, commit: Commit) -> str:
    """What a revision's own code says its fingerprint is."""
    with TemporaryDirectory(prefix="wgan-suite-") as folder:
        repository.extract(commit, Path(folder), "suite")
        command = [sys.executable, "-I", "-c", ASK, folder]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    found = answer.stdout.strip()
    if answer.returncode or not _is_fingerprint(found):
        reason = (answer.stderr.strip().splitlines() or ["it printed something else"])[-1]
        raise UserError(f"the code at {commit.told} does not tell its fingerprint\n    {reason}")
    return found


def _meaning(path: str, content: bytes) -> str:
    line = ""
    try:
        return meaning(content.decode())
    except SyntaxError as error:  # Its own text names no file but <unknown>.
        line, reason = f", line {error.lineno}" if error.lineno else "", error.msg
    except (TokenError, UnicodeDecodeError) as error:
        reason = str(error)
    raise UserError(f"{path}{line}: not Python: {reason}\n    give a revision where it is") from None


def _is_fingerprint(text: str) -> bool:
    return re.fullmatch("[0-9a-f]{12}", text) is not None
