"""``plan``: what a run would do, before anything runs."""

import argparse
import sys
from collections.abc import Mapping, Sequence

from suite.cluster import scheduler
from suite.commands.choose import not_run, store, studies
from suite.commands.selection import Selection
from suite.errors import UserError
from suite.judge.power import Power, RatePower, detectable, power
from suite.launch.batches import Batch, batches
from suite.launch.costs import of_reference
from suite.launch.flops import flops_of_run
from suite.plain import columns, number_of, spelled
from suite.printing import print_json
from suite.spec.claim_checks import unit
from suite.spec.runs import Run
from suite.spec.schema import Claim
from suite.store.nearby import other_than
from suite.store.record import Record, is_done
from suite.study import Study

LONG = 10 * 86400.0
"""Seconds of one core from which on nobody trains an experiment on one."""


def run(options: argparse.Namespace) -> int:
    """Print runs, time and power, as text or JSON."""
    if options.set and not options.cluster:
        raise UserError("--set changes the profile of a cluster, and none is named\n    add --cluster NAME")
    selection = Selection.of(options)
    chosen, records = studies(selection), store(selection).records()
    sys.stderr.write(other_than(selection.results))
    if options.json:
        told: dict[str, object] = {"studies": [described(study, records) for study in chosen]}
        told |= {"measured": gauged(_absent(chosen, records))} if options.measure else {}
        print_json(told | _cluster(options, chosen))
        return 0
    absent = _absent(chosen, records)
    sys.stdout.write("\n".join([*(text(study, runs) for study, runs in absent.items()), total(absent), ""]))
    if options.measure:
        sys.stdout.write(measured(absent))
    if options.cluster:
        from suite.commands import launch

        scheduler.require()
        sys.stdout.write(
            f"\nOn the cluster {options.cluster}:\n" + launch.told(launch.consider(options, chosen))
        )
    sys.stdout.write(not_run(chosen))
    return 0


def _cluster(options: argparse.Namespace, chosen: tuple[Study, ...]) -> dict[str, object]:
    """The jobs that a launch would submit, where a cluster is named."""
    if not options.cluster:
        return {}
    from suite.commands import launch

    scheduler.require()
    return {"cluster": {"name": options.cluster, **launch.described(launch.consider(options, chosen))}}


def _absent(chosen: Sequence[Study], records: Mapping[str, Record]) -> dict[Study, list[Run]]:
    return {study: missing(study, records) for study in chosen}


def missing(study: Study, records: Mapping[str, Record]) -> list[Run]:
    """The runs of the first look that are still to be trained."""
    found = ((run, records.get(run.id)) for run in study.first_runs())
    return [run for run, record in found if record is None or not is_done(record)]


def described(study: Study, records: Mapping[str, Record]) -> dict[str, object]:
    """One study as JSON: its runs, and its claims with their power."""
    runs = missing(study, records)
    absent = {run.id for run in runs}
    return {
        "experiment": study.experiment.id,
        "scale": study.scale,
        "variant": study.variant,
        "not_run": study.not_run_in_short or None,
        "seconds": round(_seconds(batches(runs, {})), 3),
        "flops": operations(batches(runs, {})),
        "runs": [
            {"id": r.id, "arm": r.arm, "levels": r.levels, "seed": r.seed, "missing": r.id in absent}
            for r in study.first_runs()
        ],
        "claims": [
            {
                "id": name,
                "says": claim.says,
                "kind": claim.kind,
                "looks": list(claim.looks),
                "criterion": study.criteria[name],
                "power": _numbers(claim),
                "detectable": detectable(claim),
            }
            for name, claim in study.experiment.claims.items()
        ],
    }


def _numbers(claim: Claim) -> dict[str, float] | None:
    found = power(claim)
    if isinstance(found, Power):
        return {"1": found.d1, "1.5": found.d15, "2": found.d2, "3": found.d3}
    if isinstance(found, RatePower):
        return {"at_best": found.at_best, "at_margin": found.at_margin}
    return None


def text(study: Study, absent: Sequence[Run]) -> str:
    """One study as lines: what there is to train, then each claim's looks and power."""
    begin = f"{study.name} ({study.scale}): {number_of(len(study.first_runs()), 'run')} to begin with"
    unable = "; not run here, see the end" if study.not_run else ""
    head = f"{begin}, {len(absent)} missing{_work(batches(absent, {}))}{unable}"
    claims = study.experiment.claims.items()
    rows = [(f"    {name}", f"{unit(claim)} {_looks(claim)}", _power(claim)) for name, claim in claims]
    return f"{head}\n{columns(rows)}\n"


def _work(found: Sequence[Batch]) -> str:
    return f", {number_of(len(found), 'batch', 'batches')}, {minutes(found)} of one core" if found else ""


def total(absent: Mapping[Study, Sequence[Run]]) -> str:
    """Sums over the studies that can be run and over the others; a run that several ask for counts once."""
    here = able(absent)
    waiting = {run.id: run for study, runs in absent.items() if study.not_run for run in runs}
    rest = [run for name, run in waiting.items() if name not in {run.id for run in here}]
    return (
        f"{_here(here, bool(rest))}{_waiting(rest)}{_for_gpus(absent)}"
        "Power: the chance of 'reproduced' where the effect exceeds the margin by d standard deviations "
        "between seeds."
    )


def _here(runs: Sequence[Run], more: bool) -> str:
    if not runs:
        return "Nothing can be trained here.\n" if more else "Nothing is missing of the first looks.\n"
    noun, verb = number_of(len(runs), "run"), "is" if len(runs) == 1 else "are"
    return (
        f"In all {noun} {verb} to be trained: about {minutes(batches(runs, {}))} of one "
        "core for the first looks. Claims that stay undecided ask for more seeds.\n"
    )


def _waiting(runs: Sequence[Run]) -> str:
    """A line on the runs of studies whose data are missing."""
    if not runs:
        return ""
    noun, verb = number_of(len(runs), "run"), "waits" if len(runs) == 1 else "wait"
    time_ = minutes(batches(runs, {}))
    return f"{noun} ({time_}) {verb} for data or weights that are not here: see the end.\n"


def able(absent: Mapping[Study, Sequence[Run]]) -> list[Run]:
    """Those of the studies that can be run, each once."""
    found = [runs for study, runs in absent.items() if not study.not_run]
    return list({run.id: run for runs in found for run in runs}.values())


def minutes(found: Sequence[Batch]) -> str:
    """Estimated time of batches, for people."""
    return spelled(_seconds(found))


def operations(found: Sequence[Batch]) -> float:
    """Floating-point operations of the batches' runs."""
    return sum(flops_of_run(run.setting) for batch in found for run in batch.runs)


def measured(absent: Mapping[Study, Sequence[Run]]) -> str:
    """The time that the whole takes here, for people."""
    found = gauged(absent)
    if found is None:
        return "No reference comes with this program, so there is nothing to compare this machine with.\n"
    return (
        f"Measured: this machine takes {found['slower']:.2f} times as long as the one of the reference; "
        f"about {spelled(found['seconds'])} of one core in all.\n"
    )


def gauged(absent: Mapping[Study, Sequence[Run]]) -> dict[str, float] | None:
    """The same as numbers, after a short piece of training on this machine; None without a reference."""
    from suite.launch.machine_speed import gauge  # Which loads torch.

    if not of_reference().gauge:
        return None
    slower = gauge() / of_reference().gauge
    return {"slower": slower, "seconds": slower * _seconds(batches(able(absent), {}))}


def _for_gpus(absent: Mapping[Study, Sequence[Run]]) -> str:
    """Why an estimate is in days, where one is."""
    longest = max((batches(runs, {}) for runs in absent.values()), key=_seconds, default=[])
    if _seconds(longest) < LONG:
        return ""
    return (
        f"So many days are no mistake: the longest experiment needs {operations(longest):.1g} floating-point "
        "operations, as in the paper, and is for GPUs. `plan --cluster NAME` tells of a cluster's jobs.\n"
    )


def _seconds(found: Sequence[Batch]) -> float:
    return sum(batch.seconds for batch in found)


def _looks(claim: Claim) -> str:
    return ", then ".join(str(look) for look in claim.looks)


def _power(claim: Claim) -> str:
    found = power(claim)
    if isinstance(found, Power):
        return (
            f"power {found.d1:.2f} at d=1, {found.d15:.2f} at 1.5, {found.d2:.2f} at 2, {found.d3:.2f} at 3"
        )
    if isinstance(found, RatePower):
        return _of_rate(claim, found)
    return "exact: a tolerance on every seed" if claim.kind == "identity" else "exact: swaps of paired draws"


def _of_rate(claim: Claim, found: RatePower) -> str:
    """The power at best, and why it is none where it is."""
    above, last = claim.better == "higher", claim.looks[-1]
    who, side, hits = ("every", "above", last) if above else ("no", "below", 0)
    told = f"power {found.at_best:.2f} where {who} {unit(claim).removesuffix('s')} succeeds"
    if found.at_best:
        return told
    shown = f"{hits} of {last} show only that the rate is {side} {found.best_bound:.2f}"
    return f"{told}: even {shown}, not {side} {claim.margin:g}"
