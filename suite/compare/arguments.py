"""Options of ``compare`` and ``gate``. Imports nothing heavy, so that help is there at once."""

import argparse

from suite import arguments

SIDES = """\
A side is a git revision or tag; `now`, the code as it is; `reference` or `reference@VERSION`, the results
committed with a release; or a folder of results, FOLDER@VERSION where it holds those of several versions
of the code. docs/compare.md says what the marks mean.
"""


def comparing(one: argparse.ArgumentParser) -> None:
    """Add what ``compare`` takes."""
    _sides(one)
    _markdown(one)
    _page(one)


def gating(one: argparse.ArgumentParser) -> None:
    """Add what ``gate`` takes."""
    _sides(one)
    one.add_argument(
        "--fail-on",
        default="flipped,worse",
        metavar="WORDS",
        help="marks with which the gate fails, separated by commas: flipped, worse, better, new-failure, "
        "fixed, changed, not-comparable, missing, new, within-noise (default: flipped,worse)",
    )
    _markdown(one)
    _page(one)


def _markdown(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--markdown", type=arguments.file, metavar="FILE", help="write it as Markdown; - prints that alone"
    )


def _page(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--page",
        type=arguments.folder,
        metavar="FOLDER",
        help="write it as a page, FOLDER/index.html, with both sides' figures laid over each other",
    )


def _sides(one: argparse.ArgumentParser) -> None:
    one.formatter_class = argparse.RawDescriptionHelpFormatter
    one.epilog = SIDES
    one.add_argument("before", metavar="A", help="the older side")
    one.add_argument("after", metavar="B", help="the newer side")
    one.add_argument(
        "what", nargs="*", default=[], metavar="EXPERIMENT", help="ids or globs of experiments (default: all)"
    )
    arguments.choosing(one)
    arguments.scale(one)
    arguments.as_json(one)
    arguments.experiments(one)
    arguments.results(one, "folder where the results of revisions lie")
