"""Where in a pack's files something went wrong, or is defined."""

import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from suite.errors import UserError
from suite.spec.packs.found import Pack, packs
from suite.spec.packs.modules import definition

MOST: Final = 200
"""Letters of an error's text that are told."""


def line_of(error: BaseException, pack: Pack) -> str:
    """The file and line of a pack where an error came from, or was passed on last; empty where none was."""
    if isinstance(error, SyntaxError) and error.filename and _inside(error.filename, pack):
        return f"{error.filename}, line {error.lineno}"
    return _last_line(error, [pack])


def line_in_packs(error: BaseException) -> str:
    """The same of all packs here."""
    with suppress(UserError):  # It is another error that is told of.
        return _last_line(error, packs())
    return ""


def line_at(pack: Pack, address: str) -> str:
    """The file and line that define what is at ``module:name``; the declaration where that is not plain."""
    found = definition(pack.folder, address)
    return pack.file if found is None else f"{found.file.as_posix()}, line {found.node.lineno}"


def summary_of(error: BaseException) -> str:
    """An error in a line, cut to a readable length."""
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    first, *more = text.strip().splitlines() or [""]
    short = first if len(first) <= MOST else first[: MOST - 3] + "..."
    return f"{type(error).__name__}{': ' * bool(short)}{short}{' ...' * bool(more)}"


def _last_line(error: BaseException, inside: Sequence[Pack]) -> str:
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if any(_inside(frame.filename, each) for each in inside):
            return f"{frame.filename}, line {frame.lineno}"
    return ""


def _inside(name: str, pack: Pack) -> bool:
    return Path(name).is_relative_to(pack.folder)
