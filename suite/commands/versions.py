"""``versions``: which versions of the code have results here, what they take, and how to be rid of them."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from suite import places
from suite.cluster.dispatch import require_no_jobs
from suite.errors import UserError
from suite.plain import columns
from suite.printing import print_json
from suite.store.inventory import Version, remove, versions
from suite.store.nearby import require_results
from suite.store.version import fingerprint, patch
from suite.store.version_names import apart, loaded

MEGABYTE = 10**6


def run(options: argparse.Namespace) -> int:
    """List the versions, or remove the named ones."""
    require_results(options.results)
    names = [*options.remove, *(others(options.results) if options.remove_others else ())]
    for name in dict.fromkeys(names):
        require_no_jobs(options.results, name)
        remove(options.results, name)
        sys.stderr.write(f"removed {name}\n")
    found, head = versions(options.results), at_head(options.results)
    if options.json:
        marks = ({"now": is_of(each, fingerprint()), "head": is_of(each, head)} for each in found)
        print_json([each._asdict() | mark for each, mark in zip(found, marks, strict=True)])
    else:
        sys.stdout.write(told(found, options.results, head))
    return 0


def others(results: Path) -> list[str]:
    """The versions of other code."""
    head = at_head(results)
    return [each.name for each in versions(results) if is_other(each, head)]


@cache
def at_head(results: Path) -> str:
    """The fingerprint of the last commit's code; empty where there is none, or it cannot be read."""
    from suite.revisions.fingerprints import fingerprint_at
    from suite.revisions.git import here

    with suppress(UserError):
        repository = here()
        commit = repository.commit("HEAD")
        return fingerprint_at(repository, commit, results) if patch() else fingerprint()
    return ""


def is_of(version: Version, code: str) -> bool:
    """Whether results are of this code, and of their packs as they are, where these are here."""
    suite, used = apart(version.name)
    known = dict(loaded())
    return suite == code and all(known.get(name, of_it) == of_it for name, of_it in used.items())


def is_other(version: Version, head: str) -> bool:
    """Whether results are neither of the code as it is nor of the last commit's."""
    return not is_of(version, fingerprint()) and not is_of(version, head)


def told(found: Sequence[Version], root: Path, head: str) -> str:
    """A table for people."""
    if not found:
        return f"no results in {root.as_posix()}\n"
    titles = ("version", "runs", "size", "last run", "commit", "")
    rows = [
        (
            each.name,
            f"{each.runs:,}",
            f"{each.bytes / MEGABYTE:,.0f} MB",
            each.ended or "-",
            _commit(each),
            _mark(each, head),
        )
        for each in found
    ]
    return f"{columns([titles, *rows])}\n{_cure(found, head)}"


def _mark(version: Version, head: str) -> str:
    marks = {"the code as it is": fingerprint(), "HEAD": head}
    return ", ".join(mark for mark, code in marks.items() if is_of(version, code))


def _commit(version: Version) -> str:
    name = version.commit[:10] or "-"
    return f"{name} and changes" if version.uncommitted else name


def _cure(found: Sequence[Version], head: str) -> str:
    size = sum(each.bytes for each in found if is_other(each, head))
    if not size:
        return ""
    return f"{size / MEGABYTE:,.0f} MB are of other code: {places.COMMAND} versions --remove-others\n"
