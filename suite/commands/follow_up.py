"""The job that goes on after those that train: further looks, in the end the report."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from suite.cluster import manifest, scheduler
from suite.cluster.bundle import room
from suite.cluster.manifest import Submission
from suite.cluster.scheduler import Job, Silent
from suite.commands.against_reference import beside_reference
from suite.commands.selection import Selection, repeated
from suite.errors import UserError
from suite.folders import real
from suite.printing import say

if TYPE_CHECKING:
    from suite.commands.launch import Case

FULL = "the queue is full{}\n    launch again when there is room in it"
NEVER = (
    "the queue never has room for this job, one that trains and the next that goes on\n"
    "    set max_jobs higher; where the cluster allows no more, launch again whenever its jobs have ended"
)


def further(options: argparse.Namespace, results: Path, copy: Path) -> list[str]:
    """The command that goes on with the next looks, from the copy of the code; still without a profile."""
    words = ["launch", *options.what, *repeated("--tag", options.tag)]
    words += ["--scale", options.scale, "--results", str(results), "--experiments", str(copy / "experiments")]
    data = [] if options.data is None else ["--data", str(real(options.data))]
    return [*words, *data, "--follow"]


def after_others(options: argparse.Namespace, case: "Case") -> str:
    """Where all that is missing is in jobs of earlier launches: leave a job that goes on after these. The one
    that is at work here does so; a launch by hand, where theirs is gone.
    """
    theirs = case.own or left_alone(case.store.root, case.plan.live, case.now.queue)
    if theirs is None:
        return ""
    if case.own is None:
        manifest.forget_cancelled(case.store.root, theirs.id)
    from suite.cluster.freeze import freeze
    from suite.cluster.submit import Place, follow_up

    here = Place(case.store.root, freeze(case.store.root, options.experiments.resolve()))
    command = further(options, here.results, here.copy)
    try:
        made = follow_up(theirs, case.profile, case.plan.live, command, here)
    except UserError:
        if not options.follow:
            raise
        come_back()  # It has a place in the queue already.
        return ""
    return f"job {made.follow_up} goes on when these have ended: further looks, or the report\n"


def left_alone(results: Path, live: tuple[str, ...], queue: Mapping[str, Job]) -> Submission | None:
    """The last submission that has one of some jobs, where none with one has a job in the queue to go on."""
    every = (manifest.with_queued(written, queue) for written in manifest.submissions(results))
    theirs = [each for each in every if any(bundle.job in live for bundle in each.bundles)]
    return theirs[-1] if theirs and not any(each.follow_up in queue for each in theirs) else None


def ended(selection: Selection, case: "Case") -> str:
    """What the job that goes on does where it has submitted nothing: it waits for room, or reports."""
    if case.plan.left_out:
        put_off(case)
        return ""
    return "" if case.plan.in_jobs else reported(selection, case)


def put_off(case: "Case") -> None:
    """Put this job back into the queue, where it keeps its place: a new one might not be let in. UserError
    where that cannot be done, or would never help.
    """
    if scheduler.own() and room(case.profile, case.limits, queued=1, leaving=1) < 1:
        raise UserError(NEVER)
    come_back()


def come_back() -> None:
    """Put this job back into the queue. UserError where that cannot be done."""
    own = scheduler.own()
    if not own:
        raise UserError(FULL.format(""))
    # Said before, since the scheduler then ends this process at once.
    say(sys.stdout, f"job {own} goes back into the queue, and looks again in some minutes")
    try:
        scheduler.requeue(own)
    except Silent as silent:
        raise UserError(FULL.format(f", and this job cannot wait in it: {silent}")) from None


def reported(selection: Selection, case: "Case") -> str:
    """Write the report: what it says beside the reference, and where it is."""
    from suite.report.write import write_report

    results = [each for found in case.found.values() for each in found]
    folder = case.store.report(selection.scale)
    beside = beside_reference(selection, case.studies, case.store.records(), case.store)
    page = write_report(case.studies, results, case.store, folder, selection.again)
    return f"{beside}report: {page}\n"
