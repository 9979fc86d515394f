"""MNIST's IDX format: a magic number, the sizes of the dimensions, bytes."""

import math

import numpy as np
from numpy.typing import NDArray

from suite.data.damage import Damaged

_BYTES = 8


def parse(content: bytes, dimensions: int) -> NDArray[np.uint8]:
    """The array of bytes of an IDX file's content; Damaged where it is something else."""
    start = 4 + 4 * dimensions
    if len(content) < start or content[:4] != bytes([0, 0, _BYTES, dimensions]):
        raise Damaged(f"is no IDX file of bytes in {dimensions} dimensions")
    shape = tuple(int.from_bytes(content[i : i + 4], "big") for i in range(4, start, 4))
    if math.prod(shape) != len(content) - start:
        raise Damaged(f"holds {len(content) - start:,} bytes, and says {' x '.join(map(str, shape))}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
