"""The fake srun: starts a job's processes and waits for them.

As since SLURM 22.05, a process gets one core unless srun itself is asked for more: FAKE_SLURM_CORES.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.cluster.fake.state import State

VALUED = {"output", "error", "input", "ntasks", "nodes", "cpus-per-task", "cpu-bind", "mpi", "export"}
FLAGS = {"unbuffered", "exclusive", "overlap", "label", "kill-on-bad-exit"}


def srun(words: list[str]) -> int:
    """Run the command once a task, with SLURM's variables."""
    given, command = _options(words)
    if {"SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU"} <= os.environ.keys():
        both = "SLURM_MEM_PER_CPU, SLURM_MEM_PER_GPU, and SLURM_MEM_PER_NODE"
        sys.stderr.write(f"srun: fatal: {both} are mutually exclusive.\n")
        return 1
    tasks = int(given.get("ntasks") or os.environ["SLURM_NTASKS"])
    try:
        started = [_task(given, command, rank, tasks) for rank in range(tasks)]
    except OSError as error:
        sys.stderr.write(f"srun: error: Could not open stdout file: {error.strerror}\n")
        return 1
    _register([process.pid for process in started])
    codes = [process.wait() for process in started]
    return max(code if code >= 0 else 128 - code for code in codes)


def _options(words: list[str]) -> tuple[dict[str, str], list[str]]:
    found: dict[str, str] = {}
    waiting = list(words)
    while waiting and waiting[0].startswith("-"):
        name, equals, value = waiting.pop(0).removeprefix("--").partition("=")
        if name not in VALUED | FLAGS:
            sys.exit(f"srun: unrecognized option '{name}'")
        found[name] = value if equals or name in FLAGS else waiting.pop(0)
    return found, waiting


def _task(given: Mapping[str, str], command: list[str], rank: int, tasks: int) -> subprocess.Popen[bytes]:
    nodes = int(os.environ["SLURM_JOB_NUM_NODES"])
    each = -(-tasks // nodes)
    variables = {
        "SLURM_PROCID": rank,
        "SLURM_LOCALID": rank % each,
        "SLURM_NODEID": rank // each,
        "SLURM_NTASKS": tasks,
        "FAKE_SLURM_CORES": given.get("cpus-per-task") or os.environ.get("SRUN_CPUS_PER_TASK", 1),
        "SLURM_STEP_ID": 0,
        "SLURM_STEPID": 0,
    }
    environment = os.environ | {name: str(value) for name, value in variables.items()}
    mode = "ab" if environment.get("SLURM_OPEN_MODE") == "a" else "wb"
    out = expanded(given.get("output", "/dev/stdout"), environment)
    err = expanded(given.get("error", ""), environment)
    with Path(out).open(mode) as stdout, Path(err or os.devnull).open(mode) as stderr:
        return subprocess.Popen(command, env=environment, stdout=stdout, stderr=stderr if err else stdout)


def expanded(pattern: str, environment: Mapping[str, str]) -> str:
    """A file's name with SLURM's % signs replaced; none are where there is a backslash."""
    if "\\" in pattern:
        return pattern.replace("\\", "")
    signs = {
        "%": "%",
        "A": environment.get("SLURM_ARRAY_JOB_ID", environment["SLURM_JOB_ID"]),
        "a": environment.get("SLURM_ARRAY_TASK_ID", "4294967294"),
        "j": environment["SLURM_JOB_ID"],
        "J": environment["SLURM_JOB_ID"] + ".0",
        "n": environment.get("SLURM_NODEID", "0"),
        "N": environment.get("SLURMD_NODENAME", "node1"),
        "s": "0",
        "t": environment.get("SLURM_PROCID", "0"),
        "u": "user",
        "x": environment.get("SLURM_JOB_NAME", ""),
    }
    text, rest = "", iter(pattern)
    for sign in rest:
        letter = next(rest, "") if sign == "%" else ""
        text += signs.get(letter, sign + letter) if sign == "%" else sign
    return text


def _register(processes: list[int]) -> None:
    name = os.environ["SLURM_JOB_ID"]
    if "SLURM_ARRAY_JOB_ID" in os.environ:
        name = f"{os.environ['SLURM_ARRAY_JOB_ID']}_{os.environ['SLURM_ARRAY_TASK_ID']}"
    with State.here().changing(name) as record:
        record.steps = processes
