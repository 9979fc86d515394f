"""The results folder: one folder a run, one writer a file; readers need no lock.

results/runs/<version>/<run id>/
    record.json          the terminal record, written last: the run is complete
    series.parquet       quantity, iteration, value
    arrays.npz           what figures are drawn from
    heartbeat.json       who trains the run, and how far it is
    checkpoint.npz       where to go on, and checkpoint.before.npz, the one before
    sheet.png            generated images, of runs on images

Beside the runs of a version lie the uncommitted changes that their records name by a hash, <hash>.patch, and
.records.compact, all records in one file, which is quicker to read.
"""

import errno
import gc
import os
import platform
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from suite.errors import UserError
from suite.spec.schema import Frozen
from suite.store import compact
from suite.store.compact import Kept, Stamp
from suite.store.decoding import read_json
from suite.store.files import remove_leftovers, write
from suite.store.nearby import unusable
from suite.store.record import Number, Record, is_done
from suite.store.seal import Flaw, Problem, read, sealed, written
from suite.store.version_names import PLUS, apart, counted, joined, packs_in

ALIVE_WITHIN = 60.0
"""Seconds after which a heartbeat tells of a lost run."""
LARGEST_BEAT = 2**16
"""Bytes. What is larger is no sign of life."""
MANY = 500
"""Records from which on a second reading is from one file: see ``suite.store.compact``."""

FEW = 8
"""A record's own file takes at the most so many times as long to read as a record among all."""
LEADING_OUT = frozenset("/\\\0")
"""Letters that no folder's name can have."""


class Heartbeat(Frozen):
    """Sign of life of a run under way."""

    host: str
    process: int
    time: float
    """Seconds since 1970, by the clock of that host."""
    iteration: Number
    iterations: Number
    rate: float = 0.0
    """Iterations a second of this process; 0 where it is not known yet."""


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
        """The terminal record; None where there is none that can be used."""
        found = self.look()
        return None if isinstance(found, Flaw) else found

    def look(self) -> Record | Flaw:
        """The terminal record, or why there is none that can be used."""
        return look_at(self.record_path, self.path.name, self.path.parent.name)

    def heartbeat(self) -> Heartbeat | None:
        """The last sign of life, or None."""
        return read_json(self.heartbeat_path, Heartbeat, LARGEST_BEAT)

    def finish(self, record: Record) -> None:
        """Seal and write the terminal record, and remove what only a run under way needs. A run that failed
        keeps its checkpoints: asked for again, it goes on from there.
        """
        write(self.record_path, written(sealed(record)))
        for path in (*(self.checkpoints if is_done(record) else ()), self.heartbeat_path):
            path.unlink(missing_ok=True)
        remove_leftovers(self.path)


def is_alive(beat: Heartbeat) -> bool:
    """Whether a sign of life tells of a run under way: it is young, and its process not known to be gone."""
    return abs(time.time() - beat.time) < ALIVE_WITHIN and not _is_gone(beat)


def _is_gone(beat: Heartbeat) -> bool:
    if beat.host != platform.node() or beat.process < 1:
        return False
    with suppress(PermissionError, OverflowError):
        try:
            os.kill(beat.process, 0)
        except ProcessLookupError:
            return True
    return False


class Store(NamedTuple):
    """The runs of one version of the code in a results folder.

    Of a version without packs, runs that use some count as well: see ``suite.store.version_names``.
    """

    root: Path
    fingerprint: str
    packs: tuple[tuple[str, str], ...] = ()
    """Name and content of the packs that are here."""

    @property
    def runs(self) -> Path:
        """The folder of this version's runs."""
        return _runs(self.root, self.fingerprint)

    def report(self, scale: str) -> Path:
        """The folder of the report of a scale."""
        return self.root / "report" / scale

    def prepare(self) -> None:
        """Make the folder, so that one that cannot be written is known before anything is trained."""
        try:
            str(self.root.absolute()).encode()  # As jobs are told of it.
        except UnicodeEncodeError:
            raise UserError(_not_utf8(self.root)) from None
        try:
            self.runs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(unusable(self.root, "written", str(error.strerror))) from None
        if not os.access(self.runs, os.W_OK):
            is_fixed = os.statvfs(self.runs).f_flag & os.ST_RDONLY
            why = os.strerror(errno.EROFS if is_fixed else errno.EACCES)
            raise UserError(unusable(self.root, "written", why))

    def folder(self, run_id: str) -> RunFolder:
        """The folder of a run. Raises ValueError for a name that would leave the store."""
        return RunFolder(Path(self.place(run_id)))

    def place(self, run_id: str) -> str:
        """The same folder as text, for many of them: a Path takes several times as long. Raises the same."""
        if not run_id or run_id.startswith(".") or not LEADING_OUT.isdisjoint(run_id):
            raise ValueError(f"not a run id: {run_id!r}")
        used = packs_in(run_id)
        return f"{self._place(used) if used else self.runs}/{run_id}"

    def _place(self, used: tuple[str, ...]) -> Path:
        """The folder of runs that use these packs."""
        known = dict(self.packs)
        if PLUS in self.fingerprint:
            return self.runs
        if known.keys() >= set(used):
            return self.runs.with_name(joined(self.fingerprint, {name: known[name] for name in used}))
        there = (each.runs for each in self._besides() if tuple(apart(each.fingerprint)[1]) == used)
        return next(there, self.runs)

    def _besides(self) -> "list[Store]":
        """The versions with packs that count as well."""
        if PLUS in self.fingerprint:
            return []
        names = counted(self.root / "runs", self.fingerprint, dict(self.packs))
        return [Store(self.root, name) for name in names]

    def counts(self, fingerprint: str) -> bool:
        """Whether runs of a version, with packs or without, are this store's."""
        suite, used = apart(fingerprint)
        known = dict(self.packs)
        of_now = all(known.get(name, of_it) == of_it for name, of_it in used.items())
        return fingerprint == self.fingerprint or (suite == self.fingerprint and of_now)

    def folders(self) -> Iterator[RunFolder]:
        """All folders of runs, by name."""
        for each in (self, *self._besides()):
            if each.runs.is_dir():
                yield from (RunFolder(path) for path in sorted(each.runs.iterdir()) if path.is_dir())

    def begun(self) -> set[str]:
        """The ids of the runs that have a folder."""
        there = [each.runs for each in (self, *self._besides()) if each.runs.is_dir()]
        return {name for runs in there for name in os.listdir(runs)}  # noqa: PTH208  Without a Path of each.

    def records(self) -> dict[str, Record]:
        """All terminal records, by run id, without those that do not count."""
        return self.contents().records

    def contents_of(self, asked: Collection[str]) -> "Contents":
        """The records and the problems of some runs at least: of no others, where these are few of all."""
        if not self._are_few(len(asked)):
            return self.contents()
        with uncollected():
            found = {name: self._look(name) for name in sorted(asked)}
        records = {name: each for name, each in found.items() if isinstance(each, Record)}
        problems = [
            Problem(self.folder(name).record_path, each)
            for name, each in found.items()
            if isinstance(each, Flaw) and each.fault != "missing"
        ]
        return Contents(records, problems)

    def _look(self, run_id: str) -> Record | Flaw:
        folder = self.place(run_id)
        return look_at(f"{folder}/record.json", run_id, folder.rsplit("/", 2)[1])

    def _are_few(self, asked: int) -> bool:
        """Whether so many runs are few of all that have a folder; not all of these are counted."""
        with ExitStack() as stack:
            places = (each.runs for each in (self, *self._besides()) if each.runs.is_dir())
            found = chain.from_iterable(stack.enter_context(os.scandir(runs)) for runs in places)
            return any(True for _ in islice(found, asked * FEW, None))

    def contents(self) -> "Contents":
        """The records and the problems, in one reading."""
        own = self._own_contents()
        for each in self._besides():
            more = each._own_contents()
            own = Contents(own.records | more.records, own.problems + more.problems)
        return own

    def _own_contents(self) -> "Contents":
        with uncollected():
            try:
                stamps = compact.stamps(self.runs)
            except OSError as error:
                raise UserError(unusable(self.root, "read", str(error.strerror))) from None
            return self._contents(stamps, many=len(stamps) >= MANY)

    def _contents(self, stamps: Mapping[str, Stamp], *, many: bool) -> "Contents":
        known = compact.load(self.runs) if many else {}
        place = os.fspath(self.runs)
        now: dict[str, Kept] = {}
        problems: list[Problem] = []
        for name, stamp in stamps.items():
            kept = known.get(name)
            if kept is not None and kept.stamp == stamp:
                now[name] = kept
            elif isinstance(found := look_at(f"{place}/{name}/record.json", name, self.fingerprint), Record):
                now[name] = Kept(stamp, found)
            elif found.fault != "missing":
                problems.append(Problem(self.runs / name / "record.json", found))
        if many:
            compact.keep(self.runs, known, now)
        return Contents({name: kept.record for name, kept in now.items()}, problems)


@lru_cache(maxsize=64)
def _runs(root: Path, fingerprint: str) -> Path:
    return root / "runs" / fingerprint


@contextmanager
def uncollected() -> Iterator[None]:
    """Without a search for garbage, which among many values that all stay takes as long as reading them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Contents(NamedTuple):
    """What a store holds."""

    records: dict[str, Record]
    """By run id."""
    problems: list[Problem]
    """Records that do not count, by run id. Runs that have none yet are no problem."""

    @property
    def done(self) -> dict[str, Record]:
        """The records of runs that need not be trained again."""
        return {name: record for name, record in self.records.items() if is_done(record)}


def look_at(path: Path | str, run_id: str, fingerprint: str) -> Record | Flaw:
    """The record of a run in a file, or why there is none that can be used."""
    found = read(path)
    if isinstance(found, Flaw):
        return found
    if found.run.id != run_id:
        return Flaw("of another run", f"record.json is of the run {found.run.id}")
    if found.code.fingerprint != fingerprint:
        return Flaw("of another version", f"record.json is of code {found.code.fingerprint}")
    return found


def read_record(path: Path) -> Record | None:
    """A record from disk; None where it is missing, damaged, edited, or of another form."""
    found = read(path)
    return None if isinstance(found, Flaw) else found


def _not_utf8(root: Path) -> str:
    shown = str(root).encode("utf-8", "replace").decode()
    return (
        f"results folder {shown}: its name is not text in this locale\n"
        "    set LC_ALL=C.UTF-8, or choose another with --results DIR"
    )
