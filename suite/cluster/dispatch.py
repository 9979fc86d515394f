"""Which job has which run, and how those jobs are: the manifests' word, then the scheduler's."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from suite.cluster import manifest, scheduler
from suite.cluster.manifest import Submission
from suite.cluster.scheduler import Job, Silent
from suite.errors import UserError
from suite.plain import number_of
from suite.store.store import Store
from suite.store.version_names import apart

AT_WORK = {"RUNNING", "COMPLETING", "STOPPED", "SUSPENDED", "SIGNALING", "STAGE_OUT"}
FAILED = {"FAILED", "OUT_OF_MEMORY", "COMPLETED", "DEADLINE"}
"""States of ended jobs that left a run without a record by their own doing; others took it from outside."""
TAIL = 2000
"""Bytes at the end of a log that are looked at."""


class Dispatch(NamedTuple):
    """How the job of a run is."""

    state: Literal["waiting", "at work", "failed", "lost", "unknown"]
    job: str
    note: str

    @property
    def is_live(self) -> bool:
        """Whether the run need not be submitted again."""
        return self.state in ("waiting", "at work")


class _Ticket(NamedTuple):
    """A run's job."""

    submission: Submission
    job: str


class Snapshot(NamedTuple):
    """The queue at one moment."""

    queue: Mapping[str, Job]
    silence: str = ""
    """Why the scheduler did not answer, if it did not."""
    own: str = ""
    """The job that looks, where it leaves the queue afterwards."""

    @property
    def leaving(self) -> int:
        """How many of the queue's jobs are about to leave it."""
        return int(self.own in self.queue)


def look(own: str = "") -> Snapshot:
    """Ask for the queue, once."""
    try:
        return Snapshot(scheduler.queue(), own=own)
    except Silent as silent:
        return Snapshot({}, str(silent), own)


def dispatches(place: Store, runs: Collection[str], now: Snapshot) -> dict[str, Dispatch]:
    """How the newest job of each run is, for those that were ever submitted from this code."""
    tickets = _tickets(place, set(runs), now)
    gone = {ticket.job for ticket in tickets.values() if ticket.job and ticket.job not in now.queue}
    ended = scheduler.ended(gone) if gone and not now.silence else {}
    return {run: _dispatch(place.root, ticket, now, ended) for run, ticket in tickets.items()}


def follow_ups(place: Store, runs: Collection[str], now: Snapshot) -> list[Dispatch]:
    """The jobs in the queue that go on after those of some runs; where there is none the last that did."""
    wanted = frozenset(runs)
    every = [
        _Ticket(each, each.follow_up)
        for each in _submissions(place)
        if each.follow_up and not wanted.isdisjoint(run for bundle in each.bundles for run in bundle.runs)
    ]
    told = [ticket for ticket in every if ticket.job in now.queue] or every[-1:]
    gone = {ticket.job for ticket in told} - now.queue.keys()
    ended = scheduler.ended(gone) if gone and not now.silence else {}
    return [_dispatch(place.root, ticket, now, ended) for ticket in told]


def require_no_jobs(results: Path, version: str) -> None:
    """UserError where jobs in the queue are to train runs of a version, or nobody can say whether any are."""
    ours, _ = apart(version)
    folders = [
        manifest.folder(results, each.id)
        for each in manifest.submissions(results)
        if apart(each.code.fingerprint)[0] == ours
    ]
    now = look() if folders else Snapshot({})
    if now.silence:
        raise UserError(
            f"version {version} was launched to a cluster, whose scheduler does not answer: {now.silence}\n"
            f"    try again later; or remove {results / 'runs' / version} by hand, where no job waits"
        )
    jobs = [job for each in folders for job in manifest.queued(each / "submission.json", now.queue)]
    if jobs:
        raise UserError(
            f"version {version}: {number_of(len(jobs), 'job')} in the queue train its runs, first {jobs[0]}\n"
            "    cancel them first, or wait"
        )


def unread(place: Store, now: Snapshot) -> str:
    """Lines on the manifests that cannot be read, with their jobs in the queue; empty where there is none."""
    return "".join(
        _unread(path, manifest.queued(path, now.queue)) for path in manifest.unreadable(place.root)
    )


def _unread(path: Path, jobs: Sequence[str]) -> str:
    if not jobs:
        return f"{path}: cannot be read, it is left out\n"
    arrays = " ".join(dict.fromkeys(job.partition("_")[0] for job in jobs))
    return (
        f"{path}: cannot be read, and its jobs {', '.join(jobs)} are in the queue\n"
        f"    wait for them, or cancel them: scancel {arrays}\n"
    )


def _submissions(place: Store) -> list[Submission]:
    """Those of this code, the oldest first."""
    return [each for each in manifest.submissions(place.root) if place.counts(each.code.fingerprint)]


def _tickets(place: Store, runs: set[str], now: Snapshot) -> dict[str, _Ticket]:
    found: dict[str, _Ticket] = {}
    for written in _submissions(place):
        submission = manifest.with_queued(written, now.queue)
        for bundle in submission.bundles:
            ticket = _Ticket(submission, bundle.job)
            found |= {
                run: ticket for run in bundle.runs if run in runs and _counts(ticket, found.get(run), now)
            }
    return found


def _counts(new: _Ticket, before: _Ticket | None, now: Snapshot) -> bool:
    """Whether a ticket takes the place of an earlier one: not where that one's job is still in the queue."""
    if not new.job:
        return False
    return before is None or new.job in now.queue or before.job not in now.queue


def _dispatch(results: Path, ticket: _Ticket, now: Snapshot, ended: Mapping[str, Job]) -> Dispatch:
    job = ticket.job
    if job in now.queue:
        queued = now.queue[job]
        return Dispatch("at work" if queued.state in AT_WORK else "waiting", job, _of_queue(queued))
    if now.silence:
        return Dispatch("unknown", job, f"job {job}: {now.silence}")
    # Those of an array that never began may be told of by the array's number alone.
    end = ended.get(job) or ended.get(job.partition("_")[0])
    if end is None:
        return Dispatch("lost", job, f"job {job} has left the queue, and no accounting tells how it ended")
    if end.state in AT_WORK | {"PENDING", "REQUEUED"}:  # It came or went between two questions.
        return Dispatch("waiting", job, end.state.lower())
    log = manifest.folder(results, ticket.submission.id) / "log" / f"{job}_0_log.out"
    where = f" (log: {log})" if log.exists() else ", without a log"
    note = f"job {job} {end.state}, {end.note}{_last_words(log)}{where}"
    return Dispatch("failed" if end.state in FAILED else "lost", job, note)


def _of_queue(job: Job) -> str:
    return f"on {job.note}" if job.state == "RUNNING" else f"{job.state.lower()}: {job.note}"


def _last_words(log: Path) -> str:
    """The last line of an error in a log, or its last line."""
    try:
        with log.open("rb") as file:
            file.seek(max(log.stat().st_size - TAIL, 0))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    # srun and its kin say only that something has ended.
    said = [line.strip() for line in lines if line.strip() and not line.startswith(("srun:", "slurmstepd:"))]
    errors = [line for line in said if "Error" in line or "error:" in line]
    last = (errors or said or [""])[-1]
    return f": {last}" if last else ""
