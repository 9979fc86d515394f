"""Runs to jobs, and jobs to arrays. Nothing here changes a result."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from suite.cluster.profile import Profile
from suite.cluster.scheduler import Limits
from suite.launch.batches import REPLICAS, Batch, batches, ordered
from suite.launch.memory import megabytes
from suite.spec.runs import Run
from suite.spec.schema import Setting

SHARE = 0.8
"""Of a job's time and of a GPU's memory that may be planned with: estimates are no more than that."""


class Bundle(NamedTuple):
    """Batches that one job trains."""

    batches: tuple[Batch, ...]

    @property
    def runs(self) -> tuple[Run, ...]:
        """In the order of training."""
        return tuple(run for batch in self.batches for run in batch.runs)


def bundles(runs: Iterable[Run], progress: Mapping[str, int], profile: Profile) -> list[Bundle]:
    """Jobs of about the profile's target; a batch that is longer has a job to itself."""
    found = ordered(batches(runs, progress, partial(replicas, profile=profile)))
    made: list[list[Batch]] = []
    left = 0.0
    for batch in found:
        needs = duration([batch], profile)
        if not made or needs > left:
            made.append([])
            left = min(profile.target, SHARE * profile.time)
        made[-1].append(batch)
        left -= needs
    return [Bundle(tuple(each)) for each in made]


def duration(found: Sequence[Batch], profile: Profile) -> float:
    """Estimated seconds of a job that trains these batches, side by side where it has the cores."""
    return sum(batch.seconds for batch in found) / profile.speed / lanes(profile)


def lanes(profile: Profile) -> int:
    """Batches that a job trains side by side: one a core, but only one on a GPU, or by several processes."""
    return 1 if profile.gpus or profile.processes > 1 else profile.cpus


def replicas(setting: Setting, profile: Profile) -> int:
    """How many runs of a setting are trained in one batch, at the most."""
    if profile.replicas:
        return profile.replicas
    if not profile.gpus:
        return REPLICAS
    room = SHARE * profile.gpu_memory * profile.processes
    return max(int(room / megabytes(setting)), 1)


def chunks(count: int, profile: Profile, limits: Limits, queued: int) -> list[range]:
    """Arrays for ``count`` jobs, of which those that the queue has no room for are left out."""
    most = profile.max_jobs if limits.jobs is None else min(profile.max_jobs, limits.jobs)
    # One place is kept for the job that goes on after them.
    able = max(min(count, most - queued - 1), 0)
    return [range(first, min(first + limits.array, able)) for first in range(0, able, limits.array)]
