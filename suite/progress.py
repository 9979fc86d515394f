"""How far something long has come, and the time left, on standard error."""

import sys
from typing import Any, TextIO

from tqdm import tqdm

SELDOM = 30.0
"""Seconds between two lines where nobody watches: in a file or a pipe."""


class _Lines:
    """A log: each state of a bar is a line of its own, where a terminal writes over the one before."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> None:
        """What would move a terminal's cursor is left out."""
        if line := text.strip("\r\n").rstrip():
            self.stream.write(f"{line}\n")

    def flush(self) -> None:
        """As of any stream."""
        self.stream.flush()


def is_watched() -> bool:
    """Whether somebody sees standard error as it is written."""
    return sys.stderr.isatty()


def progress(total: float, form: str, shown: bool) -> "tqdm[Any]":
    """A bar in tqdm's form; on a terminal in one place, else a line every ``SELDOM`` seconds."""
    if not shown or is_watched():
        return tqdm(total=total, bar_format=form, disable=not shown, file=sys.stderr, dynamic_ncols=True)
    log: Any = _Lines(sys.stderr)
    return tqdm(total=total, bar_format=form, file=log, mininterval=SELDOM, maxinterval=SELDOM)
