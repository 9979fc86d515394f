"""A bounded pool of worker processes on this machine.

A worker that dies loses its own job only: the job is tried once more, from its
checkpoints, and then recorded as failed.
"""

import multiprocessing as mp
import os
import signal
import sys
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Protocol

from suite.errors import UserError
from suite.launch.worker import DONE, LEFT, REFUSED, work

TRIES = 2
SAVING = "saving what is under way"
DEAF_TO = {signal.SIGINT, signal.SIGTERM, signal.SIGUSR2}
"""Signals that go to a whole group of processes and that only the parent of the workers answers: it
decides, and tells them. They inherit the mask under which they are started.
"""
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
}
"""Of workers: one thread, and memory kept for the next step instead of given back, page by page,
to the system, which takes a tenth to a third of an image network's time."""


class Watcher(Protocol):
    """What the pool tells while it works."""

    def advanced(self, job: bytes, share: float, note: str) -> None:
        """A job is at ``share`` of its way; ``note`` says where and with which losses."""

    def ended(self, job: bytes) -> Iterable[bytes]:
        """A job's records are written; returns the jobs that follow from them."""

    def lost(self, job: bytes, reason: str) -> Iterable[bytes]:
        """A job's worker died too often; returns the jobs that follow all the same."""


@dataclass
class _Seat:
    """A worker process and what it does."""

    process: mp.process.BaseProcess
    pipe: Connection
    job: bytes | None = None


class Pool:
    """Runs encoded jobs on ``size`` workers; interrupted, it says that it is ``leaving``, and what becomes
    of them.
    """

    def __init__(self, size: int, watcher: Watcher, tries: int = TRIES, leaving: str = SAVING) -> None:
        self.size, self.watcher, self.most, self.leaving = size, watcher, tries, leaving
        self.waiting: deque[bytes] = deque()
        self.tries: dict[bytes, int] = {}
        self.seats: list[_Seat] = []

    def run(self, jobs: Iterable[bytes]) -> None:
        """Work until nothing is left; on an interruption let every job save, then re-raise. UserError where
        a worker cannot write results.
        """
        self.waiting.extend(jobs)
        try:
            while self.waiting or any(seat.job for seat in self.seats):
                self._assign()
                self._listen()
        except KeyboardInterrupt:
            sys.stderr.write(f"\n{self.leaving}; Ctrl-C again stops at once\n")
            raise
        finally:
            self.close()

    def _assign(self) -> None:
        while self.waiting and (seat := self._free_seat()):
            seat.job = self.waiting.popleft()
            self.tries[seat.job] = self.tries.get(seat.job, 0) + 1
            _send(seat, seat.job)

    def _free_seat(self) -> _Seat | None:
        free = next((seat for seat in self.seats if seat.job is None), None)
        if free is None and len(self.seats) < self.size:
            free = _seat()
            self.seats.append(free)
        return free

    def _listen(self) -> None:
        for ready in wait([seat.pipe for seat in self.seats]):
            seat = next(s for s in self.seats if s.pipe is ready)
            try:
                self._hear(seat, seat.pipe.recv_bytes())
            except (EOFError, ConnectionResetError):
                self._bury(seat)

    def _hear(self, seat: _Seat, message: bytes) -> None:
        if seat.job is None:
            return
        if message.startswith(REFUSED):
            raise UserError(message.removeprefix(REFUSED).decode())
        if message not in (DONE, LEFT):
            share, _, note = message.decode().partition(" ")
            self.watcher.advanced(seat.job, float(share), note)
            return
        ended, seat.job = seat.job, None
        if message == LEFT:
            self._bury(seat)
        self.waiting.extend(self.watcher.ended(ended))

    def _bury(self, seat: _Seat) -> None:
        seat.process.join()
        self.seats.remove(seat)
        if seat.job is None:
            return
        if self.tries[seat.job] < self.most:
            self.waiting.appendleft(seat.job)
        else:
            reason = f"its worker ended with exit code {seat.process.exitcode}"
            self.waiting.extend(self.watcher.lost(seat.job, reason))

    def close(self) -> None:
        """Closing a pipe tells its worker to save what it is at and to leave; waits until all have. An
        interruption meanwhile ends them as they are: what they were writing is whole or absent.
        """
        for seat in self.seats:
            seat.pipe.close()
        try:
            for seat in self.seats:
                seat.process.join()
        except KeyboardInterrupt:
            for seat in self.seats:
                seat.process.kill()
            raise


def _seat() -> _Seat:
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    context = mp.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs,), daemon=True)
    resource_tracker.ensure_running()  # It would unblock some of them.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, DEAF_TO)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    theirs.close()
    return _Seat(process, ours)


def _send(seat: _Seat, job: bytes) -> None:
    try:
        seat.pipe.send_bytes(job)
    except (BrokenPipeError, ConnectionResetError):
        return  # The end of the pipe is heard of in the next round.
