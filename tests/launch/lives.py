"""Workers that meet with an accident. A spawned process imports this module by its name."""

import os
import signal
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from suite.launch.orphans import end_with_parent
from suite.launch.worker import DONE, work

MARKER = "MARKER"
"""The environment variable that names the file in which lives are counted."""


def lives() -> int:
    """How many workers have begun, this one included."""
    path = Path(os.environ[MARKER])
    with path.open("a") as file:
        file.write(f"{os.getpid()}\n")
    return len(path.read_text().splitlines())


def simple(pipe: Connection) -> None:
    """Answers without importing torch; the job ``die`` kills it, always."""
    lives()
    while True:
        try:
            job = pipe.recv_bytes()
        except EOFError:
            return
        if job == b"die":
            os.kill(os.getpid(), signal.SIGKILL)
        pipe.send_bytes(b"0.5")
        pipe.send_bytes(DONE)


def busy() -> None:
    """Hears nothing of its parent, as in a long step, and is deaf to what ends others."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    end_with_parent()
    lives()
    while True:
        time.sleep(0.01)


def first_dies_after_a_checkpoint(pipe: Connection) -> None:
    """Trains as usual, but the first life ends right after the batch's second checkpoint."""
    if lives() == 1:
        _die_in_save(after=2)
    work(pipe)


def _die_in_save(after: int) -> None:
    from suite.launch import heartbeat

    whole, count = heartbeat.Progress.__call__, 0

    def fatal(self: heartbeat.Progress, state: object) -> None:
        nonlocal count
        whole(self, state)  # type: ignore[arg-type]
        count += 1
        if count == after:
            os.kill(os.getpid(), signal.SIGKILL)

    heartbeat.Progress.__call__ = fatal  # type: ignore[method-assign]


def pids(path: Path) -> Sequence[str]:
    """The processes that have counted themselves."""
    return path.read_text().splitlines()
