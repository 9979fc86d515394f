"""``data``: which data sets are here, whether they are what was published, and how to get the others."""

import argparse
import sys
from collections.abc import Sequence
from typing import NamedTuple

from suite.data.catalogue import File, State, cure, entries, files, folders, root, state
from suite.data.known import Entry
from suite.errors import UserError
from suite.places import with_program_name
from suite.plain import columns
from suite.printing import print_json
from suite.spec.places import advice

DIFFERS = "differs from the published one"


class Seen(NamedTuple):
    """A file of a data set as it was found."""

    file: File
    verdict: str
    """Empty where it was not compared."""


class Found(NamedTuple):
    """A data set as it was found here."""

    entry: Entry
    state: State
    files: tuple[Seen, ...]


def run(options: argparse.Namespace) -> int:
    """List data sets, after fetching or preparing them; status 1 where a checksum differs."""
    chosen = choose(options.what)
    if options.download or options.prepare:
        get(chosen if options.what else (), fetch=options.download)
    found = [look(entry, checked=options.check) for entry in chosen]
    if options.json:
        print_json({"root": str(root()), "sets": [described(one) for one in found]})
    else:
        sys.stdout.write(text(found))
    return 1 if any(seen.verdict == DIFFERS for one in found for seen in one.files) else 0


def choose(names: Sequence[str]) -> tuple[Entry, ...]:
    """The named data sets, all without names. UserError for a name there is none of."""
    legal = {entry.name: entry for entry in entries()}
    for name in names:
        if name not in legal:
            raise UserError(f"no data set {name!r}\n    {advice(name, legal, 'data sets')}")
    return tuple(legal[name] for name in dict.fromkeys(names)) if names else entries()


def get(chosen: Sequence[Entry], *, fetch: bool) -> None:
    """Fetch (where asked for) and prepare data sets that are not here yet."""
    if not chosen:
        raise UserError("which data set?\n    name it, for example: run_suite.py data cifar10 --download")
    for entry in chosen:
        if fetch and state(entry) == "missing":
            from suite.data.download import download

            download(entry)
        if entry.prepares:
            from suite.data.prepare import prepare

            prepare(entry)


def look(entry: Entry, *, checked: bool) -> Found:
    """How one data set stands; with the files' checksums compared where asked for."""
    return Found(
        entry, state(entry), tuple(Seen(file, _verdict(file) if checked else "") for file in files(entry))
    )


def _verdict(file: File) -> str:
    if not file.path.exists():
        return ""
    from suite.data.checksums import verdict
    from suite.data.damage import Damaged

    try:
        return verdict(file.part, file.path)
    except (Damaged, OSError, EOFError):  # a broken archive, which has no content to compare
        return DIFFERS


def described(one: Found) -> dict[str, object]:
    """One data set as JSON has it."""
    return {
        "name": one.entry.name,
        "title": one.entry.title,
        "state": one.state,
        "looked_in": [str(folder) for folder in folders(one.entry)],
        "files": [
            {
                "path": str(seen.file.path),
                "fault": seen.file.fault or None,
                "published": seen.file.part.checksum or None,
                "checksum": seen.verdict or None,
            }
            for seen in one.files
        ],
        "get": _cure(one) or None,
    }


def text(found: Sequence[Found]) -> str:
    """The table of data sets, and below it what to do about those that are not there."""
    rows = [(one.entry.name, one.state, _place(one)) for one in found]
    notes = [f"{one.entry.name}: {_cure(one)}" for one in found if _cure(one)]
    checks = [f"{seen.file.path}: {seen.verdict}" for one in found for seen in one.files if seen.verdict]
    return "\n\n".join(part for part in (columns(rows), "\n".join(checks), "\n".join(notes)) if part) + "\n"


def _place(one: Found) -> str:
    if one.state == "missing":
        return " or ".join(str(folder) for folder in folders(one.entry))
    if not one.files:
        return ""
    first = one.files[0].file.path
    return str(next((folder for folder in folders(one.entry) if first.is_relative_to(folder)), ""))


def _cure(one: Found) -> str:
    return with_program_name(cure(one.entry)) if one.state in ("missing", "not prepared") else ""
