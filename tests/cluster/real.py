"""The SLURM that slurm.sh starts: asked, and broken on purpose."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

HERE = Path(os.environ.get("SLURM_HERE", "/var/lib/wgan-suite-slurm"))
START = Path(__file__).with_name("slurm.sh")
ROUND = 0.5
"""Seconds between two looks at something that is waited for."""


class Absent(Exception):
    """There is no SLURM to test with; the message says why."""


class Process(NamedTuple):
    """A process of a job."""

    pid: int
    words: str
    """Its command line."""
    parent: int


def require() -> None:
    """Absent where the tests' own SLURM does not answer: a real cluster's would be broken."""
    try:
        config = ask("scontrol", "show", "config")
    except (OSError, subprocess.SubprocessError):
        raise Absent(f"no SLURM answers: {START.name} start") from None
    if f"{HERE}/state" not in config:
        raise Absent(f"the SLURM that answers was not started by {START.name}")


def ask(*words: str) -> str:
    """What a command prints. Raises CalledProcessError or TimeoutExpired."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def until(condition: Callable[[], bool], what: str, seconds: float = 240.0) -> None:
    """Wait for a condition; AssertionError, saying what was waited for, where it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds:g} seconds: {what}"
        time.sleep(ROUND)


def state(job: str) -> str:
    """The state of a job that waits, runs or ended: the queue's word, else that of accounting."""
    known = queue()
    if job in known:
        return known[job]
    text = ask("sacct", "-X", "-n", "-P", "-j", job, "-o", "JobID,State")
    words = dict(line.split("|")[:2] for line in text.splitlines())
    return words.get(job, "").partition(" ")[0]


def queue() -> dict[str, str]:
    """The states of all jobs in the queue, at one moment."""
    lines = ask("squeue", "--noheader", "--array", "--format=%i|%T").splitlines()
    return dict(line.split("|") for line in lines)


def restarts(job: str) -> int:
    """How often a job was requeued; 0 for one that is forgotten."""
    try:
        text = ask("scontrol", "show", "job", job)
    except subprocess.CalledProcessError:
        return 0
    return int(text.partition("Restarts=")[2].split()[0])


def raw(job: str) -> str:
    """The number that SLURM gave to one job of an array."""
    return ask("squeue", "--noheader", "--array", "--jobs", job, "--format=%A").split()[0]


def processes(**environment: str) -> list[Process]:
    """The processes that were started with these variables."""
    wanted = {f"{name}={value}".encode() for name, value in environment.items()}
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted <= set((folder / "environ").read_bytes().split(b"\0")):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                found.append(Process(int(folder.name), words, parent))
        except OSError:
            continue  # It has ended, or is nobody's business.
    return found


def kill(processes: list[Process]) -> None:
    """SIGKILL."""
    for process in processes:
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def daemon(node: str) -> int:
    """The process of a node's slurmd."""
    return int((HERE / "run" / f"slurmd-{node}.pid").read_text())


def crash(node: str) -> None:
    """What a loss of power does: nothing on the node is left, and nobody is told."""
    os.kill(daemon(node), signal.SIGKILL)
    jobs = processes(SLURMD_NODENAME=node)
    steps = {process.parent for process in jobs} - {process.pid for process in jobs}
    for pid in steps:
        if b"slurmstepd" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
    kill(jobs)


def stop_daemon(node: str) -> None:
    """Only slurmd is gone, as when it is updated or hangs: jobs go on."""
    os.kill(daemon(node), signal.SIGKILL)


def node_state(node: str) -> str:
    """IDLE, MIXED, DOWN ..."""
    return ask("sinfo", "--noheader", "--Node", "--nodes", node, "--format=%T").split()[0]


def repair(node: str) -> None:
    """Start the node's slurmd again."""
    none = subprocess.DEVNULL  # A pipe would be kept open.
    subprocess.run(["slurmd", "-N", node], stdin=none, stdout=none, stderr=none, timeout=60, check=True)
