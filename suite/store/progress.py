"""How far the saved runs are, by the first bytes of their checkpoints: nothing is loaded."""

import struct
import zlib
from pathlib import Path
from typing import Final

from suite.store.files import head
from suite.store.store import RunFolder

FIRST: Final = 512
"""Bytes of a file that its first entry ends within."""
ENTRY: Final = struct.Struct("<4s5H3I2H")
"""What a zip says before an entry: its mark, five words on its packing, checksum, two sizes, and the lengths
of its name and of what else is told."""
MARK: Final = b"PK\x03\x04"
DEFLATED: Final = 8
NAME: Final = b"iteration.npy"
WHOLE: Final = b"{'descr': '<i8', 'fortran_order': False, 'shape': (), }"
"""What NumPy says of a whole number of eight bytes, which then ends the entry."""


def saved_iteration(folder: RunFolder) -> int | None:
    """The iteration of the newest checkpoint that tells one; None where none does."""
    found = (_iteration(path) for path in folder.checkpoints)
    return next((each for each in found if each is not None), None)


def _iteration(path: Path) -> int | None:
    try:
        array = _first_entry(head(path, FIRST))
    except (OSError, struct.error, zlib.error):
        return None
    return int.from_bytes(array[-8:], "little", signed=True) if WHOLE in array else None


def _first_entry(content: bytes) -> bytes:
    """The content of the first entry; nothing where that is another than expected, or damaged."""
    mark, *packing, checksum, _, _, name, more = ENTRY.unpack_from(content)
    begin = ENTRY.size + name
    if (mark, packing[2], content[ENTRY.size : begin]) != (MARK, DEFLATED, NAME):
        return b""
    found = zlib.decompressobj(-zlib.MAX_WBITS).decompress(content[begin + more :], FIRST)
    return found if zlib.crc32(found) == checksum else b""
