"""CIFAR-10's batches, which are Python pickles, read without unpickling.

``pickletools`` lists a pickle's instructions and executes none. A batch is a mapping with ``data``, one
string of bytes, and ``labels``, a list of small numbers, so the listing says it all.
"""

import pickletools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.data.damage import Damaged, summary

_PIXELS = 3 * 32 * 32
_CLASSES = 10


class Batch(NamedTuple):
    """Images, shape [count, 32, 32, 3], and their labels."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]


def parse(content: bytes) -> Batch:
    """The images and labels of a batch's content; Damaged where it is something else."""
    try:
        found = _Found.of(pickletools.genops(content))
    except Exception as error:  # What a broken pickle's listing raises depends on its bytes.
        raise Damaged(f"is no batch of CIFAR-10: {summary(error)}") from None
    count = len(found.labels)
    if not count or len(found.data) != count * _PIXELS or max(found.labels) >= _CLASSES:
        raise Damaged(f"is no batch of CIFAR-10: {len(found.data):,} bytes of pixels, {count:,} labels")
    pixels = np.frombuffer(found.data, np.uint8).reshape(count, 3, 32, 32)
    return Batch(np.ascontiguousarray(pixels.transpose(0, 2, 3, 1)), np.array(found.labels, np.int64))


class _Found(NamedTuple):
    data: bytes
    labels: list[int]

    @classmethod
    def of(cls, steps: Iterator[tuple[pickletools.OpcodeInfo, object, int | None]]) -> "_Found":
        data, labels, key = b"", list[int](), ""
        for step, value, _ in steps:
            if step.name == "BINSTRING" and isinstance(value, str):
                data = max(data, value.encode("latin-1"), key=len)
            elif isinstance(value, str):
                key = value
            elif step.name == "BININT1" and isinstance(value, int) and key == "labels":
                labels.append(value)
        return cls(data, labels)
