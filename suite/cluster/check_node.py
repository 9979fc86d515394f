"""What the doctor's test job does on a node: it looks around and answers in JSON."""

import os
import platform
import shutil
import socket
import sys
from pathlib import Path
from typing import Final

import msgspec

import suite
from suite.data.catalogue import root
from suite.packages import version_of
from suite.spec.schema import Frozen
from suite.store.files import write

NONCE: Final = "nonce"
"""The file, in the folder of question and answers, that the doctor wrote before."""
PACKAGES: Final = (
    "msgspec", "numpy", "pandas", "pot", "pyarrow", "pyyaml", "scikit-learn", "scipy", "submitit", "torch",
    "torchvision",
)  # fmt: skip
MIB: Final = 2**20


class Gpu(Frozen):
    """One that torch sees."""

    name: str
    memory: int
    """MiB."""


class Machine(Frozen, kw_only=True):
    """What is compared between the login node and a node."""

    host: str
    python: str
    packages: dict[str, str]
    """Versions, empty where a package is not there."""


class Answer(Frozen, kw_only=True):
    """What one process of the test job found. Memory and disk are in MiB."""

    nonce: str
    """As it was read."""
    machine: Machine
    executable: str
    code: str
    """The folder that the suite was imported from."""
    cpus: int
    """That this process may use."""
    memory: int | None
    """Available on the node; None if unknown."""
    disk: int
    """Free where the results go."""
    data: bool
    """Whether the folder of image data is there."""
    gpus: tuple[Gpu, ...]
    fault: str
    """Why torch cannot be used, empty where it can."""


def look(folder: str) -> None:
    """Answer the doctor who waits at ``folder``; each process of a job writes its own answer."""
    rank = os.environ.get("SLURM_PROCID", "0")
    write(answer_path(Path(folder), int(rank)), msgspec.json.encode(answer(Path(folder))))


def answer_path(folder: Path, rank: int) -> Path:
    """Where a process answers."""
    return folder / f"answer-{rank}.json"


def answer(folder: Path) -> Answer:
    """What there is to see from this process."""
    gpus, fault = _torch()
    return Answer(
        nonce=(folder / NONCE).read_text(),
        machine=machine(),
        executable=sys.executable,
        code=str(Path(suite.__file__).resolve().parents[1]),
        cpus=len(os.sched_getaffinity(0)),
        memory=available(Path("/proc/meminfo")),
        disk=shutil.disk_usage(folder).free // MIB,
        data=root().is_dir(),
        gpus=gpus,
        fault=fault,
    )


def machine() -> Machine:
    """Python and packages of the machine that this runs on."""
    packages = {name: version_of(name) for name in PACKAGES}
    return Machine(host=socket.gethostname(), python=platform.python_version(), packages=packages)


def available(meminfo: Path) -> int | None:
    """MiB of memory that can still be had, as the kernel estimates it; None if unknown."""
    try:
        lines = meminfo.read_text().splitlines()
    except OSError:
        return None
    amounts = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(amounts[0]) // 1024 if amounts else None


def _torch() -> tuple[tuple[Gpu, ...], str]:
    """The GPUs that torch can use, and what keeps it from working."""
    try:
        import torch

        found = [torch.cuda.get_device_properties(number) for number in range(torch.cuda.device_count())]
        for number in range(len(found)):
            # A GPU that is listed may still refuse work: a wrong driver, or another's process.
            torch.ones(1, device=f"cuda:{number}").add_(1).item()
    except (ImportError, OSError, RuntimeError, AssertionError) as error:
        return (), str(error).partition("\n")[0] or type(error).__name__
    return tuple(Gpu(each.name, each.total_memory // MIB) for each in found), ""
