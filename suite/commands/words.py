"""From a command's options back to the words that somebody can type."""

import argparse
import shlex
from collections.abc import Sequence

from suite import places


def typed(name: str, options: argparse.Namespace, first: Sequence[str] = (), last: Sequence[str] = ()) -> str:
    """A command on the same experiments and results."""
    words = [name, *first, *selection(options), *folder_of_results(options), *last]
    return f"{places.COMMAND} {shlex.join(words)}"


def selection(options: argparse.Namespace) -> list[str]:
    """The words that choose experiments, packs and the scale; the shipped experiments' folder needs none."""
    words = [*options.what, *_each("--tag", options.tag), *_each("--pack", options.pack)]
    words += ["--scale", options.scale]
    if options.experiments != places.EXPERIMENTS:
        words += ["--experiments", str(options.experiments)]
    return words


def folder_of_results(options: argparse.Namespace) -> list[str]:
    """The words that name it; none where it is the usual one."""
    return [] if options.results == places.RESULTS else ["--results", str(options.results)]


def _each(option: str, values: Sequence[object]) -> list[str]:
    return [word for value in values for word in (option, str(value))]
