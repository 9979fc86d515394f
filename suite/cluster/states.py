"""Where a run stands: what the store says of it, and what is known of its job."""

from typing import NamedTuple

from suite.cluster.dispatch import Dispatch
from suite.plain import finite
from suite.store.record import Record
from suite.store.store import Heartbeat, RunFolder, is_alive

STATES = ("waiting", "running", "finished", "diverged", "failed", "lost", "missing")


class Standing(NamedTuple):
    """One run's state, and a word on it."""

    run: str
    state: str
    note: str = ""
    not_run: str | None = None
    """Why it cannot be trained here, where its experiment's data are missing."""
    job: str | None = None
    """SLURM's name of its newest job."""
    host: str | None = None
    share: float | None = None
    """Of its iterations that are done, or saved where nobody trains it."""
    seconds_left: float | None = None

    @property
    def is_live(self) -> bool:
        """Whether something will still become of it by itself."""
        return self.state in ("waiting", "running")


def done(run: str, record: Record) -> Standing:
    """Of a run that need not be trained again."""
    step = record.outcome.step
    return Standing(run, record.outcome.state, "" if step is None else f"at iteration {step}")


def standing(folder: RunFolder, record: Record | None, job: Dispatch | None) -> Standing:
    """Where a run stands that is not done."""
    run = folder.path.name
    beat = folder.heartbeat()
    name = None if job is None else job.job
    waits = job is not None and job.state == "waiting"
    if beat is not None and not waits and (is_alive(beat) or (job is not None and job.is_live)):
        return _running(run, beat, name)
    if job is not None and job.is_live:
        return Standing(run, "waiting", job.note, job=name)
    if record is not None:
        note = f"{record.outcome.reason} (traceback in {folder.record_path})"
        return Standing(run, "failed", note, job=name)
    return _stopped(run, beat, job)


def _running(run: str, beat: Heartbeat, job: str | None) -> Standing:
    left = finite((beat.iterations - beat.iteration) / beat.rate) if beat.rate > 0 else None
    share = beat.iteration / max(beat.iterations, 1)
    silent = "" if is_alive(beat) else "; no sign of life for a while"
    note = f"iteration {beat.iteration} of {beat.iterations} on {beat.host}, process {beat.process}{silent}"
    return Standing(run, "running", note, job=job, host=beat.host, share=share, seconds_left=left)


def _stopped(run: str, beat: Heartbeat | None, job: Dispatch | None) -> Standing:
    """Of a run without a record that nobody trains."""
    if job is not None and job.state in ("failed", "lost"):
        return Standing(run, job.state, job.note, job=job.job)
    if beat is not None:
        where = f"iteration {beat.iteration} of {beat.iterations} on {beat.host}, process {beat.process}"
        return Standing(run, "lost", where, job=None if job is None else job.job)
    if job is not None:
        return Standing(run, "waiting", job.note, job=job.job)
    return Standing(run, "missing")
