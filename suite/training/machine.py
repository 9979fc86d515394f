"""How torch computes in a worker."""

import os

import torch

from suite.training.precision import refuse_tf32


def set_up() -> None:
    """On one thread, deterministically, and with float32 what is float32."""
    # Read where CUDA's products are first used.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(1)
    # What use_deterministic_algorithms does, without the seconds that importing the compiler takes.
    torch.set_deterministic_debug_mode("error")
    # Else every new tensor is filled with NaN before it is written, a tenth of the time.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    refuse_tf32()


def device() -> torch.device:
    """The device to train on."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
