"""Named arrays on disk, in NumPy's npz format. Nothing is pickled or unpickled."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

GROWTH: Final = 100
"""How many times as large as its file what is in it may be; trained parameters hardly shrink at all."""
SMALL: Final = 2**28
"""Bytes that are read in any case: arrays of zeros do shrink."""


def arrays_as_bytes(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Named arrays in NumPy's npz format. ValueError where one holds objects: nothing is pickled."""
    objects = [name for name, array in arrays.items() if array.dtype.hasobject]
    if objects:
        raise ValueError(f"array {objects[0]} holds objects")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]  # An option of newer NumPys is a flag.
    return buffer.getvalue()


def read_arrays(path: Path) -> dict[str, NDArray[np.generic]] | None:
    """The arrays of an npz file, or None where it is missing, damaged, or grows without measure when it is
    unpacked. Nothing is unpickled.
    """
    if not path.is_file():  # A pipe would be waited for.
        return None
    try:
        with path.open("rb") as file:
            if _is_bomb(file):
                return None
            with np.load(file, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
    except Exception:  # What a damaged zip raises depends on which of its bytes are wrong.
        return None


def _is_bomb(file: IO[bytes]) -> bool:
    """Whether a zip states far more than it has; more than that is not read of it. Raises what a damaged
    one raises.
    """
    with zipfile.ZipFile(file) as archive:
        stated = sum(member.file_size for member in archive.infolist())
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return stated > max(SMALL, GROWTH * size)
