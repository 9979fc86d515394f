"""``status``: where every run stands."""

import argparse
import json
import sys
from collections import Counter
from typing import NamedTuple

from suite.commands.choose import columns, not_run, store, studies
from suite.spec.runs import Run
from suite.store.store import RunFolder, Store
from suite.study import Study

STATES = ("finished", "diverged", "failed", "running", "lost", "missing")


class Standing(NamedTuple):
    """One run's state, and a word on it."""

    run: str
    state: str
    note: str
    not_run: str | None = None
    """Why it cannot be trained here, where its experiment's data are missing."""


def run(options: argparse.Namespace) -> int:
    """Print counts by experiment, and every run that failed, is running or was lost."""
    place = store(options)
    chosen = studies(options)
    table = {study.name: standings(study, place) for study in chosen}
    if options.json:
        json.dump({name: [s._asdict() for s in all_] for name, all_ in table.items()}, sys.stdout, indent=2)
        sys.stdout.write("\n")
        return 0
    sys.stdout.write(text(table) + "\n" + not_run(chosen))
    return 0


def standings(study: Study, place: Store) -> list[Standing]:
    """Where a study's runs stand."""
    found = [standing(run.id, place.folder(run.id)) for run in asked_for(study, place)]
    reason = study.not_run_in_short or None
    return [each._replace(not_run=reason) if each.state == "missing" else each for each in found]


def asked_for(study: Study, place: Store) -> list[Run]:
    """The runs of the first look, and those of later ones that were begun."""
    first = {run.id for run in study.first_runs()}
    return [run for run in study.all_runs() if run.id in first or place.folder(run.id).path.exists()]


def standing(run_id: str, folder: RunFolder) -> Standing:
    """Where a run stands."""
    record = folder.record()
    if record is not None:
        outcome = record.outcome
        trace = f"{outcome.reason} (traceback in {folder.record_path})"
        notes = {"failed": trace, "diverged": f"at iteration {outcome.step}"}
        return Standing(run_id, outcome.state, notes.get(outcome.state, ""))
    beat = folder.heartbeat()
    if beat is None:
        return Standing(run_id, "missing", "")
    where = f"iteration {beat.iteration} of {beat.iterations} on {beat.host}, process {beat.process}"
    return Standing(run_id, "running" if folder.alive() else "lost", where)


def text(table: dict[str, list[Standing]]) -> str:
    """The table of counts, then the runs that need a word."""
    counts = {name: Counter(s.state for s in standings) for name, standings in table.items()}
    rows: list[tuple[str, ...]] = [("experiment", *STATES)]
    rows += [(name, *(str(count[state] or "-") for state in STATES)) for name, count in counts.items()]
    notes = [f"{s.state}  {s.run}: {s.note}" for all_ in table.values() for s in all_ if s.note]
    return "\n".join([columns(rows), *notes])
