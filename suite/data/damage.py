"""Files that are not what they should be, told as the user's to mend."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile

from suite.data.catalogue import source
from suite.data.known import Entry
from suite.errors import UserError


class Damaged(Exception):
    """What is wrong with the content of a file."""


def summary(error: Exception) -> str:
    """The first line of what an error says."""
    return str(error).partition("\n")[0] or type(error).__name__


_BROKEN = (
    Damaged,
    OSError,
    EOFError,
    MemoryError,
    BadZipFile,
    zlib.error,
    # Of zip archives: an unknown method or version, encryption, a name that is no text.
    NotImplementedError,
    RuntimeError,
    UnicodeError,
)


@contextmanager
def reading(path: Path, entry: Entry, then: str = "") -> Iterator[None]:
    """Turn what a damaged file raises into a UserError with the file's name and the cure.

    ``then`` is what to do once the file is removed, where that is not to get the data set again.
    """
    try:
        yield
    except PermissionError as error:
        raise UserError(f"{path}: cannot be read: {summary(error)}\n    make it readable") from None
    except _BROKEN as error:
        what = str(error) if isinstance(error, Damaged) else f"cannot be read: {summary(error)}"
        raise UserError(f"{path}: {what}\n    remove it, then {then or source(entry)}") from None
