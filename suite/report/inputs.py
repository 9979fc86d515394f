"""What a study's figures are made from, as a hash: as long as it stays, they need not be drawn again."""

import hashlib
import os
from functools import cache
from typing import Final

import msgspec

from suite.packages import version_of
from suite.places import PACKAGE
from suite.report.evidence import StoredEvidence
from suite.spec.packs.found import packs
from suite.store.packs import whole

DRAWING: Final = ("matplotlib", "numpy", "pandas", "pillow", "pyarrow", "scipy", "seaborn")
"""Packages whose version a figure can depend on."""
FILES: Final = ("series.parquet", "arrays.npz", "sheet.png")
"""Of a run, besides its record: told by size and time, like the files of a Makefile."""


def inputs(evidence: StoredEvidence) -> str:
    """Hash of all that a study's part of a report can depend on: what it states, its runs and their files,
    the code, packs and packages.
    """
    study = evidence.study
    stated = (study.scale, study.variant, study.paper, study.experiment, evidence.reference)
    total = hashlib.sha256(msgspec.json.encode((stated, code(), loaded())))
    for record in evidence.records:
        total.update(record.seal.encode() or msgspec.json.encode(record))  # The seal is a hash of all of it.
        total.update(repr(_stamps(evidence.store.place(record.run.id))).encode())
    return total.hexdigest()


def loaded() -> list[tuple[str, str]]:
    """Name and content of each pack that is here, that of its metrics and figures included."""
    return [(each.name, whole(each)) for each in packs()]


@cache
def code() -> str:
    """Hash of the suite's source files and templates, and of the versions of what it draws with."""
    total = hashlib.sha256(repr([version_of(name) for name in DRAWING]).encode())
    for path in sorted(path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".j2", ".css")):
        total.update(f"{path.relative_to(PACKAGE).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return total.hexdigest()


def _stamps(folder: str) -> list[tuple[int, int] | None]:
    return [_stamp(f"{folder}/{name}") for name in FILES]


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        about = os.stat(path)  # noqa: PTH116  Path.stat takes twice as long.
    except OSError:
        return None
    return about.st_size, about.st_mtime_ns
