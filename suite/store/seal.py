"""The seal of a record: a hash over its content, which tells what was edited by hand."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from suite.store.record import FORMAT, Record

SEALS = "suite/store/seal.py"
"""What a revision has that seals its records."""
LARGEST = 2**24
"""Bytes. What is larger is no record, and is not read."""
SHOWN = 5
"""Problems that are told of one by one."""

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
    typed = msgspec.convert(_plain(replace(record, seal="")), Record)
    return replace(typed, seal=_seal(_plain(typed)))


def is_sealed(record: Record) -> bool:
    """Whether a record has the seal of its content."""
    return record.seal == _seal(_plain(replace(record, seal="")))


def opened(content: bytes) -> Record | Flaw:
    """The record in a file's content, or why there is none that can be used."""
    try:
        plain = msgspec.json.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Flaw("damaged", "record.json is not whole JSON")
    if not isinstance(plain, dict):
        return Flaw("damaged", "record.json holds no record")
    found = plain.pop("seal", "")
    if not found:
        return Flaw("unsealed", "record.json has no seal: edited by hand, or written before there were any")
    if found != _seal(plain):
        return Flaw("edited", "the content of record.json does not fit its seal")
    return _typed(plain | {"seal": found})


def read(path: Path) -> Record | Flaw:
    """The record in a file, or why there is none that can be used."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        return Flaw("missing", f"there is no {path.name}")
    except OSError as error:
        return Flaw("damaged", f"{path.name} cannot be read: {error.strerror}")
    if len(content) > LARGEST:
        return Flaw("damaged", f"{path.name} is too large for a record")
    return opened(content)


def read_unsealed(path: Path) -> Record | None:
    """A record as it was written before there were seals; None where it is not one of that kind."""
    try:
        record = msgspec.json.decode(path.read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    place = (record.run.id, record.code.fingerprint)
    is_at_home = place == (path.parent.name, path.parents[1].name)
    return record if is_at_home and not record.seal and record.format == FORMAT else None


def told(problems: Sequence[Problem]) -> str:
    """The problems as lines, of many the first few and how many more; empty where there are none."""
    lines = [problem.line for problem in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"... and {len(problems) - SHOWN} more records that do not count")
    return "".join(f"{line}\n" for line in lines)


def _plain(record: Record) -> dict[str, object]:
    return msgspec.json.decode(msgspec.json.encode(record), type=dict[str, object])


def _seal(plain: dict[str, object]) -> str:
    """SHA-256 of compact JSON with sorted keys. It does not depend on what this version knows of records."""
    return hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()


def _typed(plain: dict[str, object]) -> Record | Flaw:
    try:
        record = msgspec.convert(plain, Record)
    except msgspec.MsgspecError as error:
        return Flaw("of another form", f"record.json is of another version of the suite: {error}")
    if record.format != FORMAT:
        return Flaw("of another form", f"record.json is of format {record.format}, not {FORMAT}")
    return record
