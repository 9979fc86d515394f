"""The values of an LMDB file (version 1, one database), in the order of their keys.

LSUN comes in this format. torchvision's reader keeps a pickle of the keys in the working folder and
unpickles whatever it finds there, and the C library trusts the pages of a file; this one walks the tree
with every position checked. Layout: LMDB's mdb.c, structures MDB_meta, MDB_db, MDB_page and MDB_node.
"""

import mmap
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from suite.data.damage import Damaged

_MAGIC, _VERSION = 0xBEEFC0DE, 1
_PAGE_HEADER = 16
_BRANCH, _LEAF = 0x01, 0x02
_BIG_DATA = 0x01
_EMPTY = 2**64 - 1
_DEEPEST = 32
_LARGEST_VALUE = 1 << 26
_LEAST = 10
"""Bytes of an entry: its node, and its place in a page. Pages that lead to themselves would have no end of
entries.
"""
_META = struct.Struct("<II QQ I44x 8x QQQ QQ QQ")
_PAGE = struct.Struct("<10x HH")
_OFFSET, _PAGE_NUMBER = struct.Struct("<H"), struct.Struct("<Q")
_CHILD, _NODE = struct.Struct("<HHH"), struct.Struct("<HHHH")


class _Tree(NamedTuple):
    """The root of a database, as one of the two meta pages has it."""

    page_size: int
    entries: int
    root: int
    transaction: int


class Item(NamedTuple):
    """A key and its value."""

    key: bytes
    value: bytes


class Lmdb:
    """An LMDB file opened for reading."""

    def __init__(self, path: Path) -> None:
        """Map the file; Damaged where it is no LMDB file."""
        with path.open("rb") as file:
            try:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError:
                raise Damaged("is empty") from None
        first = self._meta(0)
        second = self._meta(first.page_size)
        self._tree = max(first, second, key=lambda tree: tree.transaction)
        if len(self) > len(self._map) // _LEAST:
            raise Damaged(f"states {len(self):,} entries, more than it has room for")

    def __enter__(self) -> Self:
        """The file itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """Unmap the file."""
        self._map.close()

    def __len__(self) -> int:
        """How many values there are, as the file states."""
        return min(self._tree.entries, sys.maxsize)

    def items(self, part: slice = slice(None)) -> Iterator[Item]:
        """Keys and values of a part; Damaged where the tree is broken or has other than the stated number.

        Values outside the part, which are most of a file, are not read.
        """
        count, chosen = 0, range(len(self))[part]
        if self._tree.root != _EMPTY:
            for node in self._walk(self._tree.root, 0):
                count += 1
                if count > len(self):
                    break
                if count - 1 in chosen:
                    yield self._item(node)
        if count != len(self):
            raise Damaged(f"states {len(self):,} entries and has {'more' if count > len(self) else count}")

    def _meta(self, page: int) -> _Tree:
        magic, version, _, _, page_size, *_, entries, root, _, transaction = self._fields(
            _META, page + _PAGE_HEADER
        )
        if magic != _MAGIC or version != _VERSION:
            raise Damaged("is no LMDB file")
        if page_size not in (2**power for power in range(8, 17)):
            raise Damaged(f"states pages of {page_size} bytes")
        return _Tree(page_size, entries, root, transaction)

    def _walk(self, number: int, depth: int) -> Iterator[int]:
        """Where each item's node begins."""
        page = number * self._tree.page_size
        flags, lower = self._fields(_PAGE, page)
        whole = _PAGE_HEADER < lower <= self._tree.page_size and depth <= _DEEPEST
        if not whole or not flags & (_BRANCH | _LEAF):
            raise Damaged(f"has a broken page {number}")
        for at in range(page + _PAGE_HEADER, page + lower, 2):
            (offset,) = self._fields(_OFFSET, at)
            if flags & _BRANCH:
                yield from self._walk(self._child(page + offset), depth + 1)
            else:
                yield page + offset

    def _child(self, node: int) -> int:
        low, high, top = self._fields(_CHILD, node)
        return int(low | high << 16 | top << 32)

    def _item(self, node: int) -> Item:
        low, high, flags, width = self._fields(_NODE, node)
        size, start = low | high << 16, node + 8 + width
        if flags & _BIG_DATA:
            (number,) = self._fields(_PAGE_NUMBER, start)
            start = number * self._tree.page_size + _PAGE_HEADER
        return Item(self._bytes(node + 8, width), self._bytes(start, size))

    def _bytes(self, start: int, size: int) -> bytes:
        if size > _LARGEST_VALUE or start + size > len(self._map):
            raise Damaged("is cut short or broken: a value lies beyond its end")
        return self._map[start : start + size]

    def _fields(self, form: struct.Struct, start: int) -> tuple[int, ...]:
        if start + form.size > len(self._map):
            raise Damaged("is cut short or broken: a page lies beyond its end")
        return form.unpack_from(self._map, start)
