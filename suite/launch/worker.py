"""A worker process: trains the jobs it is sent, one after the other."""

import os
import signal
from multiprocessing.connection import Connection

import msgspec

DONE, STOPPED = b"done", b"stopped"


def work(pipe: Connection) -> None:
    """Serve jobs until the pipe closes. A message during a job, or the end of the other side,
    means: save and stop.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    import torch

    from suite.launch.job import Job
    from suite.launch.perform import Stopped, perform

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    while True:
        try:
            job = msgspec.json.decode(pipe.recv_bytes(), type=Job)
            perform(job, lambda share: pipe.send_bytes(b"%f" % share), pipe.poll)
            pipe.send_bytes(DONE)
        except (EOFError, BrokenPipeError, ConnectionResetError, Stopped):
            return
