"""The records that a job leaves: of runs that it has trained, and of those that failed."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from suite.launch.job import Job
from suite.metrics.reduce import protocol
from suite.spec.runs import Run
from suite.spec.sizes import image_shape, is_image
from suite.store import series as series_file
from suite.store.arrays import arrays_as_bytes
from suite.store.environment import environment
from suite.store.files import write
from suite.store.record import Cost, Measured, Outcome, Record, is_done
from suite.store.sheets import sheet_png
from suite.store.store import RunFolder, Store
from suite.training.findings import SHEET, Findings, instruments
from suite.training.machine import device
from suite.training.team import size


def conclude(job: Job, run: Run, found: Findings, folder: RunFolder, began: str, cost: Cost) -> None:
    """Write a run's series, arrays and, last, its record."""
    write(folder.path / "series.parquet", series_file.encode(found.scalars))
    arrays = found.arrays
    write(folder.path / "arrays.npz", arrays_as_bytes(arrays))
    if len(arrays.get(SHEET, ())) and is_image(run.setting.data):
        write(folder.path / "sheet.png", sheet_png(arrays[SHEET], image_shape(run.setting.data)))
    outcome = Outcome("finished" if found.diverged is None else "diverged", found.diverged)
    folder.finish(
        replace(
            _record(job, run, began, outcome, cost),
            instruments=instruments(run.setting),
            metrics=_measured(job, run, found.metrics(job.metrics)),
            digest=found.digest,
        )
    )


def lost(job: Job, reason: str) -> None:
    """Record a job whose worker died: its runs that have no record have failed."""
    fail(job, job.runs, now(), Outcome("failed", reason=reason))


def fail(job: Job, runs: Iterable[Run], began: str, outcome: Outcome) -> None:
    """Record that runs of a job failed, and why; a run that was trained keeps its record."""
    store = Store(Path(job.store), job.code.fingerprint)
    for run in runs:
        folder = store.folder(run.id)
        before = folder.record()
        if before is None or not is_done(before):
            folder.finish(_record(job, run, began, outcome, Cost(0.0, 0.0, len(job.runs))))


def now() -> str:
    """The time of day, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _record(job: Job, run: Run, began: str, outcome: Outcome, cost: Cost) -> Record:
    """What there is to say of every run, whatever became of it."""
    return Record(
        run=run,
        code=job.code,
        environment=replace(environment(device()), processes=size()),
        started=began,
        ended=now(),
        outcome=outcome,
        cost=cost,
        criteria=job.criteria,
    )


def _measured(job: Job, run: Run, values: Mapping[str, float]) -> dict[str, Measured]:
    probes = run.setting.probes
    return {name: Measured.of(value, protocol(job.metrics[name], probes)) for name, value in values.items()}
