"""From a command's options back to the words that somebody can type."""

import argparse
import shlex
from collections.abc import Sequence

from suite import places


def typed(name: str, options: argparse.Namespace, first: Sequence[str] = (), last: Sequence[str] = ()) -> str:
    """A command on the same experiments, in the same folders."""
    words = [name, *first, *selection(options), *_places(options), *last]
    return f"{places.COMMAND} {shlex.join(words)}"


def selection(options: argparse.Namespace) -> list[str]:
    """The words that choose experiments, packs and the scale; the shipped experiments' folder needs none."""
    words = [*options.what, *_each("--tag", options.tag), *_each("--pack", options.pack)]
    return [*words, "--scale", options.scale, *_experiments(options)]


def folders(options: argparse.Namespace) -> list[str]:
    """The words that name folders, for a command on other experiments; none for those that are the usual
    ones.
    """
    return [*_experiments(options), *_places(options)]


def of_all(options: argparse.Namespace) -> str:
    """Below the place of a report on what was named: what makes that on everything; else nothing."""
    if not (options.what or options.tag):
        return ""
    words = ["report", *_each("--pack", options.pack), "--scale", options.scale, *folders(options)]
    again = f"{places.COMMAND} {shlex.join(words)}"
    return f"    of what was named, in the place of any other; {again} makes that of all\n"


def apart(options: argparse.Namespace) -> list[str]:
    """All words but the one that names the folder of results, for a command on another one."""
    return [*selection(options), *_data(options)]


def _places(options: argparse.Namespace) -> list[str]:
    return [*_data(options), *places.into(options.results)]


def _experiments(options: argparse.Namespace) -> list[str]:
    usual = options.experiments == places.EXPERIMENTS
    return [] if usual else ["--experiments", str(options.experiments)]


def _data(options: argparse.Namespace) -> list[str]:
    return [] if options.data is None else ["--data", str(options.data)]


def _each(option: str, values: Sequence[object]) -> list[str]:
    return [word for value in values for word in (option, str(value))]
