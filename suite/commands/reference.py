"""``reference``: the results of this version as files small enough to be committed."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec

from suite import places
from suite.commands.choose import not_run, store, studies
from suite.commands.selection import Selection
from suite.errors import UserError
from suite.judge.assess import ClaimResult
from suite.judge.measures import ProtocolOf, measured, protocols
from suite.launch.costs import of_records, write_costs
from suite.launch.jobs import judged, wanted
from suite.launch.machine_speed import gauge
from suite.plain import number_of
from suite.report.results_json import claim_objects
from suite.report.scoreboard import scoreboard
from suite.report.write import write_report
from suite.revisions.git import here
from suite.spec.packs.found import experiment_folders
from suite.spec.uses import packs_used
from suite.store.record import Measured, Record
from suite.store.reference import FILE, USUAL, Lent, Made, Stated, release, write_reference
from suite.store.seal import Problem, problem_lines
from suite.store.series import series_of
from suite.store.store import Store
from suite.study import Study

WIDTH = 110
"""Columns of the scoreboard."""
SHOWN = 5
"""Experiments that are named, at most."""


def run(options: argparse.Namespace) -> int:
    """Write the reference of this release at one scale. UserError where a run of it is missing, where it is
    of packs, or where the release is tagged.
    """
    selection = Selection.of(options)
    chosen = studies(selection)
    _without_packs(chosen)
    _not_released(options.results, release())
    place = store(selection, reading=True)
    made = collected(chosen, place, selection)
    folder = write_reference(options.results, made, force=options.force)
    if selection.scale == USUAL:  # Larger ones are planned by a formula, on whatever machine.
        write_costs(folder, of_records(made.records.values(), gauge()))
    size = (folder / FILE).stat().st_size
    what = f"{len(made.claims)} claims, {len(made.records)} runs, {size / 1000:.0f} kB"
    sys.stdout.write(f"{folder}: {what}\n{not_run(chosen)}{_line(made)}")
    return 0


def _without_packs(chosen: Sequence[Study]) -> None:
    """A reference comes with the suite, and packs do not."""
    brought = [study.name for study in chosen if _is_of_a_pack(study)]
    if brought:
        more = f" and {len(brought) - SHOWN} more" if len(brought) > SHOWN else ""
        raise UserError(
            f"{', '.join(brought[:SHOWN])}{more}: of a pack, which is no part of a release\n"
            "    leave out --pack and WGAN_SUITE_PACKS, or name experiments that need none"
        )


def _is_of_a_pack(study: Study) -> bool:
    is_brought = any(study.path.is_relative_to(folder) for folder in experiment_folders())
    return is_brought or bool(packs_used(study.experiment)) or any(run.packs for run in study.all_runs())


def _not_released(results: Path, name: str) -> None:
    """What was released stays as it was, to be compared with for ever."""
    is_here = results.resolve() == places.KEPT.resolve() and (results / "reference" / name).is_dir()
    if is_here and is_released(name):
        raise UserError(
            f"{results / 'reference' / name}: release {name} is tagged, and its reference stays as it was\n"
            "    raise the version in pyproject.toml: docs/release.md"
        )


def is_released(name: str) -> bool:
    """Whether a tag of this checkout names the release."""
    try:
        here().commit(f"v{name}")
    except UserError:
        return False
    return True


def _line(made: Made) -> str:
    """The line of the changelog that a new reference needs."""
    return f'CHANGELOG.md, under "Results":\n    - `{made.fingerprint}`: what has changed, and why\n'


def collected(chosen: Sequence[Study], place: Store, selection: Selection) -> Made:
    """The claims and the records of studies, as far as these can be run here, and larger scales' figures."""
    contents = place.contents()
    records = contents.done
    found = {study: judged(study, records, place) for study in chosen}
    missing = len(wanted(found, records))
    if missing:
        raise UserError(_missing(missing, place, selection.scale, contents.problems))
    results = [result for all_ in found.values() for result in all_]
    return Made(
        release=release(),
        scale=selection.scale,
        fingerprint=place.fingerprint,
        claims=[stated(each) for each in claim_objects(results)],
        records=_of(chosen, records),
        scoreboard=scoreboard(results, WIDTH),
        lent=lent(chosen, records, place),
        figures={} if selection.scale == USUAL else drawn(chosen, results, place, selection),
    )


def drawn(
    chosen: Sequence[Study], results: Sequence[ClaimResult], place: Store, selection: Selection
) -> dict[str, bytes]:
    """The figures of the report on some studies, which is written for it."""
    page = write_report(chosen, results, place, place.report(selection.scale), selection.again)
    return {path.name: path.read_bytes() for path in sorted((page.parent / "figures").glob("*.png"))}


def lent(chosen: Sequence[Study], records: Mapping[str, Record], place: Store) -> list[Lent]:
    """What studies measure of the runs that they borrow, and the runs' own experiments do not."""
    found: dict[str, dict[str, Measured]] = {}
    for study in chosen:
        way_of = protocols(study.experiment.metrics)
        for run in study.all_runs():
            if run.experiment != study.experiment.id and run.id in records:
                metrics = borrowed(study, records[run.id], way_of, place)
                found.setdefault(run.id, {}).update(metrics)
    return [Lent(run=name, metrics=metrics) for name, metrics in sorted(found.items()) if metrics]


def borrowed(study: Study, record: Record, way_of: ProtocolOf, place: Store) -> dict[str, Measured]:
    """What a study measures of a run, as far as the record does not hold it, by experiment and metric."""
    known = {each.protocol for each in record.metrics.values()}
    series = partial(series_of, place, record.run.id)
    found = {}
    for name, spec in study.experiment.metrics.items():
        way = way_of(name, record.run.setting.probes)
        if way not in known:
            value = measured(record, name, spec, way, series)
            found[f"{study.experiment.id}:{name}"] = Measured.of(value, way)
    return found


def stated(claim: Mapping[str, object]) -> Stated:
    """A claim of ``report --json``, as far as a reference keeps it."""
    return msgspec.convert({name: claim[name] for name in Stated.__struct_fields__}, Stated)


def _missing(count: int, place: Store, scale: str, problems: Sequence[Problem]) -> str:
    what = f"{number_of(count, 'run')} {'is' if count == 1 else 'are'} missing or failed"
    first = f"{place.runs}: {what}\n    run_suite.py run --scale {scale} trains them"
    return "\n    ".join([first, *problem_lines(problems).splitlines()])


def _of(chosen: Sequence[Study], records: Mapping[str, Record]) -> dict[str, Record]:
    """The records of the runs that studies may ask for."""
    asked = {run.id for study in chosen for run in study.all_runs()}
    return {name: record for name, record in records.items() if name in asked}
