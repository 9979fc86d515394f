"""Files of msgspec's values, read where they may be missing, damaged or of another form."""

from pathlib import Path
from typing import Final, TypeVar

import msgspec

T = TypeVar("T")

# RecursionError is of values in values, thousands deep.
UNREADABLE: Final = (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What reading and decoding such a file raise."""


def read_json(path: Path, type_: type[T]) -> T | None:
    """The value in a JSON file; None where the file is missing, damaged or of another form."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=type_)
    except UNREADABLE:
        return None
