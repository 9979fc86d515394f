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
from typing import Generic, NamedTuple, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from suite.spec.runs import Run
from suite.store.decoding import UNREADABLE
from suite.store.files import ASIDE, read, write
from suite.store.record import Code, Cost, Environment, Measured, Outcome, Record

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


class Row(Struct, array_like=True, frozen=True):
    """A record whose larger parts are given by their place in ``Shared``."""

    name: str
    stamp: Stamp
    run: int
    seed: int
    code: int
    environment: int
    started: str
    ended: str
    outcome: int
    cost: Cost
    metrics: dict[str, Measured]
    instruments: int
    criteria: int
    digest: str
    format: int
    seal: str


class Shared(Struct, frozen=True):
    """The parts that many records have in common."""

    runs: list[Run]
    """Without their seeds."""
    codes: list[Code]
    environments: list[Environment]
    outcomes: list[Outcome]
    instruments: list[dict[str, str]]
    criteria: list[dict[str, str]]


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
        shared, rows = msgspec.msgpack.decode(body, type=tuple[Shared, list[Row]])
        return {row.name: Kept(row.stamp, _record(shared, row)) for row in rows}
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
    parts = _Parts()
    rows = [parts.row(name, kept) for name, kept in held.items()]
    body = msgspec.msgpack.encode((parts.shared(), rows))
    return MAGIC + hashlib.sha256(body).digest() + body


def _remove_leftovers(folder: Path) -> None:
    """Remove what writers that died an hour ago or more have left."""
    for path in folder.glob(f"{ASIDE}{NAME}.*"):
        if time.time() - path.stat().st_mtime > 3600:
            path.unlink(missing_ok=True)


Part = TypeVar("Part")


class _Table(Generic[Part]):
    """Distinct parts, in the order in which they came."""

    def __init__(self) -> None:
        self.places: dict[bytes, int] = {}
        self.parts: list[Part] = []
        self.encoder = msgspec.msgpack.Encoder()

    def place(self, part: Part) -> int:
        key = self.encoder.encode(part)
        place = self.places.setdefault(key, len(self.parts))
        if place == len(self.parts):
            self.parts.append(part)
        return place


class _Parts:
    """Takes records apart."""

    def __init__(self) -> None:
        self.runs = _Table[Run]()
        self.codes = _Table[Code]()
        self.environments = _Table[Environment]()
        self.outcomes = _Table[Outcome]()
        self.instruments = _Table[dict[str, str]]()
        self.criteria = _Table[dict[str, str]]()

    def shared(self) -> Shared:
        return Shared(*(table.parts for table in vars(self).values()))

    def row(self, name: str, kept: Kept) -> Row:
        record = kept.record
        return Row(
            name=name,
            stamp=kept.stamp,
            run=self.runs.place(replace(record.run, seed=0)),
            seed=record.run.seed,
            code=self.codes.place(record.code),
            environment=self.environments.place(record.environment),
            started=record.started,
            ended=record.ended,
            outcome=self.outcomes.place(record.outcome),
            cost=record.cost,
            metrics=record.metrics,
            instruments=self.instruments.place(record.instruments),
            criteria=self.criteria.place(record.criteria),
            digest=record.digest,
            format=record.format,
            seal=record.seal,
        )


def _record(shared: Shared, row: Row) -> Record:
    run = replace(shared.runs[row.run], seed=row.seed)
    run.__dict__["id"] = row.name  # As it was found to be when the record's own file was read.
    return Record(
        run=run,
        code=shared.codes[row.code],
        environment=shared.environments[row.environment],
        started=row.started,
        ended=row.ended,
        outcome=shared.outcomes[row.outcome],
        cost=row.cost,
        metrics=row.metrics,
        instruments=shared.instruments[row.instruments],
        criteria=shared.criteria[row.criteria],
        digest=row.digest,
        format=row.format,
        seal=row.seal,
    )
