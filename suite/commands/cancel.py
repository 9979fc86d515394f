"""``cancel``: take back the jobs of experiments, waiting or at work."""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from suite.cluster import manifest, scheduler
from suite.cluster.cancellation import Taken, beside, study_of, taken
from suite.cluster.dispatch import Snapshot, look, unread
from suite.cluster.lock import launch_lock
from suite.cluster.manifest import Submission
from suite.cluster.scheduler import Silent
from suite.commands.choose import store, studies
from suite.commands.selection import Selection
from suite.errors import UserError
from suite.plain import columns, number_of
from suite.spec.layout import SECTIONS
from suite.spec.runs import Run
from suite.spec.schema import Setting
from suite.store.store import Store

FIRST_KEYS = "|".join((*SECTIONS, *Setting.__struct_fields__))
OVERRIDE = re.compile(rf" (?=(?:{FIRST_KEYS})[.=])")
"""Between two: names of arms, and values, may have blanks."""


def run(options: argparse.Namespace) -> int:
    """Cancel every job in the queue that has still to train a run of the selected studies, and say whose
    runs are in it as well.
    """
    selection = Selection.of(options)
    asked = frozenset(run.id for study in studies(selection) for run in study.all_runs())
    scheduler.require()
    place = store(selection, reading=True)
    with launch_lock(place.root):  # A launch at work would submit after the look.
        count = take_back(place, asked, selection)
    what = number_of(count, "job")
    sys.stdout.write(f"cancelled {what}; what was finished stays, and `launch` goes on from the last save\n")
    return 0


def take_back(place: Store, asked: frozenset[str], selection: Selection) -> int:
    """Cancel the jobs of runs, and tell of the others in them; how many there were."""
    now = look()
    if now.silence:
        raise UserError(f"the scheduler does not answer: {now.silence}\n    try again later")
    sys.stderr.write(unread(place, now))
    found = considered(place, asked, now)
    jobs = [job for each in found for job in each.jobs]
    # Now, since after a failure halfway nobody could tell any more who was in the jobs that are gone.
    sys.stdout.write("".join(told(each, place, asked, selection) for each in found))
    leave_alone(place, asked, now.queue.keys() - set(jobs))
    try:
        scheduler.cancel(named(jobs, now.queue))
    except Silent as silent:
        raise UserError(f"not all could be cancelled: {silent}\n    try again") from None
    return len(jobs)


def leave_alone(place: Store, asked: frozenset[str], staying: Collection[str]) -> None:
    """Have the jobs that go on and stay, of whatever launch, ask for no further looks at runs."""
    for each in manifest.submissions(place.root):
        if each.follow_up in staying and place.counts(each.code.fingerprint):
            manifest.add_cancelled(place.root, each.id, asked)


def considered(place: Store, asked: frozenset[str], now: Snapshot) -> list[Taken]:
    """What there is to take back, of the submissions that have a run which is asked for."""
    done = place.contents().done.keys()
    every = (manifest.with_queued(written, now.queue) for written in manifest.submissions(place.root))
    return [
        # Jobs of other code have other records.
        taken(each, asked, done if place.counts(each.code.fingerprint) else (), now.queue)
        for each in every
        if any(asked.intersection(bundle.runs) for bundle in each.bundles)
    ]


def told(each: Taken, place: Store, asked: frozenset[str], selection: Selection) -> str:
    """Whose runs stop as well, with the cure, and what stays; empty where these experiments were alone."""
    lines = []
    if each.left and (runs := beside(each, manifest.runs(place.root, each.submission), asked)):
        lines += stopped(runs, each.submission, selection)
    if each.follow_up and not each.is_whole:
        lines.append(f"job {each.follow_up} stays, for other experiments: further looks, and the report")
    return "".join(f"{line}\n" for line in lines)


def stopped(runs: Sequence[Run], submission: Submission, selection: Selection) -> list[str]:
    """Lines on other studies' runs in the same jobs."""
    counts = Counter(study_of(run) for run in runs)
    rows = [
        (f"    {' '.join(study).rstrip()}", number_of(count, "run"))
        for study, count in sorted(counts.items())
    ]
    return [
        "in the same jobs are runs of other experiments, which stop with them:",
        columns(rows),
        "to start these again, with the same --set as before:",
        *(f"    {command}" for command in again(counts, submission, selection)),
    ]


def again(studies_: Iterable[tuple[str, str]], submission: Submission, selection: Selection) -> list[str]:
    """The commands that launch studies as they were: one a variant, since overrides are for all named."""
    by_variant: dict[str, list[str]] = {}
    for experiment, variant in sorted(studies_):
        by_variant.setdefault(variant, []).append(experiment)
    return [
        launch_of([*names, *filter(None, OVERRIDE.split(variant))], submission, selection)
        for variant, names in by_variant.items()
    ]


def launch_of(words: list[str], submission: Submission, selection: Selection) -> str:
    """The command that submits these again."""
    repeated = selection.alone(*words)._replace(scale=submission.scale)
    return repeated.typed("launch", last=["--cluster", submission.cluster])


def named(jobs: Sequence[str], queue: Iterable[str]) -> list[str]:
    """The shortest way to name jobs: arrays of which all that is in the queue is meant by their number."""
    meant = set(jobs)
    partly = {_array(name) for name in queue if name not in meant}
    return list(dict.fromkeys(job if _array(job) in partly else _array(job) for job in jobs))


def _array(job: str) -> str:
    return job.partition("_")[0]
