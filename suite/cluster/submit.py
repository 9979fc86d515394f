"""To sbatch, through submitit, and into the manifest."""

import math
import secrets
import shlex
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
import submitit
from submitit.core.utils import FailedJobError, FailedSubmissionError
from submitit.helpers import clean_env

from suite.cluster import manifest, payload
from suite.cluster.bundle import Bundle, duration, lanes
from suite.cluster.folders import require_legible
from suite.cluster.manifest import Partly, Submission, SubmittedBundle
from suite.cluster.profile import Profile
from suite.cluster.profiles import written
from suite.cluster.sbatch_options import gpus_asked_for
from suite.data.catalogue import VARIABLE, root
from suite.errors import UserError
from suite.launch.job import Job
from suite.store.files import write
from suite.store.version import FROZEN

WHY = ("error", "unrecognized", "invalid")
"""What there is in the line of sbatch's that says what is wrong."""
FOLLOW_UP = 30 * 60
"""Limit in seconds of the job that goes on with further looks."""
WARNING = 60
"""How long before that limit it is told, in seconds, at the most: it has nothing to save."""
ENOUGH = 4096
"""MiB that it asks for, at the most: it trains nothing."""
LARGE = {"gres", "exclusive", "mincpus"}
"""Options that would give a small job more than it needs."""


class Place(NamedTuple):
    """Where jobs find everything: folders that login node and nodes share."""

    results: Path
    copy: Path
    """Of the code."""


def new_id() -> str:
    """A submission's name: they sort by time."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(2)}"


def executor(folder: Path, profile: Profile, copy: Path, name: str) -> submitit.SlurmExecutor:
    """What submits jobs of a profile that run from a copy of the code, with logs in ``folder``.

    UserError for a folder that SLURM would misread.
    """
    require_legible(folder)
    python = shlex.quote(profile.python or sys.executable)
    made = submitit.SlurmExecutor(folder, max_num_timeout=profile.requeues, python=python)
    made.update_parameters(**_parameters(profile, copy, name))
    return made


def _parameters(profile: Profile, copy: Path, name: str) -> dict[str, object]:
    """In submitit's words; None leaves an option out."""
    tasks = profile.processes // profile.nodes
    return {
        "job_name": name,
        "partition": profile.partition or None,
        "account": profile.account or None,
        "qos": profile.qos or None,
        "time": math.ceil(profile.time / 60),
        "nodes": profile.nodes,
        "ntasks_per_node": tasks,
        "cpus_per_task": profile.cpus,
        "gpus_per_node": None if gpus_asked_for(profile.options) else profile.gpus * tasks or None,
        "mem": f"{profile.memory}M",
        "signal_delay_s": profile.signal,
        "array_parallelism": profile.parallel or sys.maxsize,
        "setup": [*profile.setup, *_setup(copy)],
        "stderr_to_stdout": True,
        "wckey": None,
        # srun does not take it over from sbatch.
        "srun_args": [f"--cpus-per-task={profile.cpus}"],
        "additional_parameters": {"requeue": True, **profile.options},
    }


def _setup(copy: Path) -> list[str]:
    """What a job needs to find the code and the data."""
    gone = f"error: the frozen copy of the code is gone, {copy}: launch again"
    return [
        # Else the job would run the code that the interpreter's environment has, edited or not.
        f"test -e {shlex.quote(str(copy / FROZEN))} || {{ echo {shlex.quote(gone)}; exit 1; }}",
        # Else the folder from which was submitted would come before the copy.
        "export PYTHONSAFEPATH=1",
        f"export PYTHONPATH={shlex.quote(str(copy))}${{PYTHONPATH:+:$PYTHONPATH}}",
        f"export {VARIABLE}={shlex.quote(str(root()))}",
    ]


class Order(NamedTuple):
    """What is to be submitted."""

    submission: Submission
    """Without jobs."""
    jobs: Mapping[int, Sequence[Job]]
    """By the bundle's number."""


def order(planned: Sequence[Bundle], jobs: Mapping[int, Sequence[Job]], draft: Submission) -> Order:
    """A submission with its bundles."""
    bundles = tuple(
        SubmittedBundle(
            runs=tuple(run.id for run in each.runs), seconds=duration(each.batches, draft.profile)
        )
        for each in planned
    )
    return Order(msgspec.structs.replace(draft, bundles=bundles), jobs)


def submit(what: Order, arrays: Sequence[range], place: Place) -> Submission:
    """Write what the jobs read, and submit them array by array; the manifest follows every step.

    UserError where sbatch refuses, Partly where it does after it has taken the first.
    """
    here = manifest.folder(place.results, what.submission.id)
    for number, jobs in what.jobs.items():
        write(manifest.bundle_path(here, number), msgspec.json.encode(jobs))
    submission = what.submission
    manifest.save(place.results, submission)
    for numbers in arrays:
        try:
            names = _submit_array(here, submission, numbers, place)
        except UserError as refused:
            if not numbers.start:
                raise
            raise Partly(f"the jobs after these were not submitted: {refused}", submission) from None
        submission = manifest.with_jobs(submission, dict(zip(numbers, names, strict=True)))
        manifest.save(place.results, submission)
    return submission


def _submit_array(here: Path, submission: Submission, numbers: range, place: Place) -> list[str]:
    name = manifest.job_name(submission.id, numbers.start)
    made = executor(here / "log", submission.profile, place.copy, name)
    paths = [str(manifest.bundle_path(here, number)) for number in numbers]
    with asking_sbatch():
        # One job is no array: it is submitted by itself.
        jobs = made.map_array(payload.Work(), paths, [lanes(submission.profile)] * len(paths))
    return [job.job_id for job in jobs]


def follow_up(
    submission: Submission, profile: Profile, jobs: Sequence[str], command: Sequence[str], place: Place
) -> Submission:
    """With a small job that starts when ``jobs`` and the rest of their arrays have ended, however, in the
    place of any before. UserError where sbatch refuses.
    """
    here = manifest.folder(place.results, submission.id)
    made = executor(here / "log", small(profile), place.copy, f"wgan.{submission.id}.next")
    arrays = dict.fromkeys(job.partition("_")[0] for job in jobs)
    made.update_parameters(dependency="afterany:" + ":".join(arrays))
    # As it is now, with its settings: whoever edits the file means later launches.
    path = here / "profile.yaml"
    write(path, written(profile))
    with asking_sbatch():
        job = str(made.submit(payload.GoOn(), [*command, "--cluster", str(path)]).job_id)
    submission = msgspec.structs.replace(submission, follow_up=job)
    manifest.save(place.results, submission)
    return submission


def small(profile: Profile) -> Profile:
    """What a job asks for that goes on after others."""
    return msgspec.structs.replace(
        profile,
        nodes=1,
        processes=1,
        gpus=0,
        cpus=1,
        memory=min(profile.memory, ENOUGH),
        time=min(profile.time, FOLLOW_UP),
        signal=min(profile.signal, WARNING),
        options={key: value for key, value in profile.options.items() if key not in LARGE},
    )


@contextmanager
def asking_sbatch() -> Iterator[None]:
    """For a submission: it takes over no variables of a job that makes it. UserError where it is refused."""
    with clean_env():
        try:
            yield
        except (FailedSubmissionError, FailedJobError) as error:
            raise UserError(_refused(error)) from None


def _refused(error: Exception) -> str:
    """Why sbatch did not take a job, and what to do."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line.lower() for word in WHY)]
    said = (telling or lines or [""])[-1]
    return (
        f"sbatch refused: {said.removeprefix('sbatch: ').removeprefix('error: ')}\n"
        "    `doctor` with the same --cluster tells what this cluster accepts"
    )
