"""One job: train a cohort from where it stands to its records."""

import hashlib
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from suite.errors import UserError
from suite.launch import gpu
from suite.launch.flops import flops_of_run
from suite.launch.heartbeat import Progress, Stopped, Tell, rest, work_clock
from suite.launch.job import Job
from suite.launch.pack_trials import try_made, try_packs
from suite.launch.records import conclude, fail, now
from suite.launch.resume import agree, standing
from suite.networks.tape import tapes_of
from suite.spec.packs.lines import line_in_packs
from suite.spec.runs import Run
from suite.store.files import no_room
from suite.store.record import Cost, Outcome
from suite.store.store import RunFolder, Store
from suite.store.version_names import code_of
from suite.training.cohort import Cohort
from suite.training.findings import Findings
from suite.training.loop import train
from suite.training.machine import device
from suite.training.team import Lost, Team, gathered, leads, size


class Refused(UserError):
    """No job can be done here: the results cannot be written, or the code is no more what it was."""


def perform(job: Job, tell: Tell, stopping: Callable[[], bool]) -> None:
    """Train a job's runs and write a record of each, alone or with the team that the environment tells
    of, whose first process does the writing.

    ``Refused`` where results cannot be written: that is no failure of a run, which goes on from what was
    saved when there is room again. Any other failure is recorded, not raised. Where it may have left a team
    in disorder, ``Lost`` follows: the process must end, and another take its place for the next job.
    """
    store = Store(Path(job.store), job.code.fingerprint)
    folders = [store.folder(run.id) for run in job.runs]
    began = now()
    try:
        with gathered(_meeting(job)) as team:
            attend(job, team, folders, tell, stopping, began)
    except Stopped:
        _rest(folders)
        raise
    except Exception as error:
        if told := no_room(error):
            _rest(folders)
            raise Refused(told) from error
        if leads():
            fail(job, job.runs, began, _failure(error))
        if size() > 1 and not isinstance(error, UserError):
            raise Lost(str(error)) from error


def require_same_code(job: Job) -> None:
    """``Refused`` where the code, or a pack's, was edited after the job was made: what it trained would stand
    under the version from before.
    """
    found = code_of(job.runs).fingerprint
    if found != job.code.fingerprint:
        raise Refused(
            f"the code was edited meanwhile: it was {job.code.fingerprint} and is {found}\n"
            "    run the same command again: it trains by the code as it is then"
        )


def require_usable_gpu() -> None:
    """``Refused`` where a batch is for a GPU that PyTorch cannot use: one core would train all of it."""
    if gpu.memory() and not torch.cuda.is_available():
        raise Refused(
            f"nvidia-smi tells of a GPU, and PyTorch {torch.__version__} finds none that it can use\n"
            "    update the GPU's driver, or train without: put CUDA_VISIBLE_DEVICES= before the command"
        )


def attend(
    job: Job,
    team: Team,
    folders: Sequence[RunFolder],
    tell: Tell,
    stopping: Callable[[], bool],
    began: str,
) -> None:
    """One process's part in a job."""
    clock, worked = time.monotonic(), work_clock(device())
    try_made(job.runs[0].setting)
    cohort = Cohort.of(job.runs, device(), team)
    try_packs(cohort)
    state, spent = standing(cohort, folders)
    progress = Progress(job, cohort, folders, tell, stopping, spent, clock, worked, state.iteration)
    try:
        train(cohort, state, progress)
    finally:
        tapes_of.cache_clear()  # Else the next job's memory would be besides this one's.
    agree(cohort, state)
    if team.leads:
        costs = _costs(job.runs, progress.seconds())
        for replica, run in enumerate(job.runs):
            try:
                conclude(job, run, Findings.of(state, replica), folders[replica], began, costs[replica])
            except Exception as error:
                if no_room(error):
                    raise
                fail(job, [run], began, _failure(error))
    team.wait()  # None looks for a record before it is written.


def _rest(folders: Sequence[RunFolder]) -> None:
    if leads():
        rest(folders)


def _meeting(job: Job) -> str:
    """What the processes of a team call a job: only those that are sent the same runs meet."""
    return hashlib.sha256("\n".join(run.id for run in job.runs).encode()).hexdigest()[:16]


def _failure(error: Exception) -> Outcome:
    trace = "".join(traceback.format_exception(error))
    place = line_in_packs(error)
    reason = f"{type(error).__name__}: {error}" + (f"\n    {place}" if place else "")
    return Outcome("failed", reason=reason, traceback=trace)


def _costs(runs: Sequence[Run], seconds: Sequence[float]) -> list[Cost]:
    flops = flops_of_run(runs[0].setting)
    return [Cost(each, flops, len(runs)) for each in seconds]
