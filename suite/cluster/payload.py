"""What runs on a node. submitit pickles these by their names and with plain strings: what is to be
trained lies in JSON beside the submission, and where it stands in the store.
"""

import os
import signal
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

import msgspec
from submitit.helpers import DelayedSubmission, TorchDistributedEnvironment

from suite.cluster import scheduler
from suite.cluster.scheduler import Silent
from suite.judge.measures import look_again
from suite.launch.job import Job
from suite.launch.pool import TRIES, Pool
from suite.printing import say
from suite.spec.packs import noted
from suite.store.record import is_done
from suite.store.series import series_of
from suite.store.store import Store
from suite.store.version_names import code_of

TERMINATED = 128 + signal.SIGTERM
"""Exit status of a job that was told to leave."""


class Work:
    """Trains a bundle. The pool of the process is kept apart, since this is what gets pickled."""

    def __call__(self, path: str, workers: int = 1) -> None:
        """Train the bundle in the file ``path`` to its records, as far as they are not there."""
        _share_out()
        signal.signal(signal.SIGTERM, _leave)
        log = _Log()
        # A process of a team that tried again would wait for others that have gone on.
        _POOLS.append(Pool(workers, log, tries=TRIES if _size() == 1 else 1))
        _POOLS[-1].run(msgspec.json.encode(job) for job in to_do(Path(path)))
        for fault in noted.taken().values():
            say(sys.stdout, fault)
        if log.failed:
            raise RuntimeError(
                f"{len(log.failed)} runs failed, their records say why: {', '.join(log.failed)}"
            )

    def checkpoint(self, path: str, workers: int = 1) -> DelayedSubmission:
        """At the signal before the time limit, or of a preemption: save, and come back later."""
        _close()
        return DelayedSubmission(Work(), path, workers)


_POOLS: list[Pool] = []


def _close() -> None:
    """Let the workers save what they are at, and leave."""
    while _POOLS:
        _POOLS.pop().close()


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """At SIGTERM, which comes some seconds before SIGKILL: save, and leave the rest to a new launch, or to
    this job itself where it was preempted.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # Another comes at the end of that time.
    _close()
    if _leads():
        _come_back_if_preempted()
    sys.exit(TERMINATED)


def _come_back_if_preempted() -> None:
    """Ask for a requeue: SLURM itself requeues only what still runs when the time to leave is over."""
    own = scheduler.own()
    try:
        if scheduler.is_preempted(own):
            scheduler.requeue(own)
    except Silent as silent:
        say(sys.stderr, f"job {own} is not requeued: {silent}")


def to_do(path: Path) -> list[Job]:
    """The jobs of a bundle without the runs that have their records. RuntimeError where the code is not
    the one that was submitted.
    """
    found = []
    for job in msgspec.json.decode(path.read_bytes(), type=list[Job]):
        now = code_of(job.runs).fingerprint
        if job.code.fingerprint != now:
            raise RuntimeError(f"the copy of the code was changed: it is {now} now")
        store = Store(Path(job.store), job.code.fingerprint)
        records = {run.id: store.folder(run.id).record() for run in job.runs}
        left = tuple(run for run in job.runs if (r := records[run.id]) is None or not is_done(r))
        if left:
            found.append(msgspec.structs.replace(job, runs=left))
    return found


def _share_out() -> None:
    """Where several processes train one run, tell each which it is, in torch's own variables."""
    if _size() > 1:
        TorchDistributedEnvironment().export(set_cuda_visible_devices=False, overwrite=True)


def _size() -> int:
    """How many processes train a run of this job together."""
    return int(os.environ.get("SLURM_NTASKS", "1"))


def _leads() -> bool:
    """Whether this is the process that writes."""
    return int(os.environ.get("SLURM_PROCID", "0")) == 0


class _Log:
    """A pool's watcher that writes lines to the job's log."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.tenths: dict[bytes, int] = {}

    def advanced(self, job: bytes, share: float, note: str) -> None:
        """See ``suite.launch.pool.Watcher``."""
        if int(10 * share) > self.tenths.get(job, -1):
            self.tenths[job] = int(10 * share)
            say(sys.stdout, f"{share:4.0%}  {note}")

    def ended(self, job: bytes) -> Iterable[bytes]:
        """See ``suite.launch.pool.Watcher``."""
        if not _leads():
            return ()
        decoded = msgspec.json.decode(job, type=Job)
        store = Store(Path(decoded.store), decoded.code.fingerprint)
        for run in decoded.runs:
            record = store.folder(run.id).record()
            if record is not None:
                look_again(record, decoded.metrics, partial(series_of, store, run.id))
            state = "without a record" if record is None else record.outcome.state
            say(sys.stdout, f"{state}  {run.id}")
            if record is None or not is_done(record):
                self.failed.append(run.id)
        return ()

    def lost(self, job: bytes, reason: str) -> Iterable[bytes]:
        """See ``suite.launch.pool.Watcher``."""
        if not _leads():
            return ()
        from suite.launch.records import lost  # Imports torch, which is seldom needed here.

        lost(msgspec.json.decode(job, type=Job), reason)
        return self.ended(job)


class GoOn:
    """The small job after the others: further looks of claims that are undecided, or the report."""

    def __call__(self, command: list[str]) -> None:
        """Carry out a command of the suite. RuntimeError where it fails."""
        from suite.cli import main

        # submitit lets it pass, and what was cancelled would submit.
        signal.signal(signal.SIGTERM, _leave)
        status = main(command)
        if status:
            raise RuntimeError(f"{' '.join(command)} ended with status {status}")

    def checkpoint(self, command: list[str]) -> DelayedSubmission:
        """At the signal before the time limit: begin again later. What it has submitted is in jobs then."""
        return DelayedSubmission(GoOn(), command)
