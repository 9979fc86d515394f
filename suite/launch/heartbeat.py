"""What a job does besides training: signs of life, checkpoints, and stopping when it is asked to."""

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
import torch

from suite.launch.job import Job
from suite.launch.resume import SECONDS, agree
from suite.plain import number_of
from suite.store.checkpoints import save
from suite.store.files import write
from suite.store.store import Heartbeat, RunFolder
from suite.training.cohort import Cohort
from suite.training.state import State, part

HEARTBEAT_SECONDS = 2.0
LOSSES = ("critic", "generator")
Tell = Callable[[float, str], None]
"""Told the share of a job that is done, and a few words on it."""


class Stopped(Exception):
    """The job was asked to stop; what it had is in its checkpoints."""


@dataclass
class Progress:
    """Tells how far a job is, and saves on a schedule; the loop calls it between blocks."""

    job: Job
    cohort: Cohort
    folders: Sequence[RunFolder]
    tell: Tell
    stopping: Callable[[], bool]
    spent: Sequence[float]
    """Seconds of each run before this job."""
    clock: float
    """When this job began, by the monotonic clock."""
    worked: float
    """The same, as ``work_clock`` had it."""
    first: int = 0
    """The iteration at which it did."""
    beaten: float = 0.0
    saved: float = field(default_factory=time.monotonic)

    def __call__(self, state: State) -> None:
        """See ``suite.training.loop.Pause``."""
        now, team = time.monotonic(), self.cohort.team
        stopping, due = team.any(self.stopping(), now - self.saved >= self.job.checkpoint_seconds)
        if stopping or due:
            agree(self.cohort, state)
            if team.leads:
                self._save(state)
            self.saved = time.monotonic()
        if now - self.beaten >= HEARTBEAT_SECONDS:
            self._beat(state, now)
            self.beaten = now
        if stopping:
            team.wait()  # None leaves before the state is saved.
            raise Stopped

    def _save(self, state: State) -> None:
        for replica, (folder, seconds) in enumerate(zip(self.folders, self.seconds(), strict=True)):
            save(folder, part(state, replica) | {SECONDS: np.array(seconds)})

    def _beat(self, state: State, now: float) -> None:
        if self.cohort.team.leads:
            rate = (state.iteration - self.first) / max(now - self.clock, 1e-9)
            beat(self.folders, state.iteration, self.cohort.setting.iterations, rate)
        self.tell(state.iteration / max(self.cohort.setting.iterations, 1), self._note(state))

    def _note(self, state: State) -> str:
        """What is trained, how far it is, and the first run's newest losses: others may be of other arms."""
        run, log, others = self.job.runs[0], state.log.values, len(self.job.runs) - 1
        newest = {name: log[f"losses.{name}"][-1] for name in LOSSES if f"losses.{name}" in log}
        losses = ", ".join(f"{name} {float(values[0]):.3g}" for name, values in newest.items())
        which = f"{run.arm} (and {number_of(others, 'other')})" if others else run.arm
        where = f"{state.iteration}/{self.cohort.setting.iterations}"
        return f"{run.experiment.rpartition('/')[2]}: {which} {where} {losses}"

    def seconds(self) -> list[float]:
        """Each run's share so far of the time of the batches in which it was trained."""
        share = (work_clock(self.cohort.device) - self.worked) / len(self.spent)
        return [before + share for before in self.spent]


def work_clock(device: torch.device) -> float:
    """Seconds that this process has worked: on a core its own, which others there do not stretch; where it
    waits for a GPU, by the clock.
    """
    return time.process_time() if device.type == "cpu" else time.monotonic()


def beat(folders: Sequence[RunFolder], iteration: int, iterations: int, rate: float) -> None:
    """Write a sign of life for every run."""
    sign = Heartbeat(
        host=platform.node(),
        process=os.getpid(),
        time=time.time(),
        iteration=iteration,
        iterations=iterations,
        rate=rate,
    )
    for folder in folders:
        write(folder.heartbeat_path, msgspec.json.encode(sign))


def rest(folders: Sequence[RunFolder]) -> None:
    """No more signs of life, until the runs go on."""
    for folder in folders:
        folder.heartbeat_path.unlink(missing_ok=True)
