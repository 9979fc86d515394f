"""One job: train a cohort from where it stands to its records."""

import hashlib
import os
import platform
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from suite.launch.flops import flops_of_run
from suite.launch.job import Job
from suite.metrics.reduce import metric, protocol
from suite.spec.runs import Run
from suite.store import series as series_file
from suite.store.arrays import arrays_as_bytes, read_arrays
from suite.store.environment import environment
from suite.store.files import write
from suite.store.record import Cost, Measured, Outcome, Record
from suite.store.store import Heartbeat, RunFolder, Store
from suite.training.cohort import Cohort
from suite.training.log import Series, until
from suite.training.loop import train
from suite.training.state import NOT_DIVERGED, State, part, restore, start

HEARTBEAT_SECONDS = 2.0


class Stopped(Exception):
    """The job was asked to stop; what it had is in its checkpoints."""


@dataclass
class Progress:
    """Tells how far a job is, and saves on a schedule; the loop calls it between blocks."""

    job: Job
    cohort: Cohort
    folders: Sequence[RunFolder]
    tell: Callable[[float], None]
    stopping: Callable[[], bool]
    beaten: float = 0.0
    saved: float = field(default_factory=time.monotonic)

    def __call__(self, state: State) -> None:
        """See ``suite.training.loop.Pause``."""
        now, stopping = time.monotonic(), self.stopping()
        if stopping or now - self.saved >= self.job.checkpoint_seconds:
            save(self.folders, state)
            self.saved = time.monotonic()
        if now - self.beaten >= HEARTBEAT_SECONDS:
            beat(self.folders, state.iteration, self.cohort.setting.iterations)
            self.tell(state.iteration / max(self.cohort.setting.iterations, 1))
            self.beaten = now
        if stopping:
            raise Stopped


def perform(job: Job, tell: Callable[[float], None], stopping: Callable[[], bool]) -> None:
    """Train a job's runs and write a record of each. A failure is recorded, not raised."""
    store = Store.at(job.store, job.code.fingerprint)
    folders = [store.folder(run.id) for run in job.runs]
    began, clock = _now(), time.perf_counter()
    try:
        cohort = Cohort.of(job.runs, device())
        state = resume(cohort, folders) or start(cohort)
        train(cohort, state, Progress(job, cohort, folders, tell, stopping))
    except Stopped:
        raise
    except Exception as error:
        fail(job, folders, began, f"{type(error).__name__}: {error}", traceback.format_exc())
        return
    cost = _cost(job.runs, time.perf_counter() - clock)
    for replica, folder in enumerate(folders):
        conclude(job, cohort, state, replica, folder, began, cost)


def device() -> torch.device:
    """The device to train on."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def resume(cohort: Cohort, folders: Sequence[RunFolder]) -> State | None:
    """The state that the newest whole checkpoints hold, None where any run lacks one."""
    for choice in range(2):
        parts = [read_arrays(folder.checkpoints[choice]) for folder in folders]
        whole = [p for p in parts if p is not None and "iteration" in p]
        if len(whole) == len(folders) and len({int(p["iteration"]) for p in whole}) == 1:
            try:
                return restore(cohort, whole)
            except (KeyError, ValueError, RuntimeError):
                continue
    return None


def save(folders: Sequence[RunFolder], state: State) -> None:
    """Checkpoint every run; the checkpoint before is kept until the new one is whole."""
    for replica, folder in enumerate(folders):
        newest, before = folder.checkpoints
        content = arrays_as_bytes(part(state, replica))
        if newest.exists():
            newest.replace(before)
        write(newest, content)


def beat(folders: Sequence[RunFolder], iteration: int, iterations: int) -> None:
    """Write a sign of life for every run."""
    sign = Heartbeat(
        host=platform.node(),
        process=os.getpid(),
        time=time.time(),
        iteration=iteration,
        iterations=iterations,
    )
    for folder in folders:
        write(folder.path / "heartbeat.json", msgspec.json.encode(sign))


def conclude(
    job: Job, cohort: Cohort, state: State, replica: int, folder: RunFolder, began: str, cost: Cost
) -> None:
    """Write a run's series, arrays and, last, its record."""
    run = job.runs[replica]
    step = int(state.diverged[replica])
    diverged = None if step == NOT_DIVERGED else step
    series = {name: until(s, diverged) for name, s in state.log.of_run(replica).items()}
    scalars = {name: s for name, s in series.items() if s.values.ndim == 1}
    write(folder.path / "series.parquet", series_file.encode(scalars))
    write(folder.path / "arrays.npz", arrays_as_bytes(_arrays(series)))
    folder.finish(
        Record(
            run=run,
            code=job.code,
            environment=environment(cohort.device),
            started=began,
            ended=_now(),
            outcome=Outcome("finished" if diverged is None else "diverged", diverged),
            cost=cost,
            metrics=_metrics(job, run, scalars, diverged is not None),
            criteria=job.criteria,
            digest=_digest(state, replica, series),
        )
    )


def lost(job: Job, reason: str) -> None:
    """Record a job whose worker died: its runs that have no record have failed."""
    store = Store.at(job.store, job.code.fingerprint)
    runs = [run for run in job.runs if store.folder(run.id).record() is None]
    job = msgspec.structs.replace(job, runs=tuple(runs))
    fail(job, [store.folder(run.id) for run in runs], _now(), reason, "")


def fail(job: Job, folders: Sequence[RunFolder], began: str, reason: str, trace: str) -> None:
    """Record that every run of a job failed, and why."""
    for run, folder in zip(job.runs, folders, strict=True):
        folder.finish(
            Record(
                run=run,
                code=job.code,
                environment=environment(device()),
                started=began,
                ended=_now(),
                outcome=Outcome("failed", reason=reason, traceback=trace),
                cost=Cost(0.0, 0.0, len(job.runs)),
                criteria=job.criteria,
            )
        )


def _metrics(job: Job, run: Run, scalars: Mapping[str, Series], diverged: bool) -> dict[str, Measured]:
    measured = {}
    for name, spec in job.metrics.items():
        value = float("nan") if diverged else metric(spec, scalars)
        measured[name] = Measured(_in_json(value), protocol(spec, run.setting.probes))
    return measured


def _in_json(value: float) -> float | Literal["inf", "-inf"] | None:
    if np.isnan(value):
        return None
    if np.isfinite(value):
        return value
    return "inf" if value > 0 else "-inf"


def _arrays(series: Mapping[str, Series]) -> dict[str, NDArray[np.generic]]:
    """Arrays in float32: they are drawn, not computed with."""
    kept: dict[str, NDArray[np.generic]] = {}
    for name, each in series.items():
        if each.values.ndim > 1:
            kept[name] = each.values.astype(np.float32)
            kept[f"{name}:iterations"] = each.iterations
    return kept


def _digest(state: State, replica: int, series: Mapping[str, Series]) -> str:
    total = hashlib.sha256()
    for tensor in (state.critic, state.generator):
        total.update(tensor[replica].cpu().numpy().tobytes())
    for name in sorted(series):
        total.update(name.encode() + series[name].iterations.tobytes() + series[name].values.tobytes())
    return total.hexdigest()


def _cost(runs: Sequence[Run], seconds: float) -> Cost:
    return Cost(seconds / len(runs), flops_of_run(runs[0].setting), len(runs))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
