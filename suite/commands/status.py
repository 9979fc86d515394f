"""``status``: where every run stands, here or on a cluster."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from suite.cluster.dispatch import Dispatch, dispatches, follow_ups, look, unread
from suite.cluster.manifest import submissions, unreadable
from suite.cluster.states import STATES, Standing, done, standing
from suite.commands.choose import not_run, store, studies
from suite.commands.selection import Selection
from suite.plain import columns, few, number_of
from suite.printing import clear, has_left, print_json
from suite.spec.runs import Run
from suite.store.progress import saved_iteration
from suite.store.seal import problem_lines
from suite.store.store import RunFolder, Store
from suite.study import Study

EVERY = 5.0
"""Seconds between two looks of ``--watch``."""
SHOWN = 200
"""Runs that are told of one by one."""
MORE = "... and {} more: --json tells of all"
UNTRAINED = frozenset({"waiting", "failed", "lost", "missing"})
"""States of runs that may have been begun, and that nobody trains now."""
TOGETHER = frozenset({"waiting", "failed", "lost"})
"""States that runs come to with their job."""
Table = Mapping[str, Sequence[Standing]]


class Situation(NamedTuple):
    """How things are at one moment."""

    table: Table
    follow_ups: Sequence[Dispatch]
    """The jobs that go on with these runs, or the last that did."""

    @property
    def is_over(self) -> bool:
        """Whether nothing will change by itself."""
        live = any(each.is_live for all_ in self.table.values() for each in all_)
        return not live and not any(each.is_live for each in self.follow_ups)


def run(options: argparse.Namespace) -> int:
    """Print counts by experiment, and a word on every run that needs one."""
    selection = Selection.of(options)
    chosen, place = studies(selection, reading=True), store(selection, reading=True)
    if not options.watch:
        _show(options, chosen, situation(chosen, place))
        return 0
    while True:
        now = situation(chosen, place)
        clear()
        _show(options, chosen, now)
        sys.stdout.flush()
        if has_left(sys.stdout) or now.is_over:
            return 0
        time.sleep(EVERY)


def _show(options: argparse.Namespace, chosen: Sequence[Study], now: Situation) -> None:
    if options.json:
        print_json({name: [s._asdict() for s in all_] for name, all_ in now.table.items()})
    else:
        lines = [text(now.table), *map(_going_on, now.follow_ups)]
        sys.stdout.write("\n".join(lines) + "\n" + not_run(chosen))


def _going_on(job: Dispatch) -> str:
    """A line on a job that goes on after others."""
    return f"follow-up  {f'job {job.job} {job.note}' if job.is_live else job.note}"


def situation(chosen: Sequence[Study], place: Store) -> Situation:
    """Where the runs of studies stand, by the study's name, and who goes on with them."""
    contents, begun = place.contents(), place.begun()
    sys.stderr.write(problem_lines(contents.problems))
    ended = {name: done(name, record) for name, record in contents.done.items()}
    every = {run.id for study in chosen for run in study.all_runs()}
    # Where nothing was ever submitted, no scheduler is asked.
    now = look() if any(submissions(place.root)) or unreadable(place.root) else None
    sys.stderr.write(unread(place, now) if now else "")
    jobs = dispatches(place, every - ended.keys(), now) if now else {}
    shown = begun | {run for run, job in jobs.items() if job.is_live}

    def stands(run: Run) -> Standing:
        if run.id in ended:
            return ended[run.id]
        folder = place.folder(run.id)
        found = standing(folder, contents.records.get(run.id), jobs.get(run.id))
        return _with_saved(found, run, folder) if run.id in begun else found

    table = {
        study.name: [_of_study(study, stands(run)) for run in asked_for(study, shown)] for study in chosen
    }
    return Situation(table, follow_ups(place, every, now) if now else ())


def _of_study(study: Study, each: Standing) -> Standing:
    return each._replace(not_run=study.not_run_in_short or None) if each.state == "missing" else each


def _with_saved(each: Standing, run: Run, folder: RunFolder) -> Standing:
    """With the share that is saved of a run that nobody trains."""
    saved = saved_iteration(folder) if each.state in UNTRAINED else None
    return each if saved is None else each._replace(share=saved / max(run.setting.iterations, 1))


def asked_for(study: Study, shown: Collection[str]) -> list[Run]:
    """The runs of the first look, and those of later ones that were begun or are in a job."""
    first = {run.id for run in study.first_runs()}
    return [run for run in study.all_runs() if run.id in first or run.id in shown]


def text(table: Table) -> str:
    """The table of counts, then the runs that need a word."""
    rows: list[tuple[str, ...]] = [("experiment", *STATES, "time left")]
    for name, all_ in table.items():
        count = Counter(each.state for each in all_)
        rows.append((name, *(str(count[state] or "-") for state in STATES), _left(all_)))
    every = {each.run: each for all_ in table.values() for each in all_}.values()  # Experiments share runs.
    return "\n".join([columns(rows), *_saved(every), *few(_notes(every), SHOWN, MORE)])


def _notes(every: Iterable[Standing]) -> list[str]:
    """A word on every run that needs one; those that share a job share it, what waits comes first."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for each in every:
        if each.note:
            own = "" if each.state in TOGETHER else each.run
            alike.setdefault((each.state, each.note, own), []).append(each.run)
    rows = sorted(alike.items(), key=lambda row: -len(row[1]) if row[0][0] == "waiting" else 0)
    return [f"{state}  {_which(state, runs)}: {note}" for (state, note, _), runs in rows]


def _which(state: str, runs: Sequence[str]) -> str:
    return runs[0] if len(runs) == 1 and state != "waiting" else number_of(len(runs), "run")


def _saved(every: Iterable[Standing]) -> list[str]:
    """A line on the runs that were begun, saved and left."""
    shares = [each.share for each in every if each.state in UNTRAINED and each.share is not None]
    if not shares:
        return []
    done = f"{100 * sum(shares) / len(shares):.0f} % done{' on average' * (len(shares) > 1)}"
    return [f"saved  {number_of(len(shares), 'run')}, {done}: the next `run` or job goes on from there"]


def _left(all_: Sequence[Standing]) -> str:
    """Of the slowest run under way."""
    seconds = max((each.seconds_left for each in all_ if each.seconds_left is not None), default=None)
    return "-" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
