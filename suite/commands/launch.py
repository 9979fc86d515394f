"""``launch``: submit what is missing to a cluster, and return at once."""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from suite.cluster import manifest, scheduler
from suite.cluster.bundle import duration, room
from suite.cluster.dispatch import Snapshot, dispatches, look, unread
from suite.cluster.folders import require_legible
from suite.cluster.lock import launch_lock
from suite.cluster.manifest import Partly, Submission
from suite.cluster.plan import Plan, plan
from suite.cluster.profile import Profile
from suite.cluster.profiles import profile
from suite.cluster.scheduler import Limits, Silent
from suite.commands.choose import not_run, others, store, studies
from suite.commands.follow_up import after_others, come_back, ended, further
from suite.commands.selection import Selection
from suite.errors import UserError
from suite.folders import real
from suite.launch.jobs import job_of, judged, wanted
from suite.plain import columns, number_of, spelled
from suite.spec.shares import check_shares
from suite.store.nearby import beginning
from suite.store.progress import saved_iteration
from suite.store.store import Store
from suite.store.version_names import code_of
from suite.study import Study

if TYPE_CHECKING:
    from suite.cluster.submit import Order
    from suite.judge.assess import ClaimResult

SILENT = "the scheduler does not answer: {}\n    try again later; nothing was submitted"

AGAIN = (
    "launch again, now or when there is more room in the queue: what was submitted stays, the rest is added"
)


class Case(NamedTuple):
    """What is to be launched, and how things stand."""

    studies: tuple[Study, ...]
    found: "Mapping[Study, Sequence[ClaimResult]]"
    store: Store
    profile: Profile
    limits: Limits
    plan: Plan
    now: Snapshot
    own: Submission | None
    """The one that this process goes on with, where it is the job that does."""
    stopped: int = 0
    """Runs that it leaves for somebody to look at, since they failed or were lost."""


def run(options: argparse.Namespace) -> int:
    """Submit jobs for what is missing and in no job, of the experiments whose data are here; status 1 where
    no experiment's are.
    """
    selection = Selection.of(options)
    chosen = studies(selection)
    scheduler.require()
    place = absolute(store(selection))
    require_legible(place.root)
    new = beginning(place.root)
    place.prepare()
    with launch_lock(place.root):
        case = consider(options, chosen)
        require_readable(case)
        if not options.follow:
            require_room(case)
        sys.stdout.write(new + told(case))
        if case.plan.arrays:
            sys.stdout.write(carried_out(options, case))
        elif case.plan.live and not case.plan.left_out and not options.no_follow_up:
            sys.stdout.write(after_others(options, case))
    if options.follow and not case.plan.arrays:
        sys.stdout.write(ended(selection, case))
    elif is_trained(case):
        sys.stdout.write(f"its report: {selection.typed('report')}\n")
    sys.stderr.write(not_run(case.studies))
    return 0 if with_data(case.studies) else 1


def consider(options: argparse.Namespace, chosen: tuple[Study, ...]) -> Case:
    """Read the store and the queue. UserError where the scheduler does not answer."""
    place = absolute(store(Selection.of(options)))
    settings = profile(options.cluster, options.set)
    for study in with_data(chosen):
        for condition in study.conditions:
            check_shares(condition.setting, settings.processes, f"{study.name}, {condition.arm}")
    own = manifest.followed_by(place.root, scheduler.own()) if options.follow else None
    now, limits = asked(scheduler.own() if options.follow else "")
    records = place.contents().done
    found = {study: judged(study, records, place) if records else () for study in chosen}
    cancelled = manifest.cancelled(place.root, own.id) if own else frozenset()
    runs = wanted({study: of for study, of in found.items() if not is_cancelled(study, cancelled)}, records)
    jobs = dispatches(place, [run.id for run in runs], now)
    stopped = set[str]()
    if options.follow:  # What failed or was lost waits for somebody to look at it.
        stopped = {run.id for run in runs if run.id in jobs and not jobs[run.id].is_live}
        runs = [run for run in runs if run.id not in stopped]
    folders = {run.id: place.folder(run.id) for run in runs}
    progress = {name: saved_iteration(folder) or 0 for name, folder in folders.items()}
    planned = plan(runs, progress, jobs, settings, limits, now)
    return Case(chosen, found, place, settings, limits, planned, now, own, len(stopped))


def asked(own: str) -> tuple[Snapshot, Limits]:
    """The queue, for a job that leaves it afterwards, and its limits. UserError without an answer."""
    now = look(own)
    if now.silence:
        raise UserError(SILENT.format(now.silence))
    try:
        return now, scheduler.limits()
    except Silent as silent:
        raise UserError(SILENT.format(silent)) from None


def is_cancelled(study: Study, runs: frozenset[str]) -> bool:
    """Whether a study was taken back; its runs may be wanted for another one all the same."""
    return runs.issuperset(run.id for run in study.all_runs())


def is_trained(case: Case) -> bool:
    """Whether nothing more is wanted of what can be trained here."""
    return bool(with_data(case.studies)) and not (case.plan.runs or case.plan.in_jobs or case.stopped)


def with_data(chosen: Sequence[Study]) -> list[Study]:
    """Those whose data are here; of the others nothing is submitted."""
    return [study for study in chosen if not study.not_run]


def absolute(place: Store) -> Store:
    """For jobs, which start in another folder."""
    return place._replace(root=real(place.root))


def carried_out(options: argparse.Namespace, case: Case) -> str:
    """Submit, and say what was submitted. UserError where that is not all; a job that goes on tries again."""
    selection = Selection.of(options)
    try:
        return submitted(submit(options, case), selection)
    except Partly as partly:
        sys.stdout.write(submitted(partly.submission, selection))
        if not options.follow:
            raise UserError(f"{partly}\n    {AGAIN}") from None
        sys.stderr.write(f"{partly}\n")
    come_back()
    return ""


def submit(options: argparse.Namespace, case: Case) -> Submission:
    """Freeze the code, submit the arrays and the job that goes on after them. UserError where sbatch refuses
    all, Partly where it refuses some.
    """
    from suite.cluster.freeze import freeze
    from suite.cluster.submit import Place, follow_up
    from suite.cluster.submit import submit as to_sbatch

    results = case.store.root
    here = Place(results, freeze(results, options.experiments.resolve()))
    submission = to_sbatch(ordered(options, case, str(here.copy)), case.plan.arrays, here)
    if options.no_follow_up:
        return submission
    if case.own and (cancelled := manifest.cancelled(results, case.own.id)):
        manifest.add_cancelled(results, submission.id, cancelled)
    before = [*(bundle.job for bundle in submission.bundles), *case.plan.live]
    try:
        return follow_up(submission, case.profile, before, further(options, results, here.copy), here)
    except UserError as refused:
        raise Partly(f"the job that goes on after these was not submitted: {refused}", submission) from None


def ordered(options: argparse.Namespace, case: Case, copy: str) -> "Order":
    """What is to be submitted of a plan, as far as the queue has room."""
    from suite.cluster.submit import new_id, order

    draft = Submission(
        id=new_id(),
        time=time.time(),
        cluster=case.own.cluster if case.own else options.cluster,
        profile=case.profile,
        scale=options.scale,
        code=code_of(run for bundle in case.plan.bundles for run in bundle.runs),
        copy=copy,
    )
    bundles = case.plan.bundles[: case.plan.arrays[-1].stop]
    besides, seconds = others(Selection.of(options), case.studies), float(case.profile.checkpoint)
    jobs = {
        number: [job_of(batch, case.studies, besides, case.store, seconds) for batch in bundle.batches]
        for number, bundle in enumerate(bundles)
    }
    return order(bundles, jobs, draft)


def told(case: Case) -> str:
    """The plan, for people."""
    found, profile_ = case.plan, case.profile
    if not found.runs:
        if is_trained(case):
            return "nothing to submit: all is trained\n"
        runs = number_of(found.in_jobs, "run waits or is at work", "runs wait or are at work")
        waiting = f", {runs}" if found.in_jobs else ""
        return f"nothing to submit{waiting}\n{_stopped(case)}"
    sizes = ", ".join(str(len(each)) for each in found.arrays) or "none"
    longest = max(duration(bundle.batches, profile_) for bundle in found.bundles)
    rows = [
        ("runs to be trained", str(len(found.runs))),
        ("runs in jobs already", str(found.in_jobs)),
        ("jobs", f"{len(found.bundles)}, the longest about {spelled(longest)} of {spelled(profile_.time)}"),
        ("arrays", f"{sizes} (at most {number_of(case.limits.array, 'job')} each)"),
    ]
    if found.left_out:
        rows.append(("left for later", f"{number_of(found.left_out, 'job')}: {_full(case)}; launch again"))
    if longest > profile_.time:
        needs = f"{longest // profile_.time:.0f} of {profile_.requeues}"
        rows.append(("requeues", f"the longest job needs {needs}"))
    return columns(rows) + "\n" + _stopped(case)


def _stopped(case: Case) -> str:
    """On what a job that goes on does not submit again."""
    return f"{number_of(case.stopped, 'run')} failed or were lost: launch again\n" if case.stopped else ""


def _full(case: Case) -> str:
    """That the queue has no room; where it has none at all why."""
    if case.plan.arrays:
        return "the queue is full"
    there, (most, whose) = len(case.now.queue), allowed(case)
    return f"the queue is full, {number_of(there, 'job')} of yours in it and {most} allowed by {whose}"


def allowed(case: Case) -> tuple[int, str]:
    """How many jobs the user may have in the queue, and by what."""
    most, limit = case.profile.max_jobs, case.limits.jobs
    return (most, "max_jobs") if limit is None or most <= limit else (limit, "the cluster")


def require_readable(case: Case) -> None:
    """UserError where nobody knows what jobs in the queue train: it would be submitted twice."""
    told = unread(case.store, case.now)
    if any(manifest.queued(path, case.now.queue) for path in manifest.unreadable(case.store.root)):
        raise UserError(told.rstrip())
    sys.stderr.write(told)


def require_room(case: Case) -> None:
    """UserError where nothing can be submitted, however empty the queue is."""
    if case.plan.arrays or not case.plan.left_out or room(case.profile, case.limits, queued=0) >= 1:
        return
    most, whose = allowed(case)
    cure = "set max_jobs to 2 or more" if whose == "max_jobs" else "train here: run_suite.py run"
    two = "a job that trains and the one that goes on are 2"
    raise UserError(f"the queue never has room: {two}, {whose} allows {most}\n    {cure}")


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
    arrays = dict.fromkeys(bundle.job.partition("_")[0] for bundle in submission.bundles if bundle.job)
    lines = [f"submitted {submission.id}: jobs {', '.join(arrays)}"]
    if submission.follow_up:
        lines.append(f"job {submission.follow_up} goes on when they have ended: further looks, or the report")
    return "\n".join([*lines, f"where they stand: {selection.typed('status')}", ""])
