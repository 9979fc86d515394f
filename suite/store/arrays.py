"""Named arrays on disk, in NumPy's npz format. Nothing is pickled or unpickled."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def arrays_as_bytes(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Named arrays in NumPy's npz format. Nothing is pickled."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def read_arrays(path: Path) -> dict[str, NDArray[np.generic]] | None:
    """The arrays of an npz file, or None where it is missing or damaged. Nothing is unpickled."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except Exception:  # What a damaged zip raises depends on which of its bytes are wrong.
        return None
