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
from msgspec.structs import replace
from numpy.typing import NDArray

from suite.errors import UserError
from suite.launch.flops import flops_of_run
from suite.launch.job import Job
from suite.metrics.classifier import classifier
from suite.metrics.reduce import metric, protocol
from suite.series import Series, until
from suite.spec import schema
from suite.spec.runs import Run
from suite.spec.sizes import image_shape, is_image
from suite.store import series as series_file
from suite.store.arrays import arrays_as_bytes
from suite.store.checkpoints import held, save
from suite.store.environment import environment
from suite.store.files import no_room, write
from suite.store.record import Cost, Environment, Measured, Outcome, Record, is_done
from suite.store.sheets import sheet_png
from suite.store.store import Heartbeat, RunFolder, Store
from suite.training.cohort import Cohort
from suite.training.loop import train
from suite.training.state import NOT_DIVERGED, State, part, restore, start
from suite.training.team import Lost, Team, gathered, leads, size

HEARTBEAT_SECONDS = 2.0
SHEET = "sheet.images"
LOSSES = ("critic", "generator")
Tell = Callable[[float, str], None]
"""Told the share of a job that is done, and a few words on it."""
SECONDS = "seconds"
"""What a checkpoint says of the time besides a run's state."""


class Stopped(Exception):
    """The job was asked to stop; what it had is in its checkpoints."""


class NoRoom(UserError):
    """The results cannot be written: the disk is full, or can only be read."""


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
    """When this job began, and at which iteration."""
    first: int = 0
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
    """Train a job's runs and write a record of each, alone or with the team that the environment tells
    of, whose first process does the writing.

    NoRoom where results cannot be written: that is no failure of a run, which goes on from what was saved
    when there is room again. Any other failure is recorded, not raised. Where it may have left a team in
    disorder, ``Lost`` follows: the process must end, and another take its place for the next job.
    """
    store = Store.at(job.store, job.code.fingerprint)
    folders = [store.folder(run.id) for run in job.runs]
    began = _now()
    try:
        with gathered(_meeting(job)) as team:
            attend(job, team, folders, tell, stopping, began)
    except Stopped:
        _rest(folders)
        raise
    except Exception as error:
        if told := no_room(error):
            _rest(folders)
            raise NoRoom(told) from error
        if leads():
            fail(job, job.runs, began, _failure(error))
        if size() > 1 and not isinstance(error, UserError):
            raise Lost(str(error)) from error


def attend(
    job: Job,
    team: Team,
    folders: Sequence[RunFolder],
    tell: Tell,
    stopping: Callable[[], bool],
    began: str,
) -> None:
    """One process's part in a job."""
    clock = time.monotonic()
    cohort = Cohort.of(job.runs, device(), team)
    state, spent = standing(cohort, folders)
    progress = Progress(job, cohort, folders, tell, stopping, spent, clock, state.iteration)
    train(cohort, state, progress)
    agree(cohort, state)
    if team.leads:
        costs = _costs(job.runs, progress.seconds())
        for replica, run in enumerate(job.runs):
            try:
                conclude(job, cohort, state, replica, folders[replica], began, costs[replica])
            except Exception as error:
                if no_room(error):
                    raise
                fail(job, [run], began, _failure(error))
    team.wait()  # None looks for a record before it is written.


def _rest(folders: Sequence[RunFolder]) -> None:
    """No more signs of life, until the runs go on."""
    if leads():
        for folder in folders:
            folder.heartbeat_path.unlink(missing_ok=True)


def _meeting(job: Job) -> str:
    """What the processes of a team call a job: only those that are sent the same runs meet."""
    return hashlib.sha256("\n".join(run.id for run in job.runs).encode()).hexdigest()[:16]


def device() -> torch.device:
    """The device to train on."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def standing(cohort: Cohort, folders: Sequence[RunFolder]) -> Standing:
    """Where the job's last process left it, or the start; the same for all of a team."""
    cohort.team.wait()
    found = resume(cohort, folders) or Standing(start(cohort), [0.0] * len(cohort.runs))
    agree(cohort, found.state)
    return found


def agree(cohort: Cohort, state: State) -> None:
    """Raises RuntimeError where the states of a team's processes are not the same to the bit."""
    if cohort.team.size > 1 and not cohort.team.same(_state_digest(state)):
        raise RuntimeError(
            f"at iteration {state.iteration} the {cohort.team.size} processes are not in the same state"
        )


def _state_digest(state: State) -> bytes:
    total = hashlib.sha256(f"{state.iteration} {int(state.critic_count)}".encode())
    moments = (*state.critic_optimizer.slots.values(), *state.generator_optimizer.slots.values())
    for tensor in (state.critic, state.generator, state.looked_at, *moments):
        total.update(tensor.cpu().numpy().tobytes())
    return total.digest()


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
            environment=_environment(),
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
                    environment=_environment(),
                    started=began,
                    ended=_now(),
                    outcome=outcome,
                    cost=Cost(0.0, 0.0, len(job.runs)),
                    criteria=job.criteria,
                )
            )


def _environment() -> Environment:
    return replace(environment(device()), processes=size())


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
    probes = setting.probes
    judged = (probes.image_quality, probes.label_following, probes.truncation) != (None, None, None)
    if judged and is_image(setting.data):
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
    average = () if state.average is None else (state.average,)
    for tensor in (state.critic, state.generator, *average):
        total.update(tensor[replica].cpu().numpy().tobytes())
    for name in sorted(series):
        total.update(name.encode() + series[name].iterations.tobytes() + series[name].values.tobytes())
    return total.hexdigest()


def _costs(runs: Sequence[Run], seconds: Sequence[float]) -> list[Cost]:
    flops = flops_of_run(runs[0].setting)
    return [Cost(each, flops, len(runs)) for each in seconds]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
