"""Checkpoints of a run: the newest, and the one before until the newest is whole."""

from collections.abc import Mapping
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from suite.store.arrays import arrays_as_bytes, read_arrays
from suite.store.files import write
from suite.store.store import RunFolder

Part = dict[str, NDArray[np.generic]]


def save(folder: RunFolder, part: Mapping[str, NDArray[np.generic]]) -> None:
    """Write a checkpoint; the one that was the newest becomes the one before."""
    newest, before = folder.checkpoints
    content = arrays_as_bytes(part)
    with suppress(FileNotFoundError):
        newest.replace(before)
    write(newest, content)


def held(folder: RunFolder) -> dict[int, Part]:
    """The whole checkpoints of a run, by iteration, the newest first."""
    parts = (read_arrays(path) for path in folder.checkpoints)
    return {int(part["iteration"]): part for part in parts if part is not None and _is_whole(part)}


def _is_whole(part: Part) -> bool:
    iteration = part.get("iteration")
    return iteration is not None and iteration.shape == () and iteration.dtype.kind in "iu"
