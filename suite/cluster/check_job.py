"""The doctor's test job: submitted like any other, it looks around on a node and answers in JSON."""

import contextlib
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from suite.cluster import check_node, scheduler
from suite.cluster.check_node import Answer
from suite.cluster.checks import Check, brief, ok, wrong
from suite.cluster.manifest import FOLDER
from suite.cluster.node_report import Expected, compared
from suite.cluster.profile import Profile
from suite.cluster.scheduler import Job, Silent, ask
from suite.cluster.submit import Place, asking_sbatch, executor, new_id
from suite.cluster.units import duration
from suite.data.catalogue import root
from suite.errors import UserError
from suite.store.decoding import read_json
from suite.store.files import write

LIMIT: Final = 5 * 60
"""Of the test job, in seconds: short jobs start sooner."""
SIGNAL: Final = 30
TAIL: Final = 5
"""Lines of a log that are shown."""


class Patience(NamedTuple):
    """Seconds."""

    whole: float = 600
    """After which a job that has not answered is cancelled."""
    after_end: float = 75
    """For an answer that the file system shows late: NFS keeps what it knows of a folder for a minute."""
    to_leave: float = 15
    """For the end of a job that has answered."""
    between: float = 2
    """Two looks."""


USUAL: Final = Patience()


def batch_file(profile: Profile, place: Place) -> str:
    """The file that sbatch would get for a job of this profile. UserError where there can be none."""
    made = executor(place.results / FOLDER / "submissions" / "ID" / "log", profile, place.copy, "wgan.ID.0")
    return made._make_submission_file_text(made._submitit_command_str, "")


def accepted(text: str, folder: Path) -> Check:
    """Whether sbatch would take a job; nothing is submitted."""
    path = folder / "trial.sh"
    write(path, text.encode())
    try:
        ask(["sbatch", "--test-only", str(path)])
    except Silent as silent:
        return wrong("sbatch", brief(silent), "change the profile; the file is below")
    finally:
        path.unlink(missing_ok=True)
    return ok("sbatch", "would take a job of this profile")


def trial(
    profile: Profile, place: Place, say: Callable[[str], None], wait: Patience = USUAL
) -> Iterator[Check]:
    """Submit the test job, wait for it and compare what it saw."""
    folder = place.results / FOLDER / "doctor" / new_id()
    nonce = secrets.token_hex(16)
    write(folder / check_node.NONCE, nonce.encode())
    try:
        job = submit(profile, place, folder)
    except UserError as error:
        yield wrong("test job", str(error).partition("\n")[0], "the file that sbatch gets is below")
        return
    say(f"job {job} submitted; waiting for up to {duration(round(wait.whole))} (Ctrl-C cancels it)")
    began = time.monotonic()
    failure = _followed(job, folder, profile, say, wait)
    if failure is not None:
        yield failure
        return
    yield ok("test job", f"job {job} answered after {duration(round(time.monotonic() - began))}")
    expected = Expected(nonce, place.copy, check_node.machine(), root().is_dir())
    found = list(compared(list(_answers(folder, profile.processes)), profile, expected))
    yield from found
    if all(check.state != "wrong" for check in found) and _has_left(job, wait):
        shutil.rmtree(folder, ignore_errors=True)


def submit(profile: Profile, place: Place, folder: Path) -> str:
    """Submit the test job; SLURM's name of it. UserError where it is refused."""
    short = msgspec.structs.replace(profile, time=min(profile.time, LIMIT), signal=SIGNAL, requeues=0)
    made = executor(folder / "log", short, place.copy, f"wgan.doctor.{folder.name}")
    with asking_sbatch():
        return str(made.submit(check_node.look, str(folder)).job_id)


# --- Waiting --------------------------------------------------------------------------


def _followed(
    job: str, folder: Path, profile: Profile, say: Callable[[str], None], wait: Patience
) -> Check | None:
    """Wait until all processes have answered; what went wrong where they have not."""
    try:
        last = _watch(job, folder, profile.processes, say, wait)
    except BaseException:
        _cancel(job)
        raise
    if _has_answered(folder, profile.processes):
        return None
    _cancel(job)
    return _ended(job, folder) if last is None else _late(job, last, wait)


def _watch(job: str, folder: Path, processes: int, say: Callable[[str], None], wait: Patience) -> Job | None:
    """The job as the queue last showed it, None where it has left the queue."""
    deadline = time.monotonic() + wait.whole
    seen, gone = Job("PENDING", "", ""), 0.0
    while not _has_answered(folder, processes) and time.monotonic() < deadline:
        now = _look(job, seen)
        if now is None:
            gone = gone or time.monotonic()
            if time.monotonic() - gone > wait.after_end:
                return None
        else:
            if now != seen:
                say(f"job {job}: {_how(now)}")
            seen, gone = now, 0.0
        time.sleep(wait.between)
    return None if gone else seen


def _look(job: str, before: Job) -> Job | None:
    """The job in the queue; as before where the scheduler does not answer."""
    try:
        return scheduler.queue().get(job)
    except Silent:
        return before


def _how(job: Job) -> str:
    return f"{job.state.lower()} ({job.note})" if job.note not in ("", "None") else job.state.lower()


def _has_answered(folder: Path, processes: int) -> bool:
    """Asks for the folder's list, which network file systems keep less long than a file's absence."""
    there = {path.name for path in folder.iterdir()}
    return all(check_node.answer_path(folder, rank).name in there for rank in range(processes))


def _has_left(job: str, wait: Patience) -> bool:
    """Wait until a job that has answered is out of the queue, and writes no more; not for long."""
    deadline = time.monotonic() + wait.to_leave
    while (there := _look(job, Job("", "", "")) is not None) and time.monotonic() < deadline:
        time.sleep(wait.between)
    return not there


def _cancel(job: str) -> None:
    with contextlib.suppress(Silent):
        scheduler.cancel([job])


def _late(job: str, last: Job, wait: Patience) -> Check:
    after = duration(round(wait.whole))
    if last.state == "PENDING":
        cure = "squeue --me --start tells when jobs may start; with --no-job the doctor submits none"
        return wrong("test job", f"job {job} did not start within {after}: {_how(last)}; cancelled", cure)
    cure = "is the results folder shared with the nodes? choose another with --results DIR"
    return wrong("test job", f"job {job} gave no answer within {after}: {_how(last)}; cancelled", cure)


def _ended(job: str, folder: Path) -> Check:
    end = scheduler.ended([job]).get(job)
    how = f"ended as {end.state}, {end.note}" if end else "has left the queue"
    log = folder / "log" / f"{job}_0_log.out"
    said = tail(log)
    if not said:
        cure = f"the node wrote no log: is {folder} shared with it? choose another folder with --results DIR"
        return wrong("test job", f"job {job} {how}, without an answer", cure)
    return wrong(
        "test job", f"job {job} {how}, without an answer", "\n".join((*said, f"the whole log: {log}"))
    )


def tail(log: Path) -> list[str]:
    """The last lines of a log, made printable."""
    try:
        lines = log.read_bytes()[-20_000:].decode(errors="replace").splitlines()
    except OSError:
        return []
    shown = ["".join(sign for sign in line if sign.isprintable()).rstrip() for line in lines if line.strip()]
    return shown[-TAIL:]


def _answers(folder: Path, processes: int) -> Iterator[Answer | None]:
    yield from (read_json(check_node.answer_path(folder, rank), Answer) for rank in range(processes))
