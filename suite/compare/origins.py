"""What two sides are: their code and where they were trained, as rows of a table."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from suite.compare.attribution import DRAWING, NONE
from suite.compare.compare import Comparison
from suite.compare.packs import labels
from suite.compare.side import Side
from suite.plain import few
from suite.store.record import Environment, Record

SHOWN = 3
"""Values of a cell."""
FIELDS = ("processor", "device", "threads", "processes", "deterministic", "python", "platform")


class Row(NamedTuple):
    """A thing that both sides have, and what it is on each."""

    name: str
    before: str
    after: str


def named(found: Comparison) -> list[Row]:
    """Names, labels, code and numbers of runs."""
    old, new = found.records
    return [
        Row("Named", found.before.name, found.after.name),
        Row("Results of", *labels(found)),
        Row("Code", _told(r.code.fingerprint for r in old), _told(r.code.fingerprint for r in new)),
        Row("Commit", _commits(found.before, old), _commits(found.after, new)),
        Row("Runs", f"{len(old):,}", f"{len(new):,}"),
    ]


def environments(found: Comparison) -> list[Row]:
    """Where the runs were trained and with which packages, without those that no result depends on."""
    old, new = ([record.environment for record in records] for records in found.records)
    packages = sorted({name for each in (*old, *new) for name in each.packages} - DRAWING)
    rows = [Row(name.capitalize(), _fields(old, name), _fields(new, name)) for name in FIELDS]
    return rows + [Row(name, _versions(old, name), _versions(new, name)) for name in packages]


def _fields(environments: Sequence[Environment], name: str) -> str:
    return _told(str(getattr(each, name)) for each in environments)


def _versions(environments: Sequence[Environment], package: str) -> str:
    return _told(each.packages.get(package) or NONE for each in environments)


def _commits(side: Side, records: Sequence[Record]) -> str:
    codes = (side.dated(record).code for record in records)
    all_ = (f"{each.commit}{' with uncommitted changes' if each.patch else ''}" for each in codes)
    return side.revision or _told(each for each in all_ if each)


def _told(values: Iterable[str]) -> str:
    """Each value once; of many the first few."""
    return ", ".join(few(sorted(set(values)), SHOWN, "{} more")) or NONE
