"""One job: train a cohort from where it stands to its records."""

import hashlib
import os
import platform
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from suite.data.sizes import image_shape, is_image
from suite.launch.flops import flops_of_run
from suite.launch.job import Job
from suite.metrics.classifier import classifier
from suite.metrics.reduce import metric, protocol
from suite.series import Series, until
from suite.spec import schema
from suite.spec.runs import Run
from suite.store import series as series_file
from suite.store.arrays import arrays_as_bytes
from suite.store.checkpoints import held, save
from suite.store.environment import environment
from suite.store.files import write
from suite.store.record import Cost, Measured, Outcome, Record, is_done
from suite.store.sheets import sheet_png
from suite.store.store import Heartbeat, RunFolder, Store
from suite.training.cohort import Cohort
from suite.training.loop import train
from suite.training.state import NOT_DIVERGED, State, part, restore, start

HEARTBEAT_SECONDS = 2.0
SHEET = "sheet.images"
LOSSES = ("critic", "generator")
Tell = Callable[[float, str], None]
"""Told the share of a job that is done, and a few words on it."""
SECONDS = "seconds"
"""What a checkpoint says of the time besides a run's state."""


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
    """When this job began."""
    beaten: float = 0.0
    saved: float = field(default_factory=time.monotonic)

    def __call__(self, state: State) -> None:
        """See ``suite.training.loop.Pause``."""
        now, stopping = time.monotonic(), self.stopping()
        if stopping or now - self.saved >= self.job.checkpoint_seconds:
            for replica, (folder, seconds) in enumerate(zip(self.folders, self.seconds(), strict=True)):
                save(folder, part(state, replica) | {SECONDS: np.array(seconds)})
            self.saved = time.monotonic()
        if now - self.beaten >= HEARTBEAT_SECONDS:
            beat(self.folders, state.iteration, self.cohort.setting.iterations)
            self.tell(state.iteration / max(self.cohort.setting.iterations, 1), self._note(state))
            self.beaten = now
        if stopping:
            raise Stopped

    def _note(self, state: State) -> str:
        """What is trained, how far it is, and its newest losses, means over the runs."""
        run, log = self.job.runs[0], state.log.values
        newest = {name: log[f"losses.{name}"][-1] for name in LOSSES if f"losses.{name}" in log}
        losses = ", ".join(f"{name} {np.mean(values):.3g}" for name, values in newest.items())
        where = f"{state.iteration}/{self.cohort.setting.iterations}"
        return f"{run.experiment.rpartition('/')[2]}: {run.arm} {where} {losses}"

    def seconds(self) -> list[float]:
        """Each run's share so far of the time of the batches in which it was trained."""
        share = (time.monotonic() - self.clock) / len(self.spent)
        return [before + share for before in self.spent]


class Standing(NamedTuple):
    """Where a cohort stands, and the seconds that each run took to get there."""

    state: State
    seconds: list[float]


def perform(job: Job, tell: Tell, stopping: Callable[[], bool]) -> None:
    """Train a job's runs and write a record of each. A failure is recorded, not raised."""
    store = Store.at(job.store, job.code.fingerprint)
    folders = [store.folder(run.id) for run in job.runs]
    began, clock = _now(), time.monotonic()
    try:
        cohort = Cohort.of(job.runs, device())
        state, spent = resume(cohort, folders) or Standing(start(cohort), [0.0] * len(job.runs))
        progress = Progress(job, cohort, folders, tell, stopping, spent, clock)
        train(cohort, state, progress)
    except Stopped:
        for folder in folders:
            folder.heartbeat_path.unlink(missing_ok=True)
        raise
    except Exception as error:
        fail(job, job.runs, began, _failure(error))
        return
    costs = _costs(job.runs, progress.seconds())
    for replica, run in enumerate(job.runs):
        try:
            conclude(job, cohort, state, replica, folders[replica], began, costs[replica])
        except Exception as error:
            fail(job, [run], began, _failure(error))


def device() -> torch.device:
    """The device to train on."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def resume(cohort: Cohort, folders: Sequence[RunFolder]) -> Standing | None:
    """The standing at the last iteration of which every run has a whole checkpoint, or None.

    A crash while a batch is saved leaves its runs one checkpoint apart.
    """
    parts = [held(folder) for folder in folders]
    for iteration in sorted(set.intersection(*map(set, parts)), reverse=True):
        with suppress(KeyError, ValueError, RuntimeError):
            common = [of_run[iteration] for of_run in parts]
            return Standing(restore(cohort, common), [float(p.get(SECONDS, 0.0)) for p in common])
    return None


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
        write(folder.heartbeat_path, msgspec.json.encode(sign))


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
    arrays = _arrays(series)
    write(folder.path / "arrays.npz", arrays_as_bytes(arrays))
    if len(arrays.get(SHEET, ())) and is_image(run.setting.data):
        write(folder.path / "sheet.png", sheet_png(arrays[SHEET], image_shape(run.setting.data)))
    folder.finish(
        Record(
            run=run,
            code=job.code,
            environment=environment(cohort.device),
            started=began,
            ended=_now(),
            outcome=Outcome("finished" if diverged is None else "diverged", diverged),
            cost=cost,
            instruments=instruments(run.setting),
            metrics=_metrics(job, run, scalars, diverged is not None),
            criteria=job.criteria,
            digest=_digest(state, replica, series),
        )
    )


def lost(job: Job, reason: str) -> None:
    """Record a job whose worker died: its runs that have no record have failed."""
    fail(job, job.runs, _now(), Outcome("failed", reason=reason))


def fail(job: Job, runs: Iterable[Run], began: str, outcome: Outcome) -> None:
    """Record that runs of a job failed, and why; a run that was trained keeps its record."""
    store = Store.at(job.store, job.code.fingerprint)
    for run in runs:
        folder = store.folder(run.id)
        before = folder.record()
        if before is None or not is_done(before):
            folder.finish(
                Record(
                    run=run,
                    code=job.code,
                    environment=environment(device()),
                    started=began,
                    ended=_now(),
                    outcome=outcome,
                    cost=Cost(0.0, 0.0, len(job.runs)),
                    criteria=job.criteria,
                )
            )


def _failure(error: Exception) -> Outcome:
    trace = "".join(traceback.format_exception(error))
    return Outcome("failed", reason=f"{type(error).__name__}: {error}", traceback=trace)


def _metrics(job: Job, run: Run, scalars: Mapping[str, Series], diverged: bool) -> dict[str, Measured]:
    measured = {}
    for name, spec in job.metrics.items():
        value = float("nan") if diverged else metric(spec, scalars)
        measured[name] = Measured(_in_json(value), protocol(spec, run.setting.probes))
    return measured


def instruments(setting: schema.Setting) -> dict[str, str]:
    """Hashes of the trained networks that a setting's probes measure with."""
    found = {}
    if setting.probes.image_quality is not None and is_image(setting.data):
        found["classifier"] = classifier(setting.data).digest
    if setting.probes.inception is not None:
        from suite.metrics.inception import weights_digest  # An extra that few machines have.

        found["inception"] = weights_digest()
    return found


def _in_json(value: float) -> float | Literal["inf", "-inf"] | None:
    if np.isnan(value):
        return None
    if np.isfinite(value):
        return value
    return "inf" if value > 0 else "-inf"


def _arrays(series: Mapping[str, Series]) -> dict[str, NDArray[np.generic]]:
    """Arrays in float32, images in grey levels: they are drawn, not computed with."""
    kept: dict[str, NDArray[np.generic]] = {}
    for name, each in series.items():
        if each.values.ndim > 1:
            kept[name] = each.values.astype(np.uint8 if name == SHEET else np.float32)
            kept[f"{name}:iterations"] = each.iterations
    return kept


def _digest(state: State, replica: int, series: Mapping[str, Series]) -> str:
    total = hashlib.sha256()
    for tensor in (state.critic, state.generator):
        total.update(tensor[replica].cpu().numpy().tobytes())
    for name in sorted(series):
        total.update(name.encode() + series[name].iterations.tobytes() + series[name].values.tobytes())
    return total.hexdigest()


def _costs(runs: Sequence[Run], seconds: Sequence[float]) -> list[Cost]:
    flops = flops_of_run(runs[0].setting)
    return [Cost(each, flops, len(runs)) for each in seconds]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
