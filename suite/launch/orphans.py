"""A worker whose parent is gone ends, whatever it is at: its checkpoints are there for the next one."""

import os
import threading
import time
from multiprocessing import parent_process
from multiprocessing.connection import wait
from typing import Final

GRACE: Final = 1.0
"""Seconds in which it may still save and end by itself."""


def end_with_parent() -> None:
    """From now on. A process that multiprocessing did not start has no such parent, and goes on."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    wait([sentinel])
    time.sleep(GRACE)
    os._exit(1)  # The main thread may be in a step that takes long. Files are written whole or not at all.
