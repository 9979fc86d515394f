"""``run``: train what is missing, judge, report."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from suite.commands.against_reference import beside_reference
from suite.commands.choose import not_run, others, store, studies
from suite.commands.selection import Selection
from suite.commands.without_gpu import consider
from suite.launch import gpu
from suite.plain import number_of
from suite.printing import width
from suite.store.nearby import beginning

if TYPE_CHECKING:
    from suite.launch.session import Session


def run(options: argparse.Namespace) -> int:
    """Run the selected studies on this machine; status 1 where a run failed or data are missing."""
    selection = Selection.of(options)
    chosen, place = studies(selection), store(selection)
    options.workers = options.workers or gpu.workers()
    consider(options, chosen, place)
    new = beginning(place.root)
    place.prepare()
    if not options.quiet:
        many = f"{options.workers} workers" if options.workers > 1 else "one worker"
        sys.stderr.write(f"{new}starting with {many}; Ctrl-C stops, the same command goes on\n")
    # After that word: where nothing is compiled or cached they take a while.
    from suite.launch.local import run_here
    from suite.launch.session import Task
    from suite.report.scoreboard import scoreboard

    task = Task(chosen, partial(others, selection, chosen), place, options.workers, options.checkpoint)
    session = run_here(task, shown=not options.quiet)
    sys.stdout.write("\n" + scoreboard(session.results(), width(), sys.stdout.encoding) + "\n")
    sys.stdout.write(beside_reference(selection, chosen, session.records, place))
    if not options.no_report:
        sys.stdout.write(_reported(selection, session, shown=not options.quiet))
    sys.stderr.write(divergences(session.diverged) + failures(session.failed) + not_run(chosen))
    return 1 if session.failed or not_run(chosen) else 0


def _reported(selection: Selection, session: "Session", shown: bool) -> str:
    """Write the report; where it is."""
    from suite.report.write import write_report

    folder = session.store.report(selection.scale)
    page = write_report(
        session.studies, session.results(), session.store, folder, selection.again, shown=shown
    )
    return f"\nreport: {page}\n{selection.of_all}"


def divergences(diverged: Sequence[str]) -> str:
    """How many runs diverged, and which was the first, as a line; empty where none did."""
    if not diverged:
        return ""
    told = f"{number_of(len(diverged), 'run')} diverged, first {diverged[0]}"
    return f"{told}: losses were no finite numbers any more; `status` tells since when\n"


def failures(failed: Mapping[str, Sequence[str]]) -> str:
    """How many runs failed for each reason, and which was the first, as lines; empty where none did."""
    if not failed:
        return ""
    total = number_of(sum(map(len, failed.values())), "run")
    whys = [(why.splitlines()[0] if why else "", runs) for why, runs in failed.items()]
    lines = [f"    {len(runs)}, first {runs[0]}: {why}\n" for why, runs in whys]
    return f"{total} failed; `status` tells which and why\n{''.join(lines)}"
