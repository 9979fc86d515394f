"""The seal of a record: a hash over its content, which tells what was edited by hand."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from suite.plain import few
from suite.store.decoding import UNREADABLE, read_json
from suite.store.files import read as read_file
from suite.store.formats import RECORDS, Newer, format_of, upgraded
from suite.store.record import FORMAT, Record

SEALS = "suite/store/seal.py"
"""What a revision has that seals its records."""
LARGEST = 2**24
"""Bytes. What is larger is no record, and is not read."""
SHOWN = 5
"""Problems that are told of one by one."""
MORE = "... and {} more records that do not count"
DECODER: Final = msgspec.json.Decoder(Record)
ENCODER: Final = msgspec.json.Encoder()
SORTING: Final = msgspec.json.Encoder(order="sorted")

Fault = Literal[
    "missing", "damaged", "unsealed", "edited", "of another form", "of another run", "of another version"
]


class Flaw(NamedTuple):
    """Why a file is not the record that it should be."""

    fault: Fault
    why: str


class Problem(NamedTuple):
    """A file of the results folder that does not count, and why."""

    path: Path
    flaw: Flaw

    @property
    def run(self) -> str:
        """The id of the run whose record it should be."""
        return self.path.parent.name

    @property
    def line(self) -> str:
        """The problem for a terminal, without signs that would steer it."""
        text = f"{self.flaw.fault}  {self.run}: {self.flaw.why}"
        return "".join(sign if sign.isprintable() else "?" for sign in text)


def sealed(record: Record) -> Record:
    """The record with its seal, and its numbers of the types that they have when it is read back."""
    typed = msgspec.convert(_plain(replace(record, seal="", format=FORMAT)), Record)
    return replace(typed, seal=_hash(_plain(typed)))


def written(record: Record) -> bytes:
    """The content of a record's file."""
    return msgspec.json.format(ENCODER.encode(record), indent=1)


def opened(content: bytes) -> Record | Flaw:
    """The record in a file's content, or why there is none that can be used."""
    return _as_written(content) or _examined(content)


def _as_written(content: bytes) -> Record | None:
    """The record in what is, to the byte, the content of a whole record's file or line: nearly all are, and
    there is no need to take these apart into plain values.
    """
    try:
        record = DECODER.decode(content)
    except UNREADABLE:
        return None
    line = ENCODER.encode(record)
    is_whole = content in (line, msgspec.json.format(line, indent=1)) and record.format == FORMAT
    return record if is_whole and record.seal == _hash(replace(record, seal="")) else None


def _examined(content: bytes) -> Record | Flaw:
    try:
        plain = msgspec.json.decode(content)
    except UNREADABLE:
        return Flaw("damaged", "record.json is not whole JSON")
    if not isinstance(plain, dict):
        return Flaw("damaged", "record.json holds no record")
    found = plain.pop("seal", "")
    if not found:
        return Flaw("unsealed", "record.json has no seal: edited by hand, or written before there were any")
    if found != _hash(plain):
        return Flaw("edited", "the content of record.json does not fit its seal")
    return _typed(plain | {"seal": found})


def read(path: Path | str) -> Record | Flaw:
    """The record in a file, or why there is none that can be used."""
    try:
        content = read_file(path, LARGEST)
    except FileNotFoundError:
        return Flaw("missing", "there is no record.json")
    except OSError as error:
        return Flaw("damaged", f"record.json cannot be read: {error.strerror}")
    if content is None:
        return Flaw("damaged", "record.json is too large for a record, or no file")
    return opened(content)


def read_unsealed(path: Path) -> Record | None:
    """A record as it was written before there were seals; None where it is not one of that kind."""
    record = read_json(path, Record)
    if record is None:
        return None
    place = (record.run.id, record.code.fingerprint)
    is_at_home = place == (path.parent.name, path.parents[1].name)
    return record if is_at_home and not record.seal and record.format == FORMAT else None


def problem_lines(problems: Sequence[Problem]) -> str:
    """The problems as lines, of many the first few and how many more; empty where there are none."""
    lines = few([problem.line for problem in problems], SHOWN, MORE)
    return "".join(f"{line}\n" for line in lines)


def _plain(record: Record) -> dict[str, object]:
    return msgspec.json.decode(msgspec.json.encode(record), type=dict[str, object])


def _hash(content: Record | dict[str, object]) -> str:
    """SHA-256 of compact JSON with sorted keys, which does not depend on what this version knows of records.
    Equal for a record and for the plain values of its file, where none of these is at its default.
    """
    return hashlib.sha256(SORTING.encode(content)).hexdigest()


def _typed(plain: dict[str, object]) -> Record | Flaw:
    """The seal of a record of an older format stays that of its file."""
    try:
        now = upgraded(plain, RECORDS, format_of(plain), FORMAT)
        return msgspec.convert(now | {"format": FORMAT}, Record)
    except Newer as error:
        return Flaw("of another form", f"record.json is {error}")
    except (ValueError, msgspec.MsgspecError) as error:
        return Flaw("of another form", f"record.json is of another version of the suite: {error}")
