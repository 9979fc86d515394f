"""In which precision matrix products and convolutions are computed while a network trains.

Parameters, moments, losses and normalisations are float32 throughout, and so is all that probes compute.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch

from suite.spec import schema


def refuse_tf32() -> None:
    """Have a GPU compute with float32 what is float32; for convolutions torch has it otherwise."""
    _set("ieee")


@contextmanager
def products_in(precision: schema.Precision, device: torch.device) -> Iterator[None]:
    """Products within are of this precision. tf32 makes no difference on a CPU."""
    low = precision == "bfloat16"
    # Without a cache: what it holds would be of one iteration, and a recorded one is replayed later.
    cast = torch.autocast(device.type, torch.bfloat16, cache_enabled=False) if low else nullcontext()
    if precision == "tf32":
        _set("tf32")
    try:
        with cast:
            yield
    finally:
        if precision == "tf32":
            _set("ieee")


def _set(precision: str) -> None:
    torch.backends.cuda.matmul.fp32_precision = precision
    torch.backends.cudnn.conv.fp32_precision = precision  # type: ignore[attr-defined]
    # The suite has no such networks; a pack may bring one.
    torch.backends.cudnn.rnn.fp32_precision = precision  # type: ignore[attr-defined]
