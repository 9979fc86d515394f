"""``compare``: two versions' results side by side."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from suite import places
from suite.commands.choose import studies, variants_of, without_packs
from suite.commands.selection import Selection
from suite.compare.as_json import as_json
from suite.compare.compare import Comparison, compare
from suite.compare.markdown import markdown
from suite.compare.noise import floors_of
from suite.compare.own_experiments import with_own
from suite.compare.side import side
from suite.compare.text import text
from suite.errors import UserError
from suite.printing import print_json, width
from suite.store.files import write
from suite.store.nearby import require_results

NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


def run(options: argparse.Namespace) -> int:
    """Compare and print; status 0 whatever has changed, for a judgement is `gate`'s."""
    found = compared(options)
    show(found, options)
    draw(found, options)
    return 0


def compared(options: argparse.Namespace) -> Comparison:
    """The comparison that the command's words ask for."""
    if options.json and options.markdown == Path("-"):
        raise UserError("--json and --markdown - would both be printed\n    leave one out, or name a file")
    selection = Selection.of(options)
    chosen = studies(selection, reading=True)
    if options.results != places.RESULTS:
        require_results(options.results)
    overrides, shipped = variants_of(selection), selection.experiments == places.EXPERIMENTS
    words = selection.words_anywhere
    named = [side(each, options.results, words, selection.scale) for each in (options.before, options.after)]
    others = () if selection.what else [run for each in named for run in each.records]
    sys.stderr.write(without_packs(chosen, others))
    before, after = (with_own(each, chosen, overrides, shipped=shipped) for each in named)
    found = compare(chosen, before, after, floors_of(options.results, (before, after)))
    return found._replace(words=(*words, *places.into(options.results)))


def show(
    found: Comparison, options: argparse.Namespace, told: str = "", keys: Mapping[str, object] = NOTHING
) -> None:
    """Print a comparison in the form asked for, and write it as Markdown where that is asked for; below it
    what else is ``told`` of it, and in JSON more ``keys``.
    """
    if options.json:
        print_json({**as_json(found), **keys})
    elif options.markdown != Path("-"):
        sys.stdout.write(text(found, width(), sys.stdout.encoding) + (f"\n{told}" if told else ""))
    if options.markdown is not None:  # Last, for a file that cannot be written must not cost the rest.
        save(options.markdown, markdown(found) + (f"\n```\n{told}```\n" if told else ""))


def draw(found: Comparison, options: argparse.Namespace) -> None:
    """Write a comparison as a page where that is asked for, and say where."""
    if options.page is None:
        return
    from suite.compare.page import write_page  # Brings matplotlib, which no other form needs.

    sides, where = (options.before, options.after), ("--page", str(options.page))
    command = Selection.of(options).typed("compare", sides, where)
    page = write_page(found, options.page, command)
    (sys.stderr if options.json or options.markdown == Path("-") else sys.stdout).write(f"\npage: {page}\n")


def save(path: Path, content: str) -> None:
    """Write Markdown to a file, or print it where the path is ``-``."""
    if path == Path("-"):
        sys.stdout.write(content)
    else:
        write(path, content.encode())
