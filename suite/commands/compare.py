"""``compare``: two versions' results side by side."""

import argparse
import json
import sys
from pathlib import Path

from suite.commands.choose import studies
from suite.commands.run import width
from suite.compare.as_json import as_json
from suite.compare.compare import Comparison, compare
from suite.compare.markdown import markdown
from suite.compare.noise import floors_of
from suite.compare.side import side
from suite.compare.text import text
from suite.store.files import write


def run(options: argparse.Namespace) -> int:
    """Compare and print; status 0 whatever has changed, for a judgement is `gate`'s."""
    found = compared(options)
    show(found, options)
    return 0


def compared(options: argparse.Namespace) -> Comparison:
    """The comparison that the command's words ask for."""
    chosen = studies(options)
    before, after = side(options.before, options.results), side(options.after, options.results)
    return compare(chosen, before, after, floors_of(options.results, (before, after)))


def show(found: Comparison, options: argparse.Namespace) -> None:
    """Print a comparison in the form asked for, and write it as Markdown where that is asked for."""
    if options.markdown is not None:
        save(options.markdown, markdown(found))
    if options.json:
        json.dump(as_json(found), sys.stdout, indent=2, allow_nan=False)
        sys.stdout.write("\n")
    elif options.markdown != Path("-"):
        sys.stdout.write(text(found, width(), sys.stdout.encoding))


def save(path: Path, content: str) -> None:
    """Write Markdown to a file, or print it where the path is ``-``."""
    if path == Path("-"):
        sys.stdout.write(content)
    else:
        write(path, content.encode())
