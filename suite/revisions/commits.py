"""The commits between two revisions, and the commit of the code as it is: as far as results can tell."""

from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from msgspec.structs import replace

from suite.errors import UserError
from suite.revisions.fingerprints import fingerprint_at, meanings
from suite.revisions.git import EVER_AFFECTED, Edit, Repository, here
from suite.store.record import Code
from suite.store.version import ASKED_OF_RECORDS, code, fingerprint

LOOKED_INTO = 64
"""Commits of which what their files say is compared, the oldest first, since each takes its time. Those of a
longer history are told as they are.
"""


def commits_between(first: str, last: str) -> list[tuple[str, str]]:
    """Commit and subject of the commits between two revisions that make another fingerprint, oldest first;
    where neither descends from the other, those of both sides.
    """
    repository = here()
    found = repository.edits(repository.commit(first), repository.commit(last), EVER_AFFECTED)
    return [
        (commit.id, commit.subject)
        for number, (commit, edits) in enumerate(found.items())
        if number >= LOOKED_INTO or _counts(repository, edits)
    ]


@cache
def code_now(results: Path) -> Code:
    """The code as it is, with uncommitted changes only where they make another fingerprint than HEAD's."""
    now = code()
    with suppress(UserError):
        repository = here()
        if now.patch and fingerprint_at(repository, repository.commit("HEAD"), results) == fingerprint():
            return replace(now, patch="")
    return now


def _counts(repository: Repository, edits: Iterable[Edit]) -> bool:
    """Whether a commit's edits make another fingerprint. Of a merge git tells none: it joins two sides'."""
    known = list(edits)
    of_code = (each for each in known if each.path.endswith(".py") and each.path not in ASKED_OF_RECORDS)
    return not known or any(_says_otherwise(repository, each) for each in of_code)


def _says_otherwise(repository: Repository, edit: Edit) -> bool:
    if not edit.before or not edit.after:
        return True
    try:
        old, new = meanings(repository, [(edit.path, edit.before), (edit.path, edit.after)])
    except UserError:
        return True
    return old != new
