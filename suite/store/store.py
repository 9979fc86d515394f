"""The results folder: one folder a run, one writer a file, no lock.

results/runs/<code fingerprint>/<run id>/
    record.json          the terminal record, written last: the run is complete
    series.parquet       quantity, iteration, value
    arrays.npz           what figures are drawn from
    heartbeat.json       who trains the run, and how far it is
    checkpoint.npz       where to go on, and checkpoint.before.npz, the one before
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from suite.errors import UserError
from suite.spec.schema import Frozen
from suite.store.files import remove_leftovers, write
from suite.store.record import FORMAT, Record

ALIVE_WITHIN = 60.0
"""Seconds after which a heartbeat tells of a lost run."""


class Heartbeat(Frozen):
    """Sign of life of a run under way."""

    host: str
    process: int
    time: float
    """Seconds since 1970, by the clock of that host."""
    iteration: int
    iterations: int


class RunFolder(NamedTuple):
    """The files of one run."""

    path: Path

    @property
    def record_path(self) -> Path:
        """The terminal record."""
        return self.path / "record.json"

    @property
    def heartbeat_path(self) -> Path:
        """The last sign of life."""
        return self.path / "heartbeat.json"

    @property
    def checkpoints(self) -> tuple[Path, Path]:
        """The newest checkpoint, and the one before."""
        return self.path / "checkpoint.npz", self.path / "checkpoint.before.npz"

    def record(self) -> Record | None:
        """The terminal record; None where there is none that can be read, or another run's."""
        found = read_record(self.record_path)
        return found if found is not None and found.run.id == self.path.name else None

    def heartbeat(self) -> Heartbeat | None:
        """The last sign of life, or None."""
        try:
            return msgspec.json.decode(self.heartbeat_path.read_bytes(), type=Heartbeat)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def alive(self) -> bool:
        """Whether somebody trains this run now."""
        beat = self.heartbeat()
        return beat is not None and abs(time.time() - beat.time) < ALIVE_WITHIN

    def finish(self, record: Record) -> None:
        """Write the terminal record, and remove what only a run under way needs."""
        write(self.record_path, msgspec.json.format(msgspec.json.encode(record), indent=1))
        for path in (*self.checkpoints, self.heartbeat_path):
            path.unlink(missing_ok=True)
        remove_leftovers(self.path)


class Store(NamedTuple):
    """The runs of one version of the code in a results folder."""

    root: Path
    fingerprint: str

    @classmethod
    def at(cls, root: Path | str, fingerprint: str) -> "Store":
        """The store in the folder ``root``."""
        return cls(Path(root), fingerprint)

    @property
    def runs(self) -> Path:
        """The folder of this version's runs."""
        return self.root / "runs" / self.fingerprint

    def prepare(self) -> None:
        """Make the folder, so that one that cannot be written is known before anything is trained."""
        try:
            self.runs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(_not_writable(self.root, str(error.strerror))) from None
        if not os.access(self.runs, os.W_OK):
            raise UserError(_not_writable(self.root, "Permission denied"))

    def folder(self, run_id: str) -> RunFolder:
        """The folder of a run. Raises ValueError for a name that would leave the store."""
        if not run_id or run_id.startswith(".") or set("/\\\0") & set(run_id):
            raise ValueError(f"not a run id: {run_id!r}")
        return RunFolder(self.runs / run_id)

    def folders(self) -> Iterator[RunFolder]:
        """All folders of runs, by name."""
        if self.runs.is_dir():
            yield from (RunFolder(path) for path in sorted(self.runs.iterdir()) if path.is_dir())

    def records(self) -> dict[str, Record]:
        """All terminal records, by run id."""
        found = (folder.record() for folder in self.folders())
        return {record.run.id: record for record in found if record is not None}


def read_record(path: Path) -> Record | None:
    """A record from disk; None where it is missing, damaged, or of another format."""
    try:
        record = msgspec.json.decode(path.read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return record if record.format == FORMAT else None


def _not_writable(root: Path, why: str) -> str:
    return (
        f"results folder {root.as_posix()}: cannot be written: {why}\n    choose another with --results DIR"
    )
