"""What a launch would submit: pure, so that a plan shows it and a launch does it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from suite.cluster.bundle import Bundle, bundles, chunks
from suite.cluster.dispatch import Dispatch, Snapshot
from suite.cluster.profile import Profile
from suite.cluster.scheduler import Limits
from suite.spec.runs import Run


class Plan(NamedTuple):
    """Jobs for the runs that are missing and in no job."""

    runs: tuple[Run, ...]
    in_jobs: int
    """Runs that are missing, but that wait or are at work already."""
    live: tuple[str, ...]
    """The jobs of these."""
    bundles: tuple[Bundle, ...]
    arrays: tuple[range, ...]
    """Numbers of bundles, for as many as the queue has room for."""

    @property
    def left_out(self) -> int:
        """Jobs that the queue has no room for now."""
        return len(self.bundles) - sum(map(len, self.arrays))


def plan(
    runs: Sequence[Run],
    progress: Mapping[str, int],
    jobs: Mapping[str, Dispatch],
    profile: Profile,
    limits: Limits,
    now: Snapshot,
) -> Plan:
    """The jobs for ``runs``, each of which has no record."""
    free = [run for run in runs if run.id not in jobs or not jobs[run.id].is_live]
    found = bundles(free, progress, profile)
    arrays = chunks(len(found), profile, limits, len(now.queue), now.leaving)
    live = sorted({jobs[run.id].job for run in runs if run.id in jobs and jobs[run.id].is_live})
    return Plan(tuple(free), len(runs) - len(free), tuple(live), tuple(found), tuple(arrays))
