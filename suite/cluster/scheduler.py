"""SLURM's own commands: the only module that asks the scheduler anything but sbatch.

squeue knows the jobs that wait or run, sacct those that ended, where there is accounting. Every
question is asked once for all jobs and has a time limit.
"""

import getpass
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from suite.errors import UserError
from suite.spec.schema import Frozen

SECONDS = 60
"""After which a command that does not answer is given up."""
SACCT = ("sacct", "-X", "-n", "-P", "-o", "JobID,State,ExitCode,NodeList")
AT_ONCE = 500
"""Jobs named in one command line."""
WHOLE = {"SLURM_BITSTR_LEN": "0"}
"""Lists of an array's jobs are cut after 64 characters otherwise."""
JOB = re.compile(r"[0-9]+(_[0-9]+)?")
STATE = re.compile(r"[A-Z_]+")
FIELD = re.compile(r"(?<!\S)(JobState|PreemptTime)=(\S*)")
PART = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?(?::([1-9][0-9]{0,8}))?")
ELEMENTS = re.compile(rf"(?P<array>[0-9]+)_\[(?P<parts>{PART.pattern}(,{PART.pattern})*)(%[0-9]+)?\]")
"""Jobs of an array that were never begun, in one line of accounts."""


class Job(Frozen):
    """A job as the scheduler sees it."""

    state: str
    """SLURM's word: PENDING, RUNNING, COMPLETED, OUT_OF_MEMORY ..."""
    note: str = ""
    """Why it waits, where it runs or how it ended."""
    name: str = ""
    """Of its submission, where the queue tells it."""


class Limits(Frozen):
    """What one array and one user may have."""

    array: int
    """Jobs in an array."""
    jobs: int | None = None
    """Jobs of this user in the queue; None where nothing is said."""


class Silent(Exception):
    """The scheduler gave no answer; the message says why."""


def require() -> None:
    """UserError where there is no SLURM on this machine."""
    if not (shutil.which("sbatch") and shutil.which("squeue") and shutil.which("srun")):
        raise UserError(
            "there is no SLURM on this machine (no sbatch, srun and squeue on the PATH)\n"
            "    launch from a cluster's login node, or train here: run_suite.py run"
        )


def ask(command: Sequence[str]) -> str:
    """What a command prints; Silent where it fails, is not there or does not answer."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=SECONDS, env=os.environ | WHOLE
        )
    except FileNotFoundError:
        raise Silent(f"{command[0]}: not found") from None
    except OSError as error:
        raise Silent(f"{command[0]}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise Silent(f"{command[0]} gave no answer within {SECONDS} seconds") from None
    if done.returncode:
        raise Silent(f"{command[0]}: {(done.stderr.strip() or f'exit status {done.returncode}')}")
    return done.stdout


def queue() -> dict[str, Job]:
    """The user's jobs that wait or run, by name. Raises Silent."""
    text = ask(["squeue", "--me", "--noheader", "--array", "--format=%i|%T|%r|%N|%j"])
    rows = (line.split("|") for line in text.splitlines() if line.count("|") == 4)
    return {
        job: Job(state, node if node and state == "RUNNING" else why, name)
        for job, state, why, node, name in rows
        if JOB.fullmatch(job) and STATE.fullmatch(state)
    }


def ended(jobs: Iterable[str]) -> dict[str, Job]:
    """How jobs ended, by name, as far as accounting knows; nothing where there is none."""
    found: dict[str, Job] = {}
    arrays = iter(sorted({name.partition("_")[0] for name in jobs}))
    while some := list(islice(arrays, AT_ONCE)):
        try:
            text = ask([*SACCT, "-j", ",".join(some)])
        except Silent:
            return found
        for line in text.splitlines():
            names, state, code, node, *_ = [*line.split("|"), "", "", ""]
            # CANCELLED is followed by who did it, which the note need not say.
            job = Job(state.partition(" ")[0], f"exit code {code}, node {node}")
            found |= dict.fromkeys(elements(names), job)
    return found


def elements(names: str) -> Iterator[str]:
    """The jobs of one line of accounts, such as 42 or 42_7, or 42_[0-2,4-9:2%3] of jobs that were never
    begun.
    """
    several = ELEMENTS.fullmatch(names)
    if several is None:
        yield names
        return
    for part in several["parts"].split(","):
        first, last, step = PART.fullmatch(part).groups(default="")  # type: ignore[union-attr]
        for index in range(int(first), int(last or first) + 1, int(step or 1)):
            yield f"{several['array']}_{index}"


def cancel(jobs: Sequence[str]) -> None:
    """Cancel jobs, waiting or running. Raises Silent."""
    waiting, silent = iter(jobs), None
    while some := list(islice(waiting, AT_ONCE)):
        try:
            ask(["scancel", *some])
        except Silent as error:  # Some versions complain of jobs that have ended meanwhile.
            silent = silent if "Invalid job id" in str(error) else error
    if silent is not None:
        raise silent


def requeue(job: str) -> None:
    """Put a job that runs back into the queue: it begins anew, some minutes later. Raises Silent."""
    ask(["scontrol", "requeue", job])


def own() -> str:
    """SLURM's name of the job that this process is in; empty where it is in none."""
    # The number of an array's last job is the array's own, and would mean all of it.
    array, index = (os.environ.get(name) for name in ("SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID"))
    return f"{array}_{index}" if array and index else os.environ.get("SLURM_JOB_ID", "")


def is_preempted(job: str) -> bool:
    """Whether a job that still runs has to leave for another. Raises Silent."""
    told = dict(FIELD.findall(ask(["scontrol", "-o", "show", "job", job])))
    return told.get("JobState") == "RUNNING" and told.get("PreemptTime", "")[:1].isdecimal()


def user() -> str:
    """Who asks. Raises Silent where neither the environment nor the system has a name."""
    try:
        return os.environ.get("USER") or getpass.getuser()
    except (KeyError, OSError):  # Of the system's users, by Python's version.
        raise Silent(f"user {os.getuid()} has no name on this machine") from None


def limits() -> Limits:
    """The cluster's limits for this user. Raises Silent where the controller does not answer."""
    config = dict(re.findall(r"^(\w+)\s*=\s*(\S+)", ask(["scontrol", "show", "config"]), re.MULTILINE))
    largest = config.get("MaxArraySize", "1001")
    # Indices end one below MaxArraySize.
    array = max(int(largest) - 1, 1) if largest.isdecimal() else 1000
    return Limits(array, _of_user())


def _of_user() -> int | None:
    try:
        text = ask(["sacctmgr", "-n", "-P", "show", "assoc", f"user={user()}", "format=MaxSubmitJobs"])
    except Silent:
        return None
    numbers = [int(line) for line in text.split() if line.isdecimal()]
    return min(numbers, default=None)
