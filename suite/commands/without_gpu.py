"""Scales that are for GPUs, on a machine without one: what they take there, said before they start."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final

from suite.commands.plan import able, missing
from suite.errors import UserError
from suite.launch.batches import Batch, batches, ordered
from suite.launch.schedule import wall
from suite.plain import spelled
from suite.store.store import Store
from suite.study import Study

FOR_GPUS: Final = ("gpu", "paper")
LONG: Final = 3600.0
"""Seconds that nobody minds."""
VARIABLE: Final = "WGAN_SUITE_WITHOUT_GPU"
"""Passes ``--without-gpu`` on to other revisions, of which some do not know the option."""


def consider(options: argparse.Namespace, chosen: Sequence[Study], place: Store) -> None:
    """Say how long it will take, where that is long and a GPU is missing. UserError where it was not asked
    for all the same.
    """
    if options.scale not in FOR_GPUS:
        return
    records = place.records()
    found = ordered(batches(able({study: missing(study, records) for study in chosen}), {}))
    seconds = wall(found, options.workers)
    if seconds < LONG or has_gpu():
        return
    told = f"no GPU is here: {options.scale} scale takes about {spelled(seconds)} on {_cores(found, options)}"
    if not (options.without_gpu or os.environ.get(VARIABLE)):
        raise UserError(f"{told}\n    {_cures(options.scale)}")
    sys.stderr.write(f"{told}; stop it whenever you like\n")


def has_gpu() -> bool:
    """Whether training here would use one."""
    import torch  # Asked only where hours depend on it.

    return torch.cuda.is_available()


def _cores(found: Sequence[Batch], options: argparse.Namespace) -> str:
    count = min(options.workers, len(found))
    return "one core" if count == 1 else f"{count} cores"


def _cures(scale: str) -> str:
    return (
        "--scale desk takes minutes; run_suite.py plan --scale "
        f"{scale} tells each experiment's time; run_suite.py launch trains on a cluster\n"
        "    --without-gpu trains here all the same"
    )
