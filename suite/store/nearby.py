"""Whether a folder holds results, and which one near it does: to say so where another was meant."""

import difflib
import os
import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from suite.errors import UserError
from suite.places import RESULTS, into

PARTS: Final = ("runs", "reference", "cluster/submissions")
"""Of a folder of results: in one of them is something as soon as a run began, or was submitted."""
WITHIN: Final = 4
"""Folders above one in a folder of results: the run's, the version's, ``runs`` and that itself."""
TRIED: Final = 10
"""Names like the one that was typed, of which the first with results is meant."""


def holds_results(root: Path) -> bool:
    """Whether anything was ever begun, submitted or committed there."""
    return any(_is_filled(root / part) for part in PARTS)


def require_results(root: Path) -> None:
    """UserError where a folder that is to be read holds no results: what there is instead, and the cure."""
    if holds_results(root):
        return
    try:
        os.scandir(root).close()
        what = "no results in there"
    except FileNotFoundError:
        what = "no such folder of results"
    except OSError as error:
        raise UserError(unusable(root, "read", str(error.strerror))) from None
    raise UserError(f"{root.as_posix()}: {what}\n    {_cure(root)}")


def beginning(root: Path) -> str:
    """The line for a command that trains into a folder without results; empty where it has some."""
    if holds_results(root):
        return ""
    meant = near(root)
    besides = "" if meant is None else f"; there are some in {meant.as_posix()}"
    return f"a new folder of results begins in {root.as_posix()}{besides}\n"


def other_than(root: Path) -> str:
    """The line for a command that only tells what it would train; empty where no other folder is meant."""
    meant = None if holds_results(root) else near(root)
    if meant is None:
        return ""
    return f"no results in {root.as_posix()} yet; there are some in {meant.as_posix()}\n"


def near(root: Path) -> Path | None:
    """The folder with results that may have been meant; None where there is none."""
    return next((each for each in _candidates(root) if holds_results(each)), None)


def unusable(root: Path, what: str, why: str) -> str:
    """That a folder of results cannot be read, or written, and the cure."""
    return f"results folder {root.as_posix()}: cannot be {what}: {why}\n    choose another with --results DIR"


def _cure(root: Path) -> str:
    meant = near(root)
    if meant is not None:
        return f"did you mean --results {meant.as_posix()}?"
    return f"{making(root)}, or name another folder with --results DIR"


def making(root: Path) -> str:
    """How there come to be results in a folder."""
    return f"make some with {shlex.join(['run_suite.py', 'run', *into(root)])}"


def _candidates(root: Path) -> Iterator[Path]:
    """Folders of like names beside one, those around it, and the usual name in it."""
    names: list[str] = []
    with suppress(OSError), os.scandir(root.parent) as found:
        names = [each.name for each in found if each.name != root.name and each.is_dir()]
    yield from (root.with_name(name) for name in difflib.get_close_matches(root.name, names, n=TRIED))
    yield from list(root.parents)[:WITHIN]
    yield root / RESULTS.name


def _is_filled(folder: Path) -> bool:
    with suppress(OSError), os.scandir(folder) as found:
        return any(True for _ in found)
    return False
