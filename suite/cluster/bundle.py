"""Runs to jobs, and jobs to arrays. Nothing here changes a result."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import NamedTuple

from suite.cluster.profile import Profile
from suite.cluster.scheduler import Limits
from suite.launch.batches import REPLICAS, Batch, batches, ordered
from suite.launch.memory import fitting
from suite.launch.schedule import Lanes, wall
from suite.spec.runs import Run
from suite.spec.schema import Setting

SHARE = 0.8
"""Of a job's time that may be planned with: estimates are no more than that."""


class Bundle(NamedTuple):
    """Batches that one job trains."""

    batches: tuple[Batch, ...]

    @property
    def runs(self) -> tuple[Run, ...]:
        """In the order of training."""
        return tuple(run for batch in self.batches for run in batch.runs)


def bundles(runs: Iterable[Run], progress: Mapping[str, int], profile: Profile) -> list[Bundle]:
    """Jobs for runs, of which some have reached an iteration already."""
    return bundled(ordered(batches(runs, progress, partial(replicas, profile=profile))), profile)


def bundled(found: Iterable[Batch], profile: Profile) -> list[Bundle]:
    """Jobs of about the profile's target. A batch that is longer has a longer job, with others as long beside
    it on cores that would stand idle.
    """
    target = min(profile.target, SHARE * profile.time) * profile.speed
    made: list[list[Batch]] = []
    busy = Lanes(lanes(profile))
    for batch in found:
        most = target if busy.free else max(target, busy.end)
        if not made or busy.free + batch.seconds > most:
            made.append([])
            busy = Lanes(lanes(profile))
        made[-1].append(batch)
        busy.take(batch)
    return [Bundle(tuple(each)) for each in made]


def duration(found: Iterable[Batch], profile: Profile) -> float:
    """Estimated seconds of a job that trains these batches, side by side where it has the cores."""
    return wall(found, lanes(profile)) / profile.speed


def lanes(profile: Profile) -> int:
    """Batches that a job trains side by side: one a core, but only one on a GPU, or by several processes."""
    return 1 if profile.gpus or profile.processes > 1 else profile.cpus


def replicas(setting: Setting, profile: Profile) -> int:
    """How many runs of a setting are trained in one batch, at the most."""
    if profile.replicas:
        return profile.replicas
    if not profile.gpus:
        return REPLICAS
    return fitting(setting, profile.gpu_memory * profile.processes)


def chunks(count: int, profile: Profile, limits: Limits, queued: int, leaving: int = 0) -> list[range]:
    """Arrays for ``count`` jobs, of which those that the queue has no room for are left out."""
    able = max(min(count, room(profile, limits, queued, leaving)), 0)
    return [range(first, min(first + limits.array, able)) for first in range(0, able, limits.array)]


def room(profile: Profile, limits: Limits, queued: int, leaving: int = 0) -> int:
    """How many jobs may be submitted, beside those in the queue and the one that goes on after them."""
    # The cluster counts jobs that are about to leave, too.
    most = profile.max_jobs + leaving
    return (most if limits.jobs is None else min(most, limits.jobs)) - queued - 1
