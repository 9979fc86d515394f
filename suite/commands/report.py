"""``report``: judge and report what is there."""

import argparse
import sys
from functools import partial

from suite.commands.choose import not_run, store, studies, without_packs
from suite.commands.selection import Selection
from suite.judge.assess import assess
from suite.printing import print_json, width
from suite.report.results_json import report_json
from suite.report.scoreboard import scoreboard
from suite.report.write import write_report
from suite.store.seal import problem_lines
from suite.store.series import series_of


def run(options: argparse.Namespace) -> int:
    """Write the report and print the scoreboard, or print the verdicts as JSON."""
    selection = Selection.of(options)
    chosen, place = studies(selection, reading=True), store(selection, reading=True)
    contents = place.contents()
    others = () if selection.what else contents.records
    sys.stderr.write(problem_lines(contents.problems) + without_packs(chosen, others))
    results = [r for study in chosen for r in assess(study, contents.records, partial(series_of, place))]
    if options.json:
        print_json(report_json(results))
        return 0
    sys.stdout.write(scoreboard(results, width(), sys.stdout.encoding) + "\n")
    place.prepare()
    folder, shown = place.report(selection.scale), sys.stderr.isatty()
    page = write_report(chosen, results, place, folder, selection.again, contents.records, shown=shown)
    sys.stdout.write(f"\nreport: {page}\n{selection.of_all}{not_run(chosen)}")
    return 0
