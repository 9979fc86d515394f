"""One launch at a time: two at once would both submit what is missing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from suite.cluster.manifest import FOLDER
from suite.errors import UserError
from suite.store.lock import taken

WAIT = 300.0
"""Seconds that a launch waits for another."""


@contextmanager
def alone(results: Path) -> Iterator[None]:
    """Hold the lock of a folder of results; the system frees it when the process ends, however.

    UserError where another launch holds it for too long. A file system without locks has none.
    """
    path = results / FOLDER / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        end = time.monotonic() + WAIT
        while not taken(file):
            if time.monotonic() > end:
                raise UserError(
                    f"another launch is at work on {results.as_posix()}\n    try again when it has ended"
                )
            time.sleep(0.1)
        yield
