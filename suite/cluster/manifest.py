"""What was submitted: one file a submission, written before and after sbatch was asked."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from suite.cluster.profile import Profile
from suite.cluster.scheduler import Job as QueuedJob
from suite.errors import UserError
from suite.launch.job import Job
from suite.spec.runs import Run
from suite.spec.schema import Frozen, Scale
from suite.store.decoding import read_json
from suite.store.files import write
from suite.store.record import Code

FOLDER = "cluster"
"""Below the folder of results."""
CANCELLED = "cancelled.json"
"""In the folder of a submission: runs that were taken back, by their ids."""

JobName = Annotated[str, Meta(pattern=r"\A([0-9]+(_[0-9]+)?)?\Z")]


class SubmittedBundle(Frozen, kw_only=True):
    """One job of a submission: the runs it trains, one batch after the other."""

    runs: tuple[str, ...]
    """Ids, in the order of training."""
    seconds: float
    """Estimated, of one job."""
    job: JobName = ""
    """SLURM's name of it, such as 1204_7; empty while it was not submitted."""


class Submission(Frozen, kw_only=True):
    """One ``launch``: its jobs, and what is needed to go on with it."""

    id: str
    time: float
    """Seconds since 1970."""
    cluster: str
    profile: Profile
    scale: Scale
    code: Code
    copy: str
    """The frozen copy of the code from which its jobs run."""
    bundles: tuple[SubmittedBundle, ...] = msgspec.field(default=(), name="packs")
    """``packs`` in the file: jobs that wait run older code, which reads this file as well."""
    follow_up: JobName = ""
    """SLURM's name of the job that goes on with further looks."""


class Partly(UserError):
    """sbatch refused, after it had taken the jobs that a submission names."""

    def __init__(self, refused: str, submission: Submission) -> None:
        super().__init__(refused)
        self.submission = submission


def folder(results: Path, id_: str) -> Path:
    """Everything of one submission."""
    return results / FOLDER / "submissions" / id_


def save(results: Path, submission: Submission) -> None:
    """Write a submission's manifest, or write it anew."""
    path = folder(results, submission.id) / "submission.json"
    write(path, msgspec.json.format(msgspec.json.encode(submission), indent=1))


def bundle_path(here: Path, number: int) -> Path:
    """Where a bundle's jobs are, for the node to read; ``here`` is the submission's folder."""
    return here / "bundles" / f"{number}.json"


def runs(results: Path, submission: Submission) -> list[tuple[Run, ...]]:
    """What each bundle trains; nothing where its file is gone or damaged."""
    here = folder(results, submission.id)
    return [_runs(bundle_path(here, number)) for number in range(len(submission.bundles))]


def _runs(path: Path) -> tuple[Run, ...]:
    return tuple(run for batch in read_json(path, list[Job]) or () for run in batch.runs)


def cancelled(results: Path, id_: str) -> frozenset[str]:
    """The runs with which the job that goes on does not."""
    return frozenset(read_json(folder(results, id_) / CANCELLED, list[str]) or ())


def add_cancelled(results: Path, id_: str, runs: Collection[str]) -> None:
    """Have the job that goes on leave some runs alone."""
    found = cancelled(results, id_).union(runs)
    write(folder(results, id_) / CANCELLED, msgspec.json.encode(sorted(found)))


def forget_cancelled(results: Path, id_: str) -> None:
    """Have the job that goes on do so with all runs again."""
    (folder(results, id_) / CANCELLED).unlink(missing_ok=True)


def job_name(id_: str, first: int) -> str:
    """Of an array whose first job is the submission's ``first`` bundle."""
    return f"wgan.{id_}.{first}"


def with_queued(submission: Submission, queue: Mapping[str, QueuedJob]) -> Submission:
    """With the jobs that the queue knows and the manifest does not: a crash came between."""
    found = {}
    for name, job in queue.items():
        ours, _, first = job.name.rpartition(".")
        if ours == f"wgan.{submission.id}" and first.isdecimal():
            found[int(first) + int(name.partition("_")[2] or 0)] = name
    return with_jobs(submission, found)


def with_jobs(submission: Submission, jobs: Mapping[int, str]) -> Submission:
    """With SLURM's names of jobs, by the bundle's number."""
    bundles = tuple(
        msgspec.structs.replace(bundle, job=jobs.get(number, bundle.job))
        for number, bundle in enumerate(submission.bundles)
    )
    return msgspec.structs.replace(submission, bundles=bundles)


def submissions(results: Path) -> Iterator[Submission]:
    """All submissions from this folder of results, the oldest first; unreadable ones are left out."""
    found = map(_read, _paths(results))
    yield from sorted((each for each in found if each is not None), key=lambda each: (each.time, each.id))


def unreadable(results: Path) -> list[Path]:
    """The manifests that :func:`submissions` leaves out."""
    return [path for path in _paths(results) if _read(path) is None]


def queued(path: Path, queue: Mapping[str, QueuedJob]) -> list[str]:
    """The jobs in the queue that train for the submission of a manifest, whatever it says."""
    parts = {name: job.name.rpartition(".") for name, job in queue.items()}
    ours = f"wgan.{path.parent.name}"
    return [name for name, (start, _, first) in parts.items() if start == ours and first.isdecimal()]


def followed_by(results: Path, job: str) -> Submission | None:
    """The submission with which a job goes on."""
    return next((each for each in submissions(results) if job and each.follow_up == job), None)


def _paths(results: Path) -> list[Path]:
    return sorted((results / FOLDER / "submissions").glob("*/submission.json"))


def _read(path: Path) -> Submission | None:
    found = read_json(path, Submission)
    return found if found is not None and found.id == path.parent.name else None
