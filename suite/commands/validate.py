"""``validate``: check experiment files at every scale."""

import argparse
import sys

from suite.commands.choose import split
from suite.errors import UserError
from suite.spec.library import select
from suite.spec.load import check_file
from suite.spec.packs.faults import pack_faults
from suite.spec.packs.found import experiment_folders, packs


def run(options: argparse.Namespace) -> int:
    """Print every mistake of every selected file, and of the packs; status 2 where there is one."""
    wrong = 0
    patterns, overrides = split(options.what)
    if overrides:
        raise UserError(
            f"validate checks files, without overrides such as {overrides[0]!r}\n    leave it out"
        )
    paths = select(options.experiments, patterns, options.tag, experiment_folders())
    for problem in (problem for each in packs() for problem in pack_faults(each)):
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
