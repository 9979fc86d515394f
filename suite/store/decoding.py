"""Files of msgspec's values, read where they may be missing, damaged or of another form."""

from pathlib import Path
from typing import Final, TypeVar

import msgspec

from suite.store.files import read

T = TypeVar("T")
LARGEST: Final = 2**28
"""Bytes of a file that is read."""

# RecursionError is of values in values, thousands deep.
UNREADABLE: Final = (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What reading and decoding such a file raise."""


def read_json(path: Path, type_: type[T], most: int = LARGEST) -> T | None:
    """The value in a JSON file; None where the file is missing, damaged, larger or of another form."""
    try:
        content = read(path, most)
        return None if content is None else msgspec.json.decode(content, type=type_)
    except UNREADABLE:
        return None
