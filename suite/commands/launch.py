"""``launch``: submit what is missing to a cluster, and return at once."""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from suite.cluster import manifest, scheduler
from suite.cluster.bundle import duration, room
from suite.cluster.dispatch import dispatches, look
from suite.cluster.lock import alone
from suite.cluster.manifest import Submission
from suite.cluster.plan import Plan, plan
from suite.cluster.profile import Profile
from suite.cluster.profiles import profile
from suite.cluster.scheduler import Limits, Silent
from suite.commands.beside import beside_reference
from suite.commands.choose import not_run, others, store, studies
from suite.commands.selection import Selection, repeated
from suite.errors import UserError
from suite.folders import real
from suite.launch.jobs import job_of, judged, wanted
from suite.plain import columns, spelled
from suite.printing import say
from suite.spec.shares import check_shares
from suite.store.nearby import beginning
from suite.store.progress import saved_iteration
from suite.store.store import Store
from suite.store.version_names import code_of
from suite.study import Study

if TYPE_CHECKING:
    from suite.judge.assess import ClaimResult

SILENT = "the scheduler does not answer: {}\n    try again later; nothing was submitted"
FULL = "the queue is full{}\n    launch again when there is room in it"
NEVER = (
    "the queue never has room for this job, one that trains and the next that goes on\n"
    "    set max_jobs higher; where the cluster allows no more, launch again whenever its jobs have ended"
)


class Case(NamedTuple):
    """What is to be launched, and how things stand."""

    studies: tuple[Study, ...]
    found: "Mapping[Study, Sequence[ClaimResult]]"
    store: Store
    profile: Profile
    limits: Limits
    plan: Plan


def run(options: argparse.Namespace) -> int:
    """Submit jobs for what is missing and in no job, of the experiments whose data are here; status 1 where
    no experiment's are.
    """
    selection = Selection.of(options)
    chosen = studies(selection)
    scheduler.require()
    place = absolute(store(selection))
    new = beginning(place.root)
    place.prepare()
    with alone(place.root):
        case = consider(options, chosen)
        sys.stdout.write(new + told(case))
        if case.plan.arrays:
            sys.stdout.write(submitted(submit(options, case), selection))
    if options.follow and not case.plan.arrays:
        sys.stdout.write(ended(selection, case))
    sys.stderr.write(not_run(case.studies))
    return 0 if with_data(case.studies) else 1


def consider(options: argparse.Namespace, chosen: tuple[Study, ...]) -> Case:
    """Read the store and the queue. UserError where the scheduler does not answer."""
    place = absolute(store(Selection.of(options)))
    settings = profile(options.cluster, options.set)
    for study in with_data(chosen):
        for condition in study.conditions:
            check_shares(condition.setting, settings.processes, f"{study.name}, {condition.arm}")
    now = look(scheduler.own() if options.follow else "")
    if now.silence:
        raise UserError(SILENT.format(now.silence))
    try:
        limits = scheduler.limits()
    except Silent as silent:
        raise UserError(SILENT.format(silent)) from None
    records = place.contents().done
    found = {study: judged(study, records, place) if records else () for study in chosen}
    runs = wanted(found, records)
    jobs = dispatches(place, [run.id for run in runs], now)
    if options.follow:  # What failed or was lost waits for somebody to look at it.
        runs = [run for run in runs if run.id not in jobs or jobs[run.id].is_live]
    folders = {run.id: place.folder(run.id) for run in runs}
    progress = {name: saved_iteration(folder) or 0 for name, folder in folders.items()}
    return Case(chosen, found, place, settings, limits, plan(runs, progress, jobs, settings, limits, now))


def with_data(chosen: Sequence[Study]) -> list[Study]:
    """Those whose data are here; of the others nothing is submitted."""
    return [study for study in chosen if not study.not_run]


def absolute(place: Store) -> Store:
    """For jobs, which start in another folder."""
    return place._replace(root=real(place.root))


def submit(options: argparse.Namespace, case: Case) -> Submission:
    """Freeze the code, submit the arrays and the job that goes on after them."""
    from suite.cluster.freeze import freeze
    from suite.cluster.submit import Place, follow_up, new_id, order
    from suite.cluster.submit import submit as to_sbatch

    results = case.store.root
    here = Place(results, freeze(results, options.experiments.resolve()))
    draft = Submission(
        id=new_id(),
        time=time.time(),
        cluster=options.cluster,
        profile=case.profile,
        scale=options.scale,
        code=code_of(run for bundle in case.plan.bundles for run in bundle.runs),
        copy=str(here.copy),
    )
    bundles = case.plan.bundles[: case.plan.arrays[-1].stop]
    besides, seconds = others(Selection.of(options), case.studies), float(case.profile.checkpoint)
    jobs = {
        number: [job_of(batch, case.studies, besides, case.store, seconds) for batch in bundle.batches]
        for number, bundle in enumerate(bundles)
    }
    submission = to_sbatch(order(bundles, jobs, draft), case.plan.arrays, here)
    if options.no_follow_up:
        return submission
    job = follow_up(submission, further(options, case.store.root, here.copy), here)
    submission = msgspec.structs.replace(submission, follow_up=job)
    manifest.save(results, submission)
    return submission


def further(options: argparse.Namespace, results: Path, copy: Path) -> list[str]:
    """The command that goes on with the next looks, from the copy of the code."""
    words = ["launch", *options.what, *repeated("--tag", options.tag)]
    words += ["--scale", options.scale, "--results", str(results), "--experiments", str(copy / "experiments")]
    cluster = options.cluster
    if cluster.endswith(".yaml"):
        cluster = str(real(Path(cluster)))
    words += ["--cluster", cluster, *repeated("--set", options.set)]
    data = [] if options.data is None else ["--data", str(real(options.data))]
    return [*words, *data, "--follow"]


def ended(selection: Selection, case: Case) -> str:
    """What the job that goes on does where it has submitted nothing: it waits for room, or reports."""
    if case.plan.left_out:
        put_off(case)
        return ""
    # Those jobs have one of their own that goes on.
    return "" if case.plan.in_jobs else reported(selection, case)


def put_off(case: Case) -> None:
    """Put this job back into the queue, where it keeps its place: a new one might not be let in. UserError
    where that cannot be done, or would never help.
    """
    own = scheduler.own()
    if not own:
        raise UserError(FULL.format(""))
    if room(case.profile, case.limits, queued=1, leaving=1) < 1:
        raise UserError(NEVER)
    # Said before, since the scheduler then ends this process at once.
    say(sys.stdout, f"job {own} goes back into the queue, and looks again in some minutes")
    try:
        scheduler.requeue(own)
    except Silent as silent:
        raise UserError(FULL.format(f", and this job cannot wait in it: {silent}")) from None


def reported(selection: Selection, case: Case) -> str:
    """Write the report: what it says beside the reference, and where it is."""
    from suite.report.write import write_report

    results = [each for found in case.found.values() for each in found]
    folder = case.store.report(selection.scale)
    beside = beside_reference(selection, case.studies, case.store.records(), case.store)
    page = write_report(case.studies, results, case.store, folder, selection.again)
    return f"{beside}report: {page}\n"


def told(case: Case) -> str:
    """The plan, for people."""
    found, profile_ = case.plan, case.profile
    if not found.runs:
        waiting = f", {found.in_jobs} runs wait or are at work" if found.in_jobs else ""
        return f"nothing to submit{waiting}\n"
    sizes = ", ".join(str(len(each)) for each in found.arrays) or "none"
    longest = max(duration(bundle.batches, profile_) for bundle in found.bundles)
    rows = [
        ("runs to be trained", str(len(found.runs))),
        ("runs in jobs already", str(found.in_jobs)),
        ("jobs", f"{len(found.bundles)}, the longest about {spelled(longest)} of {spelled(profile_.time)}"),
        ("arrays", f"{sizes} (at most {case.limits.array} jobs each)"),
    ]
    if found.left_out:
        rows.append(("left for later", f"{found.left_out} jobs: the queue is full; launch again"))
    if longest > profile_.time:
        needs = f"{longest // profile_.time:.0f} of {profile_.requeues}"
        rows.append(("requeues", f"the longest job needs {needs}"))
    return columns(rows) + "\n"


def described(case: Case) -> dict[str, object]:
    """The plan, for programs."""
    found = case.plan
    return {
        "runs": len(found.runs),
        "in_jobs": found.in_jobs,
        "jobs": [
            {
                "runs": [run.id for run in bundle.runs],
                "seconds": round(duration(bundle.batches, case.profile), 3),
            }
            for bundle in found.bundles
        ],
        "arrays": [len(each) for each in found.arrays],
        "left_out": found.left_out,
    }


def submitted(submission: Submission, selection: Selection) -> str:
    """What was submitted, and how to follow it."""
    arrays = dict.fromkeys(bundle.job.partition("_")[0] for bundle in submission.bundles)
    lines = [f"submitted {submission.id}: jobs {', '.join(arrays)}"]
    if submission.follow_up:
        lines.append(f"job {submission.follow_up} goes on when they have ended: further looks, or the report")
    return "\n".join([*lines, f"where they stand: {selection.typed('status')}", ""])
