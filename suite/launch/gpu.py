"""The GPUs of this machine, as their driver tells of them: nothing heavy is imported for it."""

import os
import shutil
import subprocess
from functools import cache
from typing import Final

from suite.cores import cores

TELLING: Final = ("nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits")
PATIENCE: Final = 30.0
"""Seconds that a driver has to answer; one in trouble never does."""
HIDDEN: Final = ("", "-1", "NoDevFiles")
"""Values of CUDA_VISIBLE_DEVICES that leave a process no GPU; the last is an older SLURM's."""


@cache
def memory() -> float:
    """MiB of the smallest GPU of this machine; 0 where none is to be used."""
    if shutil.which(TELLING[0]) is None or os.environ.get("CUDA_VISIBLE_DEVICES") in HIDDEN:
        return 0.0
    try:
        told = subprocess.run(TELLING, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return 0.0
    sizes = [float(line) for line in told.stdout.splitlines() if line.strip().isdigit()]
    return min(sizes, default=0.0) if told.returncode == 0 else 0.0


def workers() -> int:
    """How many processes train side by side where nobody says: one a core, or a single one on a GPU."""
    return 1 if memory() else cores()
