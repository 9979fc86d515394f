"""One array of an npz file, whose header is checked before its content is believed."""

import zipfile
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from suite.data.damage import Damaged, summary

_LARGEST = 1 << 31
"""Bytes; the largest real batch has 128,116 images of 3,072."""


def rows(path: Path, name: str, width: int) -> int:
    """How many rows the array of bytes has; Damaged where it is something else."""
    with zipfile.ZipFile(path) as archive, _member(archive, name) as file:
        return _header(file, width)


def array(path: Path, name: str, width: int) -> NDArray[np.uint8]:
    """The array of bytes, shape [rows, width]. Nothing is unpickled."""
    with zipfile.ZipFile(path) as archive, _member(archive, name) as file:
        count = _header(file, width)
        content = file.read(count * width)
    if len(content) != count * width:
        raise Damaged(f"{name!r} is cut short: {len(content):,} bytes of {count * width:,}")
    return np.frombuffer(content, np.uint8).reshape(count, width)


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    try:
        return archive.open(f"{name}.npy")
    except (KeyError, NotImplementedError, RuntimeError) as error:
        raise Damaged(f"holds no readable array {name!r}: {error}") from None


def _header(file: IO[bytes], width: int) -> int:
    """The number of rows that the header states."""
    try:
        version = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, by_columns, type_ = read(file)
    except Exception as error:  # A header is Python's text, and can be broken in as many ways.
        raise Damaged(f"is no array of NumPy's: {summary(error)}") from None
    right = type_ == np.uint8 and not by_columns and len(shape) == 2 and shape[1] == width
    if not right or not 0 < shape[0] * width <= _LARGEST:
        raise Damaged(f"holds {type_} of shape {shape} instead of bytes of shape (images, {width})")
    return int(shape[0])
