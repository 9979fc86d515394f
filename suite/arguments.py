"""Arguments that several commands have. Imports nothing heavy, so that help is there at once."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from suite import places

SCALES: Final = ("smoke", "desk", "gpu", "paper")


def choosing(one: argparse.ArgumentParser) -> None:
    """Add ``--tag``."""
    one.add_argument(
        "--tag", action="append", default=[], help="only experiments with this tag; may be repeated"
    )


def scale(one: argparse.ArgumentParser, choices: Sequence[str] = SCALES) -> None:
    """Add ``--scale``, by default desk."""
    one.add_argument(
        "--scale",
        choices=choices,
        default="desk",
        help="smoke: seconds, no verdicts; desk: minutes on two cores; gpu: up to an hour on a GPU; "
        "paper: the papers' own settings (default: desk)",
    )


def experiments(one: argparse.ArgumentParser) -> None:
    """Add ``--experiments``."""
    one.add_argument(
        "--experiments",
        type=folder,
        default=places.EXPERIMENTS,
        metavar="DIR",
        help="folder of experiments (default: those that came with the program)",
    )


def results(one: argparse.ArgumentParser, about: str = "folder of results") -> None:
    """Add ``--results``."""
    one.add_argument(
        "--results",
        type=folder,
        default=places.RESULTS,
        metavar="DIR",
        help=f"{about} (default: results/ beside this program, or here where it was installed)",
    )


def as_json(one: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    one.add_argument("--json", action="store_true", help="print JSON for programs")


def quiet(one: argparse.ArgumentParser) -> None:
    """Add ``--quiet``."""
    one.add_argument("--quiet", action="store_true", help="no progress bar")


def folder(text: str) -> Path:
    """A folder's name: not the empty one of a shell's variable that is not set."""
    if not text:
        raise argparse.ArgumentTypeError("an empty name is no folder")
    return _at_home(Path(text))


def file(text: str) -> Path:
    """A file's name, likewise."""
    if not text:
        raise argparse.ArgumentTypeError("an empty name is no file")
    return _at_home(Path(text))


def _at_home(path: Path) -> Path:
    """With the home folder in the place of ``~``, which shells leave as it is in ``--results=~/mine``."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise argparse.ArgumentTypeError(f"{path.parts[0]} is nobody's home folder here") from None


def count(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)
