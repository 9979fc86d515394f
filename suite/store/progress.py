"""How far the saved runs are, by one number in their checkpoints: no array is loaded."""

import zipfile
from pathlib import Path
from typing import Final

from suite.store.store import RunFolder

NAME: Final = "iteration.npy"
MOST: Final = 512
"""Bytes of a file that holds one number."""
WHOLE: Final = b"{'descr': '<i8', 'fortran_order': False, 'shape': (), }"
"""What NumPy says of a whole number of eight bytes, which then ends the file."""


def saved_iteration(folder: RunFolder) -> int | None:
    """The iteration of the newest checkpoint that tells one; None where none does."""
    found = (_iteration(path) for path in folder.checkpoints)
    return next((each for each in found if each is not None), None)


def _iteration(path: Path) -> int | None:
    if not path.is_file():  # But a pipe, say, that would be waited for.
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            small = archive.getinfo(NAME).file_size <= MOST
            array = archive.read(NAME) if small else b""
    except Exception:  # What a damaged zip raises depends on which of its bytes are wrong.
        return None
    return int.from_bytes(array[-8:], "little", signed=True) if WHOLE in array else None
