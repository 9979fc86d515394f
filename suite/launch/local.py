"""Run studies on this machine: each claim's first look, then further looks where undecided."""

import sys
from collections.abc import Iterable, Sequence
from functools import partial

import msgspec
from tqdm import tqdm

from suite.judge.assess import ClaimResult, assess, next_runs
from suite.launch.batches import Batch, batches, ordered
from suite.launch.job import Job
from suite.launch.pool import Pool
from suite.report.scoreboard import verdict_line
from suite.spec.runs import Run
from suite.store.checkpoints import reached
from suite.store.files import write
from suite.store.record import Record, is_done
from suite.store.series import series_of
from suite.store.store import Store
from suite.store.version import code, patch
from suite.study import Study


class Session:
    """One ``run`` command: what it has still to do, and what it has found."""

    def __init__(
        self,
        studies: Sequence[Study],
        others: Sequence[Study],
        store: Store,
        bar: "Bar",
        checkpoint_seconds: float,
    ) -> None:
        self.studies, self.others = studies, others
        self.store, self.bar, self.checkpoint_seconds = store, bar, checkpoint_seconds
        self.records = {name: record for name, record in store.records().items() if is_done(record)}
        self.asked: set[str] = set()
        self.told: set[str] = set()
        self.failed: list[str] = []

    def results(self) -> list[ClaimResult]:
        """Every claim of every study as it stands."""
        return [result for study in self.studies for result in self._assess(study)]

    def start(self) -> list[bytes]:
        """The jobs to begin with."""
        able = [study for study in self.studies if not study.not_run]
        runs = [run for study in able for run in study.first_runs()]
        for study in able:
            runs += self._judge(study, quiet=True)
        return self._jobs(runs)

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
        concerned = self._askers(self.studies, runs[0])
        return self._jobs([run for study in concerned for run in self._judge(study, quiet=False)])

    def lost(self, job: bytes, reason: str) -> Iterable[bytes]:
        """See ``Watcher``."""
        from suite.launch.perform import lost  # Imports torch, which is seldom needed here.

        lost(_decoded(job), reason)
        return self.ended(job)

    def _askers(self, studies: Sequence[Study], run: Run) -> list[Study]:
        """The studies that may look at a run: its experiment's variants, and borrowers of its arm."""
        return [s for s in studies if s.experiment.id == run.experiment or s.condition_of(run)]

    def _assess(self, study: Study) -> tuple[ClaimResult, ...]:
        return assess(study, self.records, partial(series_of, self.store))

    def _judge(self, study: Study, quiet: bool) -> tuple[Run, ...]:
        """Tell the verdicts that are new; the runs that undecided claims need next."""
        results = self._assess(study)
        for result in results:
            name = f"{study.name}:{result.name}"
            if name not in self.told and _is_final(result):
                self.told.add(name)
                if not quiet:
                    self.bar.say(verdict_line(result, sys.stdout.encoding))
        return next_runs(study, results)

    def _jobs(self, runs: Iterable[Run]) -> list[bytes]:
        wanted = {run.id: run for run in runs if run.id not in self.asked | self.records.keys()}
        self.asked |= wanted.keys()
        progress = {run_id: reached(self.store.folder(run_id)) for run_id in wanted}
        found = ordered(batches(wanted.values(), progress))
        jobs = [self._job(batch) for batch in found]
        self.bar.more({job: batch.seconds for job, batch in zip(jobs, found, strict=True)})
        return jobs

    def _job(self, batch: Batch) -> bytes:
        first = batch.runs[0]
        askers = self._askers(self.studies, first)
        names = (first.experiment, first.variant)
        study = next((s for s in askers if (s.experiment.id, s.variant) == names), askers[0])
        job = Job(
            runs=batch.runs,
            metrics=study.experiment.metrics,
            criteria={
                f"{asker.name}:{name}": criterion
                for asker in self._askers([*self.studies, *self.others], first)
                for name, criterion in asker.criteria.items()
            },
            code=code(),
            store=str(self.store.root),
            checkpoint_seconds=self.checkpoint_seconds,
        )
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
        self.weights: dict[bytes, float] = {}
        self.shares: dict[bytes, float] = {}

    def more(self, weights: dict[bytes, float]) -> None:
        """Jobs have been added."""
        self.weights |= weights
        self.bar.total = sum(self.weights.values())
        self.bar.refresh()

    def advanced(self, job: bytes, share: float) -> None:
        """A job is at ``share`` of its way."""
        before = self.shares.get(job, 0.0)
        self.shares[job] = share
        self.bar.update((share - before) * self.weights.get(job, 0.0))

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
    others: Sequence[Study],
    store: Store,
    workers: int,
    checkpoint_seconds: float,
    shown: bool,
) -> Session:
    """Run what is missing of the studies on ``workers`` processes; the claims of ``others``, which
    may look at the same runs some day, are put down in the records as well.
    """
    bar = Bar(shown)
    try:
        session = Session(studies, others, store, bar, checkpoint_seconds)
        jobs = session.start()
        if jobs:
            keep_patch(store)
            Pool(workers, session).run(jobs)
        return session
    finally:
        bar.close()


def keep_patch(store: Store) -> None:
    """Keep the uncommitted changes that records name by their hash."""
    if code().patch:
        write(store.runs / f"{code().patch}.patch", patch().encode())


def _decoded(job: bytes) -> Job:
    return msgspec.json.decode(job, type=Job)


def _is_final(result: ClaimResult) -> bool:
    judgement = result.judgement
    more = judgement.verdict == "inconclusive" and judgement.look < len(result.claim.looks)
    return judgement.verdict != "not evaluated" and not more
