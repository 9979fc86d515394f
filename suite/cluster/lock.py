"""One launch at a time: two at once would both submit what is missing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from suite.cluster.manifest import FOLDER
from suite.errors import UserError
from suite.store.lock import Lock

WAIT = 300.0
"""Seconds that a launch waits for another."""


@contextmanager
def launch_lock(results: Path) -> Iterator[None]:
    """Hold the lock of a folder of results. UserError where another launch holds it for too long."""
    with Lock(results / FOLDER / "lock") as lock:
        lock.wait(WAIT)
        if not lock.is_held:
            raise UserError(
                f"another launch is at work on {results.as_posix()}\n    try again when it has ended"
            )
        yield
