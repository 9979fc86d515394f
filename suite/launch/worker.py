"""A worker process: trains the jobs it is sent, one after the other."""

import atexit
import gc
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection

import msgspec

from suite.launch.orphans import end_with_parent

DONE = b"done"
LEFT = b"left"
"""Says that a job is done, and that the worker ends: another is in order for the next."""
REFUSED = b"refused "
"""Begins what a worker says, and the pool is to tell, where no job can be done."""


def work(pipe: Connection) -> None:
    """Serve jobs until the pipe closes. A message during a job, or the end of the other side,
    means: save and stop; where the other process is gone there is a second for it. After a failure in a
    team the worker ends, and where no job can be done, and says so.
    """
    end_with_parent()
    from suite.launch.heartbeat import Stopped
    from suite.launch.job import Job
    from suite.launch.perform import Refused, perform, require_same_code, require_usable_gpu
    from suite.training.machine import set_up
    from suite.training.team import Lost

    set_up()
    gc.freeze()  # What was imported stays: the collector need not look at it again and again.
    atexit.register(gc.unfreeze)
    while True:
        try:
            job = msgspec.json.decode(pipe.recv_bytes(), type=Job)
            require_same_code(job)
            require_usable_gpu()
            perform(job, partial(_tell, pipe), pipe.poll)
            pipe.send_bytes(DONE)
        except Lost:
            return _say(pipe, LEFT)
        except Refused as error:
            return _say(pipe, REFUSED + str(error).encode())
        except (EOFError, BrokenPipeError, ConnectionResetError, Stopped):
            return None


def _tell(pipe: Connection, share: float, note: str) -> None:
    """Tell how far the job is."""
    _say(pipe, f"{share:f} {note}".encode())


def _say(pipe: Connection, words: bytes) -> None:
    """Where nobody listens any more, ``pipe.poll`` soon says so."""
    with suppress(BrokenPipeError, ConnectionResetError):
        pipe.send_bytes(words)
