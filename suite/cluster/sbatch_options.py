"""Which options of sbatch a profile may pass on, and what to write instead of the others."""

import re
from types import MappingProxyType
from typing import Final

_KEY: Final = "write the profile's own key, {}"
_OWN: Final = "the suite sets it itself"
_LOGS: Final = f"{_OWN}: logs are below results/cluster/submissions"
_PRINTED: Final = f"{_OWN}: what sbatch prints is read"
_NO_JOB: Final = "with it sbatch submits nothing"
RESERVED: Final = MappingProxyType(
    {
        "account": _KEY.format("account"),
        "array": f"{_OWN}; parallel is how many jobs are at work at once",
        "chdir": f"{_OWN}: jobs run from a frozen copy of the code",
        "clusters": "jobs are looked for where they are submitted; launch from a login node of that cluster",
        "cpus-per-gpu": _KEY.format("cpus"),
        "cpus-per-task": _KEY.format("cpus"),
        "dependency": f"{_OWN}, for the job that judges",
        "error": _LOGS,
        "gpus": _KEY.format("gpus"),
        "gpus-per-node": _KEY.format("gpus; for a kind of GPU add gres, such as gpu:a100:1, to options"),
        "gpus-per-socket": _KEY.format("gpus"),
        "gpus-per-task": _KEY.format("gpus"),
        "help": _NO_JOB,
        "input": f"{_OWN}: jobs read nothing",
        "job-name": f"{_OWN}: jobs are known by their names",
        "mem": _KEY.format("memory"),
        "mem-per-cpu": _KEY.format("memory"),
        "mem-per-gpu": _KEY.format("memory"),
        "nodes": _KEY.format("nodes"),
        "no-requeue": f"{_OWN}: after a preemption jobs go on; requeues is how often after their limit",
        "ntasks": _KEY.format("processes"),
        "ntasks-per-core": _KEY.format("processes"),
        "ntasks-per-gpu": _KEY.format("processes"),
        "ntasks-per-node": _KEY.format("processes"),
        "ntasks-per-socket": _KEY.format("processes"),
        "open-mode": f"{_OWN}: a job that goes on appends to its log",
        "output": _LOGS,
        "parsable": _PRINTED,
        "partition": _KEY.format("partition"),
        "qos": _KEY.format("qos"),
        "quiet": _PRINTED,
        "requeue": _KEY.format("requeues"),
        "signal": _KEY.format("signal"),
        "test-only": _NO_JOB,
        "time": _KEY.format("time"),
        "time-min": _KEY.format("time"),
        "tres-per-task": _KEY.format("cpus or gpus"),
        "usage": _NO_JOB,
        "version": _NO_JOB,
        "wait": "launch never waits; look with run_suite.py status --watch",
        "wrap": f"{_OWN}; lines of shell before Python are the profile's key setup",
    }
)
"""By option: what to write instead, or why it may not be set."""


def refusal(option: str, value: str) -> str:
    """Why an option cannot be passed on, and what to write instead; empty where it can."""
    name = option.replace("_", "-")
    if name == "export" and not value.startswith("ALL"):
        return (
            "jobs need the variables of their own setup; write ALL,NAME=VALUE, or export NAME=VALUE in setup"
        )
    if name in RESERVED:
        return RESERVED[name]
    # sbatch takes any beginning of an option's name for the whole.
    whole = next((whole for whole in RESERVED if name and whole.startswith(name)), "")
    return f"sbatch takes it for {whole}: {RESERVED[whole]}" if whole else ""


def gpus_asked_for(options: dict[str, str | int | bool]) -> int | None:
    """The GPUs of a node that ``gres`` asks for, as in gpu:a100:2; None where it says nothing of GPUs."""
    return gpus(str(options.get("gres", "")))


def gpus(gres: str) -> int | None:
    """The GPUs in SLURM's list of resources, None where it says nothing of GPUs."""
    parts = [part.split(":") for part in re.sub(r"\([^)]*\)", "", gres).split(",")]
    counts = [part[-1] for part in parts if part[0].strip().removeprefix("gres/") == "gpu"]
    return sum(int(count) if count.isdecimal() else 1 for count in counts) if counts else None
