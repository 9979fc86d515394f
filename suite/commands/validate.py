"""``validate``: check experiment files at every scale."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from suite.commands.choose import split
from suite.errors import UserError
from suite.spec.library import misplaced, select
from suite.spec.load import check_file
from suite.spec.packs.faults import pack_faults
from suite.spec.packs.found import experiment_folders, packs
from suite.spec.packs.strays import strays


def run(options: argparse.Namespace) -> int:
    """Print every mistake of every selected file, of the packs, and of where files lie; status 2 for one."""
    wrong = 0
    patterns, overrides = split(options.what)
    if overrides:
        raise UserError(
            f"validate checks files, without overrides such as {overrides[0]!r}\n    leave it out"
        )
    paths = select(options.experiments, patterns, options.tag, experiment_folders())
    for problem in (*_of_packs(), *_misplaced(options.experiments)):
        wrong += 1
        sys.stderr.write(f"error: {problem}\n")
    faulty = wrong
    for path in paths:
        try:
            check_file(path)
        except UserError as error:
            wrong += 1
            sys.stderr.write(f"error: {error}\n")
    sys.stdout.write(f"{len(paths) - wrong + faulty} of {len(paths)} experiment files are valid\n")
    return 2 if wrong else 0


def _of_packs() -> Iterator[str]:
    for each in packs():
        yield from pack_faults(each)
        yield from strays(each)


def _misplaced(root: Path) -> Iterator[str]:
    for folder in dict.fromkeys([root, *experiment_folders()]):
        yield from misplaced(folder)
