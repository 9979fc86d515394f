"""What a ``run`` on this machine has still to do, and what it has found."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import NamedTuple

import msgspec

from suite.judge.assess import ClaimResult, next_runs
from suite.judge.measures import look_again
from suite.launch.bar import Bar
from suite.launch.batches import Batch, batches, ordered
from suite.launch.job import Job
from suite.launch.jobs import askers, job_of, judged, wanted
from suite.launch.memory import replicas
from suite.report.scoreboard import verdict_line
from suite.spec.runs import Run
from suite.store.progress import saved_iteration
from suite.store.record import Record
from suite.store.series import series_of
from suite.store.store import Store
from suite.study import Study


class Task(NamedTuple):
    """What a ``run`` command is to do."""

    studies: Sequence[Study]
    others: Callable[[], Sequence[Study]]
    """Which may look at the same runs some day: their claims are put down in the records as well."""
    store: Store
    workers: int
    """Processes."""
    checkpoint: float
    """Seconds between two savings of a run under way."""


class Session:
    """One ``run`` command: what it has still to do, and what it has found."""

    def __init__(self, task: Task, records: Mapping[str, Record], bar: Bar) -> None:
        self.task, self.studies, self.store, self.bar = task, task.studies, task.store, bar
        self.records = dict(records)
        self.asked: set[str] = set()
        self.told: set[str] = set()
        self.failed: dict[str, list[str]] = {}
        """Runs by why they failed."""
        self.diverged: list[str] = []
        """Of the runs that it has trained."""
        self.judged: dict[Study, tuple[ClaimResult, ...]] = {}

    @cached_property
    def others(self) -> Sequence[Study]:
        """Read where something is to be trained, and not before: there may be many."""
        return self.task.others()

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
        decoded = _decoded(job)
        runs = decoded.runs
        found = [record for run in runs if (record := self.store.folder(run.id).record()) is not None]
        self.records |= {record.run.id: record for record in found}
        self.diverged += [record.run.id for record in found if record.outcome.state == "diverged"]
        self._note_failures(found)
        for record in found:
            look_again(record, decoded.metrics, partial(series_of, self.store, record.run.id))
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
        return () if study.not_run else next_runs(study, results)

    def _jobs(self, runs: Iterable[Run]) -> list[bytes]:
        new = {run.id: run for run in runs if run.id not in self.asked | self.records.keys()}
        self.asked |= new.keys()
        progress = {run_id: saved_iteration(self.store.folder(run_id)) or 0 for run_id in new}
        found = ordered(batches(new.values(), progress, partial(replicas, workers=self.task.workers)))
        jobs = [self._job(batch) for batch in found]
        self.bar.more({job: batch.seconds for job, batch in zip(jobs, found, strict=True)})
        return jobs

    def _job(self, batch: Batch) -> bytes:
        job = job_of(batch, self.studies, self.others, self.store, self.task.checkpoint)
        return msgspec.json.encode(job)

    def _note_failures(self, ended: Iterable[Record]) -> None:
        """Tell the first run that failed for a reason; of others there is their number in the end."""
        for record in ended:
            if record.outcome.state != "failed":
                continue
            alike = self.failed.setdefault(record.outcome.reason, [])
            alike.append(record.run.id)
            if len(alike) == 1:
                path = self.store.folder(record.run.id).record_path
                self.bar.say(f"failed  {record.run.id}: {record.outcome.reason}\n        traceback in {path}")


def _decoded(job: bytes) -> Job:
    return msgspec.json.decode(job, type=Job)


def _name(result: ClaimResult) -> str:
    return f"{result.study.name}:{result.name}"


def _is_final(result: ClaimResult) -> bool:
    return result.judgement.verdict != "not evaluated" and result.next_look is None
