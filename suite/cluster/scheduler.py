"""SLURM's own commands: the only module that asks the scheduler anything but sbatch.

squeue knows the jobs that wait or run, sacct those that ended, where there is accounting. Every
question is asked once for all jobs and has a time limit.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from itertools import islice

from suite.errors import UserError
from suite.spec.schema import Frozen

SECONDS = 60
"""After which a command that does not answer is given up."""
SACCT = ("sacct", "-X", "-n", "-P", "-o", "JobID,State,ExitCode,NodeList")
AT_ONCE = 500
"""Jobs named in one command line."""


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
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=SECONDS)
    except FileNotFoundError:
        raise Silent(f"{command[0]}: not found") from None
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
    }


def ended(jobs: Iterable[str]) -> dict[str, Job]:
    """How jobs ended, by name, as far as accounting knows; nothing where there is none."""
    found: dict[str, Job] = {}
    arrays = iter(sorted({name.partition("_")[0] for name in jobs}))
    while some := list(islice(arrays, AT_ONCE)):
        try:
            text = ask(
                ["sacct", "-X", "-n", "-P", "-j", ",".join(some), "-o", "JobID,State,ExitCode,NodeList"]
            )
        except Silent:
            return found
        for line in text.splitlines():
            name, state, code, node, *_ = [*line.split("|"), "", "", ""]
            # CANCELLED is followed by who did it, which the note need not say.
            found[name] = Job(state.partition(" ")[0], f"exit code {code}, node {node}")
    return found


def cancel(jobs: Sequence[str]) -> None:
    """Cancel jobs, waiting or running. Raises Silent."""
    waiting = iter(jobs)
    while some := list(islice(waiting, AT_ONCE)):
        ask(["scancel", *some])


def limits() -> Limits:
    """The cluster's limits for this user. Raises Silent where the controller does not answer."""
    config = dict(re.findall(r"^(\w+)\s*=\s*(\S+)", ask(["scontrol", "show", "config"]), re.MULTILINE))
    largest = config.get("MaxArraySize", "1001")
    # Indices end one below MaxArraySize.
    array = max(int(largest) - 1, 1) if largest.isdecimal() else 1000
    return Limits(array, _of_user())


def _of_user() -> int | None:
    user = os.environ.get("USER", "")
    try:
        text = ask(["sacctmgr", "-n", "-P", "show", "assoc", f"user={user}", "format=MaxSubmitJobs"])
    except Silent:
        return None
    numbers = [int(line) for line in text.split() if line.isdecimal()]
    return min(numbers, default=None)
