"""``cancel``: take back the jobs of experiments, waiting or at work."""

import argparse
import sys
from collections.abc import Iterable, Sequence

from suite.cluster import manifest, scheduler
from suite.cluster.dispatch import look
from suite.cluster.scheduler import Silent
from suite.commands.choose import store, studies
from suite.errors import UserError
from suite.plain import number_of


def run(options: argparse.Namespace) -> int:
    """Cancel every job in the queue that has a run of the selected studies."""
    wanted = {run.id for study in studies(options) for run in study.all_runs()}
    scheduler.require()
    place = store(options, reading=True)
    now = look()
    if now.silence:
        raise UserError(f"the scheduler does not answer: {now.silence}\n    try again later")
    found: list[str] = []
    for written in manifest.submissions(place.root):
        submission = manifest.with_queued(written, now.queue)
        mine = [bundle.job for bundle in submission.bundles if wanted & set(bundle.runs)]
        # What would go on after them ends as well.
        found += [job for job in [*mine, *([submission.follow_up] if mine else [])] if job in now.queue]
    try:
        scheduler.cancel(named(found, now.queue))
    except Silent as silent:
        raise UserError(f"not all could be cancelled: {silent}\n    try again") from None
    what = number_of(len(found), "job")
    sys.stdout.write(f"cancelled {what}; what was finished stays, and `launch` goes on from the last save\n")
    return 0


def named(jobs: Sequence[str], queue: Iterable[str]) -> list[str]:
    """The shortest way to name jobs: arrays of which all that is in the queue is meant by their number."""
    meant = set(jobs)
    partly = {_array(name) for name in queue if name not in meant}
    return list(dict.fromkeys(job if _array(job) in partly else _array(job) for job in jobs))


def _array(job: str) -> str:
    return job.partition("_")[0]
