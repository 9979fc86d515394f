"""Run studies on this machine: each claim's first look, then further looks where undecided."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from functools import cached_property, partial

import msgspec
from tqdm import tqdm

from suite.judge.assess import ClaimResult, next_runs
from suite.launch import gpu
from suite.launch.batches import REPLICAS, Batch, batches, ordered
from suite.launch.job import Job
from suite.launch.jobs import askers, job_of, judged, wanted
from suite.launch.memory import fitting
from suite.launch.pool import Pool
from suite.report.scoreboard import verdict_line
from suite.spec.runs import Run
from suite.spec.schema import Setting
from suite.store.files import write
from suite.store.kept import lock_of
from suite.store.lock import Lock
from suite.store.progress import saved_iteration
from suite.store.record import Record
from suite.store.seal import told
from suite.store.store import Store
from suite.store.version import code, patch
from suite.study import Study

Others = Callable[[], Sequence[Study]]


class Session:
    """One ``run`` command: what it has still to do, and what it has found."""

    def __init__(
        self,
        studies: Sequence[Study],
        others: Others,
        store: Store,
        records: Mapping[str, Record],
        bar: "Bar",
        workers: int,
        checkpoint_seconds: float,
    ) -> None:
        self.studies, self._others, self.workers = studies, others, workers
        self.store, self.bar, self.checkpoint_seconds = store, bar, checkpoint_seconds
        self.records = dict(records)
        self.asked: set[str] = set()
        self.told: set[str] = set()
        self.failed: list[str] = []
        self.judged: dict[Study, tuple[ClaimResult, ...]] = {}

    @cached_property
    def others(self) -> Sequence[Study]:
        """Read where something is to be trained, and not before: there may be many."""
        return self._others()

    def results(self) -> list[ClaimResult]:
        """Every claim of every study as it stands, once the session has started."""
        return [each for study in self.studies for each in self.judged[study]]

    def start(self) -> list[bytes]:
        """The jobs to begin with."""
        self.judged = {study: judged(study, self.records, self.store) for study in self.studies}
        every = (result for results in self.judged.values() for result in results)
        self.told |= {_name(result) for result in every if _is_final(result)}
        return self._jobs(wanted(self.judged, self.records))

    def advanced(self, job: bytes, share: float, note: str) -> None:
        """See ``Watcher``."""
        self.bar.advanced(job, share)
        self.bar.note(note)

    def ended(self, job: bytes) -> Iterable[bytes]:
        """See ``Watcher``."""
        self.bar.advanced(job, 1.0)
        runs = _decoded(job).runs
        for run in runs:
            record = self.store.folder(run.id).record()
            if record is not None:
                self.records[run.id] = record
                self._note_failure(record)
        concerned = askers(self.studies, runs)
        return self._jobs([run for study in concerned for run in self._judge(study)])

    def lost(self, job: bytes, reason: str) -> Iterable[bytes]:
        """See ``Watcher``."""
        from suite.launch.records import lost  # Imports torch, which is seldom needed here.

        lost(_decoded(job), reason)
        return self.ended(job)

    def _judge(self, study: Study) -> tuple[Run, ...]:
        """Tell the verdicts that are new; the runs that undecided claims need next."""
        results = self.judged[study] = judged(study, self.records, self.store)
        for result in results:
            if _name(result) not in self.told and _is_final(result):
                self.told.add(_name(result))
                self.bar.say(verdict_line(result, sys.stdout.encoding))
        return next_runs(study, results)

    def _jobs(self, runs: Iterable[Run]) -> list[bytes]:
        new = {run.id: run for run in runs if run.id not in self.asked | self.records.keys()}
        self.asked |= new.keys()
        progress = {run_id: saved_iteration(self.store.folder(run_id)) or 0 for run_id in new}
        found = ordered(batches(new.values(), progress, partial(replicas, workers=self.workers)))
        jobs = [self._job(batch) for batch in found]
        self.bar.more({job: batch.seconds for job, batch in zip(jobs, found, strict=True)})
        return jobs

    def _job(self, batch: Batch) -> bytes:
        job = job_of(batch, self.studies, self.others, self.store, self.checkpoint_seconds)
        return msgspec.json.encode(job)

    def _note_failure(self, record: Record) -> None:
        if record.outcome.state == "failed":
            self.failed.append(record.run.id)
            path = self.store.folder(record.run.id).record_path
            self.bar.say(f"failed  {record.run.id}: {record.outcome.reason}\n        traceback in {path}")


class Bar:
    """Progress in estimated seconds of one core, on stderr; messages go to stdout."""

    def __init__(self, shown: bool) -> None:
        form = "{percentage:3.0f}% |{bar}| {elapsed} gone, about {remaining} left{postfix}"
        self.bar = tqdm(total=0.0, bar_format=form, disable=not shown, file=sys.stderr, dynamic_ncols=True)
        if shown:  # The time of day may jump, and the time left with it.
            self.bar._time = time.monotonic  # type: ignore[attr-defined]
            self.bar.start_t = self.bar.last_print_t = time.monotonic()
        self.total = 0.0
        self.weights: dict[bytes, float] = {}
        self.shares: dict[bytes, float] = {}

    def more(self, weights: dict[bytes, float]) -> None:
        """Jobs have been added."""
        self.weights |= weights
        self.total = self.bar.total = sum(self.weights.values())
        self.bar.refresh()

    def forget(self) -> None:
        """No job has been added yet."""
        self.weights.clear()

    def advanced(self, job: bytes, share: float) -> None:
        """A job is at ``share`` of its way."""
        before = self.shares.get(job, 0.0)
        self.shares[job] = share
        step = (share - before) * self.weights.get(job, 0.0)
        # Roundings may add up to more than there is.
        self.bar.update(min(step, self.total - self.bar.n))

    def note(self, text: str) -> None:
        """Show what was heard of last."""
        self.bar.set_postfix_str(text)

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self.bar.write(text, file=sys.stdout)
        sys.stdout.flush()

    def close(self) -> None:
        """Leave the terminal as it was."""
        self.bar.close()


def run_here(
    studies: Sequence[Study],
    others: Others,
    store: Store,
    workers: int,
    checkpoint_seconds: float,
    shown: bool,
) -> Session:
    """Run what is missing of the studies on ``workers`` processes; the claims of the ``others``, which
    may look at the same runs some day, are put down in the records as well.

    Where another process of this machine trains in the same folder, wait until it has ended, and train what
    it has not.
    """
    with closing(Bar(shown)) as bar, Lock(lock_of(store.root, store.fingerprint)) as lock:
        begin = partial(_begun, studies, others, store, bar, workers, checkpoint_seconds)
        session, jobs = begin()
        if jobs and not lock.is_held:
            sys.stderr.write(f"another run is at work on {store.root}: this one goes on when it has ended\n")
            lock.wait()
            bar.forget()
            session, jobs = begin()
        if jobs:
            keep_patch(store)
            bar.note("the workers are loading")
            Pool(workers, session).run(jobs)
    return session


def _begun(
    studies: Sequence[Study], others: Others, store: Store, bar: Bar, workers: int, checkpoint_seconds: float
) -> tuple[Session, list[bytes]]:
    """A session on what is in the store now, and its first jobs."""
    contents = store.contents_of({run.id for study in studies for run in study.all_runs()})
    sys.stderr.write(told(contents.problems))
    session = Session(studies, others, store, contents.done, bar, workers, checkpoint_seconds)
    return session, session.start()


def replicas(setting: Setting, workers: int) -> int:
    """How many runs of a setting are trained in one batch, at the most; workers share one GPU."""
    memory = gpu.memory()
    return fitting(setting, memory / workers) if memory else REPLICAS


def keep_patch(store: Store) -> None:
    """Keep the uncommitted changes that records name by their hash."""
    if code().patch:
        write(store.runs / f"{code().patch}.patch", patch())


def _decoded(job: bytes) -> Job:
    return msgspec.json.decode(job, type=Job)


def _name(result: ClaimResult) -> str:
    return f"{result.study.name}:{result.name}"


def _is_final(result: ClaimResult) -> bool:
    judgement = result.judgement
    more = judgement.verdict == "inconclusive" and judgement.look < len(result.claim.looks)
    return judgement.verdict != "not evaluated" and not more
