"""``versions``: which versions of the code have results here, what they take, and how to be rid of them."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from suite import places
from suite.plain import columns
from suite.printing import print_json
from suite.store.inventory import Version, remove, versions
from suite.store.nearby import require_results
from suite.store.version import fingerprint
from suite.store.version_names import apart, loaded

MEGABYTE = 10**6


def run(options: argparse.Namespace) -> int:
    """List the versions, or remove the named ones."""
    require_results(options.results)
    others = versions(options.results) if options.remove_others else []
    names = [*options.remove, *(each.name for each in others if not is_now(each))]
    for name in dict.fromkeys(names):
        remove(options.results, name)
        sys.stderr.write(f"removed {name}\n")
    found = versions(options.results)
    if options.json:
        print_json([each._asdict() | {"now": is_now(each)} for each in found])
    else:
        sys.stdout.write(told(found, options.results))
    return 0


def is_now(version: Version) -> bool:
    """Whether results are of the code as it is here, and of their packs as they are, where these are here."""
    suite, used = apart(version.name)
    known = dict(loaded())
    return suite == fingerprint() and all(known.get(name, of_it) == of_it for name, of_it in used.items())


def told(found: Sequence[Version], root: Path) -> str:
    """A table for people."""
    if not found:
        return f"no results in {root.as_posix()}\n"
    head = ("version", "runs", "size", "last run", "commit", "")
    rows = [
        (
            each.name,
            f"{each.runs:,}",
            f"{each.bytes / MEGABYTE:,.0f} MB",
            each.ended or "-",
            _commit(each),
            "the code as it is" if is_now(each) else "",
        )
        for each in found
    ]
    return f"{columns([head, *rows])}\n{_cure(found)}"


def _commit(version: Version) -> str:
    name = version.commit[:10] or "-"
    return f"{name} and changes" if version.uncommitted else name


def _cure(found: Sequence[Version]) -> str:
    others = sum(each.bytes for each in found if not is_now(each))
    if not others:
        return ""
    return f"{others / MEGABYTE:,.0f} MB are of other code: {places.COMMAND} versions --remove-others\n"
