"""All records of a store in one derived file, since opening tens of thousands of small ones takes long.

The records' own files are what counts. What this file holds of one is used as long as the stamp of the
record's own file is the same; the file may be deleted at any time. It is msgpack: a digest of the rest,
then what many records share, each once, then a row for each record. Nothing is unpickled.
"""

import hashlib
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import GenericAlias
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import fields, replace

from suite.spec.runs import Run
from suite.store.decoding import UNREADABLE
from suite.store.files import ASIDE, read, write
from suite.store.record import Code, Environment, Outcome, Record

NAME = ".records.compact"
MAGIC = b"records, compact, 1\n"
LARGEST = 2**31
"""Bytes. What is larger is read from the records' own files."""
SETTLED = 2.0
"""Seconds. A file that is younger may change again without its stamp telling, where clocks are coarse."""
WORTH = 20
"""The file is written anew where more than one record in so many would be read from its own file."""


class Stamp(NamedTuple):
    """What tells that a file has changed. Times in nanoseconds since 1970."""

    modified: int
    changed: int
    """Of the file or its name; unlike ``modified`` nobody can set it back."""
    size: int
    inode: int


class Kept(NamedTuple):
    """A record, and the stamp of its own file when it was read."""

    stamp: Stamp
    record: Record


class Shared(Struct, frozen=True):
    """The parts that many records have in common."""

    runs: list[Run]
    """Without their seeds."""
    codes: list[Code]
    environments: list[Environment]
    outcomes: list[Outcome]
    instruments: list[dict[str, str]]
    criteria: list[dict[str, str]]


PLACED: Final = dict(
    zip(
        ("run", "code", "environment", "outcome", "instruments", "criteria"),
        Shared.__struct_fields__,
        strict=True,
    )
)
"""The fields of a record that a row gives by their place in a list of ``Shared``, and which list that is."""
_RUN, *_REST = (int if each.name in PLACED else each.type for each in fields(Record))
ROW: Final[Any] = GenericAlias(tuple, (str, Stamp, _RUN, int, *_REST))
"""The type of a row: a run's id, the stamp, and the record's fields in order, the seed behind the run."""


def stamps(runs: Path) -> dict[str, Stamp]:
    """The stamps of the records' files in a folder of run folders, in the order of the names."""
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(runs) as found:
        names = sorted(entry.name for entry in found)
        return {name: stamp for name in names if (stamp := _stamp(f"{runs}/{name}/record.json"))}
    return {}


def _stamp(path: str) -> Stamp | None:
    """None where there is no file; of one that cannot be looked at, a stamp that no file has."""
    try:
        of = os.stat(path)  # noqa: PTH116  Path.stat takes twice as long.
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return Stamp(-1, -1, -1, -1)
    return Stamp(of.st_mtime_ns, of.st_ctime_ns, of.st_size, of.st_ino)


def load(folder: Path) -> dict[str, Kept]:
    """What the file in ``folder`` holds, by run id; nothing where it is missing or damaged."""
    try:
        content = read(folder / NAME, LARGEST) or b""
        digest, body = content[len(MAGIC) :][:32], content[len(MAGIC) + 32 :]
        if not content.startswith(MAGIC) or hashlib.sha256(body).digest() != digest:
            return {}
        shared, rows = msgspec.msgpack.decode(body, type=tuple[Shared, list[ROW]])
        return {row[0]: _kept(shared, *row) for row in rows}
    except (*UNREADABLE, IndexError):
        return {}


def keep(folder: Path, known: Mapping[str, Kept], now: Mapping[str, Kept]) -> None:
    """Write the file in ``folder`` anew where ``now`` is more than a little unlike ``known``.

    That it cannot be written is no error: reading will take longer.
    """
    before = time.time_ns() - int(SETTLED * 1e9)
    settled = {name: kept for name, kept in now.items() if kept.stamp.changed <= before}
    reused = sum(1 for name, kept in settled.items() if name in known and known[name].stamp == kept.stamp)
    if len(settled) + len(known) - 2 * reused > len(now) // WORTH:
        with suppress(OSError):
            _remove_leftovers(folder)
            write(folder / NAME, encoded(settled))


def encoded(held: Mapping[str, Kept]) -> bytes:
    """The file's bytes."""
    tables = {name: _Table() for name in PLACED}
    rows = [_row(tables, name, *kept) for name, kept in held.items()]
    shared = {PLACED[name]: table.parts for name, table in tables.items()}
    body = msgspec.msgpack.encode((shared, rows))
    return MAGIC + hashlib.sha256(body).digest() + body


def _remove_leftovers(folder: Path) -> None:
    """Remove what writers that died an hour ago or more have left."""
    for path in folder.glob(f"{ASIDE}{NAME}.*"):
        if time.time() - path.stat().st_mtime > 3600:
            path.unlink(missing_ok=True)


class _Table:
    """Distinct parts, in the order in which they came."""

    def __init__(self) -> None:
        self.places: dict[bytes, int] = {}
        self.parts: list[object] = []
        self.encoder = msgspec.msgpack.Encoder()

    def place(self, part: object) -> int:
        key = self.encoder.encode(part)
        place = self.places.setdefault(key, len(self.parts))
        if place == len(self.parts):
            self.parts.append(part)
        return place


def _row(tables: Mapping[str, _Table], name: str, stamp: Stamp, record: Record) -> tuple[object, ...]:
    bare = replace(record, run=replace(record.run, seed=0))
    values = ((field, getattr(bare, field)) for field in Record.__struct_fields__)
    run, *rest = (tables[field].place(value) if field in tables else value for field, value in values)
    return name, stamp, run, record.run.seed, *rest


def _kept(shared: Shared, name: str, stamp: Stamp, run: int, seed: int, *rest: Any) -> Kept:
    values = dict(zip(Record.__struct_fields__, (run, *rest), strict=True))
    values |= {field: getattr(shared, its)[values[field]] for field, its in PLACED.items()}
    values["run"] = replace(values["run"], seed=seed)
    values["run"].__dict__["id"] = name  # As it was found to be when the record's own file was read.
    return Kept(stamp, Record(**values))
