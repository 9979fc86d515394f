"""What a run's numbers may depend on besides the code."""

import os
import platform
from pathlib import Path

import torch

from suite.packages import version_of
from suite.store.record import Environment

PACKAGES = ("numpy", "pandas", "pot", "scikit-learn", "scipy", "seaborn", "torch", "torchvision")


def environment(device: torch.device) -> Environment:
    """The environment of this process."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    return Environment(
        python=platform.python_version(),
        platform=platform.platform(),
        processor=_processor(),
        cores=os.cpu_count() or 1,
        device=name,
        threads=torch.get_num_threads(),
        deterministic=torch.are_deterministic_algorithms_enabled(),
        packages={package: version_of(package) for package in PACKAGES},
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()
