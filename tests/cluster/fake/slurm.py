"""The fake scheduler as a test sees it: what was submitted, and what becomes of it."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.cluster.fake import ask
from tests.cluster.fake.state import ACTIVE, VARIABLE, Array, Record, State, waits_for
from tests.cluster.fake.step import expanded

MAIN = Path(__file__).with_name("main.py")
PROGRAMS = ("sbatch", "srun", *ask.COMMANDS)
KILL_WAIT = 5.0
"""Seconds between the signal to end and the kill."""


class FakeSlurm:
    """A cluster in a folder. Its programs are in ``bin``, which belongs on the PATH."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.state = State(str(folder / "state"))
        self.bin.mkdir(parents=True, exist_ok=True)
        for program in PROGRAMS:
            path = self.bin / program
            command = shlex.join([sys.executable, "-IS", str(MAIN), program])
            path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
            path.chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which a process finds this cluster."""
        return {VARIABLE: self.state.folder, "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}"}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """One of its programs, as a shell would start it."""
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env=os.environ | self.environment
        )

    # What there is.

    def arrays(self) -> list[Array]:
        """Every submission, the oldest first."""
        return self.state.arrays()

    def jobs(self) -> dict[str, Record]:
        """Every job there ever was."""
        return {name: array.record(name) for array in self.arrays() for name in array.names()}

    def active(self) -> list[str]:
        """The jobs that wait or run."""
        return [name for name, record in self.jobs().items() if record.state in ACTIVE and not record.gone]

    def calls(self, command: str) -> list[list[str]]:
        """With which words a command was called."""
        return [words[1:] for words in self.state.calls() if words[0] == command]

    # How it is.

    def set(self, **changes: Any) -> None:
        """Change settings, see ``Settings``."""
        self.state.configure(**changes)

    def remove(self, *programs: str) -> None:
        """Take programs away, as where they were never installed."""
        for program in programs:
            (self.bin / program).unlink()

    def move(self, seconds: float) -> None:
        """Let time go by."""
        self.state.move_clock(seconds)

    # What happens to jobs.

    def start(self, *names: str) -> None:
        """Jobs get a node; nothing is executed."""
        for name in names:
            with self.state.changing(name) as record:
                record.state, record.node, record.started = "RUNNING", "node1", self.state.now()

    def end(self, *names: str, state: str = "COMPLETED", code: str = "0:0") -> None:
        """Jobs end."""
        for name in names:
            with self.state.changing(name) as record:
                record.state, record.code, record.ended, record.steps = state, code, self.state.now(), []
                record.node, record.started = record.node or "node1", record.started or self.state.now()

    def end_all(self, state: str = "COMPLETED", code: str = "0:0") -> None:
        """All jobs that wait or run end."""
        with self.state.locked():
            for array in self.arrays():
                for name in array.names():
                    if array.record(name).state in ACTIVE:
                        record = self.state.split(array, name)
                        record.state, record.code, record.node = state, code, "node1"
                        record.started, record.steps = record.started or self.state.now(), []
                self.state.save(array)

    def hold(self, name: str, reason: str) -> None:
        """A job waits, for this reason."""
        with self.state.changing(name) as record:
            record.state, record.reason = "PENDING", reason

    def requeue(self, name: str) -> None:
        """A job goes back into the queue."""
        ask.requeue(self.state, name)

    def preempt(self, name: str) -> None:
        """A job is told to leave for another, and is given time for it."""
        with self.state.changing(name) as record:
            record.preempted = True
        ask.tell(self.jobs()[name].steps, "TERM")

    def cancel(self, *names: str) -> None:
        """Somebody cancels jobs, or what is left of an array."""
        ask.cancel(self.state, names)

    def forget(self, *names: str) -> None:
        """Nobody knows these jobs any more."""
        for name in names:
            with self.state.changing(name) as record:
                record.gone = True

    # Really executing them.

    def ready(self) -> list[str]:
        """The jobs that could start now."""
        arrays = {array.id: array for array in self.arrays()}
        able = [array for array in arrays.values() if not waits_for(array, arrays)]
        jobs = [(name, array.record(name)) for array in able for name in array.names()]
        now = self.state.now()
        return [name for name, record in jobs if record.state == "PENDING" and record.begin <= now]

    def execute(self, name: str) -> Record:
        """Run a job's batch script to its end, or until it leaves the queue or is requeued."""
        return self.begin(name).finish()

    def execute_all(self, most: int = 100) -> list[str]:
        """Execute all jobs, those that follow from them as well, one after the other."""
        done: list[str] = []
        while ready := self.ready():
            for name in ready:
                assert len(done) < most, f"more than {most} jobs were executed"
                self.execute(name)
                done.append(name)
        return done

    def begin(self, name: str) -> "Running":
        """Start a job's batch script."""
        self.start(name)
        array = self.state.array_of(name)
        assert array is not None
        return Running(self.state, array, name)


class Running:
    """A job that is really executed."""

    def __init__(self, state: State, array: Array, name: str) -> None:
        self.state, self.name, self.process = state, name, None
        environment = array.environment | _variables(array, name, array.record(name))
        script = Path(state.folder) / f"job{array.record(name).job}" / "slurm_script"
        script.parent.mkdir(exist_ok=True)
        script.write_bytes(array.script)
        script.chmod(0o755)
        out = expanded(array.option("output", f"{array.folder}/slurm-%j.out"), environment)
        err = expanded(array.option("error"), environment) or out
        mode = "ab" if array.option("open-mode") == "append" else "wb"
        try:
            with Path(out).open(mode) as stdout, Path(err).open(mode) as stderr:
                self.process = subprocess.Popen(
                    [str(script)],
                    env=environment,
                    cwd=array.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=stderr,
                    start_new_session=True,
                )
        except OSError:  # A job without its files fails, and tells nobody why.
            self._end("FAILED", "0:53")

    def record(self) -> Record:
        """As the scheduler has it."""
        array = self.state.array_of(self.name)
        assert array is not None
        return array.record(self.name)

    def signal(self, what: str) -> None:
        """Signal the processes under srun, by the signal's name."""
        ask.tell(self.steps(), what)

    def steps(self) -> list[int]:
        """The processes under srun, once there are any."""
        while not (found := self.record().steps) and self.process and self.process.poll() is None:
            time.sleep(0.01)
        return found

    def finish(self) -> Record:
        """Wait for its end; the record then."""
        if self.process is None:
            return self.record()
        while self.process.poll() is None and self.record().state == "RUNNING":
            time.sleep(0.02)
        try:
            code = self.process.wait(KILL_WAIT)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self.process.wait()
        if self.record().state == "RUNNING":
            done = (f"{code}:0", "COMPLETED" if code == 0 else "FAILED")
            self._end(*reversed(done if code >= 0 else (f"0:{-code}", "FAILED")))
        return self.record()

    def kill(self) -> None:
        """The node goes down: every process of the job dies at once."""
        assert self.process is not None
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def _end(self, state: str, code: str) -> None:
        with self.state.changing(self.name) as record:
            record.state, record.code, record.ended, record.steps = state, code, self.state.now(), []


def _variables(array: Array, name: str, record: Record) -> dict[str, str]:
    """What SLURM adds to a batch job's environment."""
    nodes = int(array.option("nodes", "1").partition("-")[0])
    each = int(array.option("ntasks-per-node", "1"))
    found: dict[str, object] = {
        "SLURM_JOB_ID": record.job,
        "SLURM_JOBID": record.job,
        "SLURM_JOB_NAME": array.option("job-name", "submitit"),
        "SLURM_JOB_NUM_NODES": nodes,
        "SLURM_NNODES": nodes,
        "SLURM_JOB_NODELIST": "node1" if nodes == 1 else f"node[1-{nodes}]",
        "SLURMD_NODENAME": "node1",
        "SLURM_NTASKS": nodes * each,
        "SLURM_NTASKS_PER_NODE": each,
        "SLURM_CPUS_PER_TASK": array.option("cpus-per-task", "1"),
        "SLURM_SUBMIT_DIR": array.folder,
        "SLURM_OPEN_MODE": array.option("open-mode", "truncate")[0],
        "SLURM_PROCID": 0,
        "SLURM_LOCALID": 0,
        "SLURM_NODEID": 0,
    }
    if record.restarts:
        found["SLURM_RESTART_COUNT"] = record.restarts
    if array.indices is not None:
        task = int(name.partition("_")[2])
        found |= {
            "SLURM_ARRAY_JOB_ID": array.id,
            "SLURM_ARRAY_TASK_ID": task,
            "SLURM_ARRAY_TASK_COUNT": len(array.indices),
            "SLURM_ARRAY_TASK_MIN": array.indices[0],
            "SLURM_ARRAY_TASK_MAX": array.indices[-1],
        }
    return {key: str(value) for key, value in found.items()}


def submit(
    slurm: FakeSlurm, folder: Path, count: int = 0, lines: Iterable[str] = (), body: str = "true"
) -> str:
    """Submit a small batch file, an array of ``count`` jobs where that is given; its id."""
    directives = [*([f"--array=0-{count - 1}"] if count else []), *lines]
    path = folder / "job.sh"
    path.write_text("\n".join(["#!/bin/bash", *(f"#SBATCH {each}" for each in directives), body, ""]))
    done = slurm.run("sbatch", str(path))
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]
