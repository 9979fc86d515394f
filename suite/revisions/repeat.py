"""Chosen runs trained in every way, and how far apart they end."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from suite.errors import UserError
from suite.launch.estimate import seconds
from suite.revisions.differences import difference
from suite.revisions.noise import Difference, Noise, Repeated
from suite.revisions.variations import FIRST, WAYS, Trained, Way, is_promised, train
from suite.spec.runs import Run
from suite.store.version import fingerprint
from suite.study import Study

FAILED = Difference(identical=False)
"""Of a run that did not end in one of the two ways."""
Train = Callable[[Way, Sequence[Run], Sequence[Study]], Mapping[str, Trained]]
Tell = Callable[[Way], None]


def chosen(studies: Sequence[Study], most: int) -> list[Run]:
    """One run of each condition, ``most`` at the most: of every experiment the cheapest, then of every
    one the next, and so on.
    """
    rows = []
    for study in studies:
        runs = [next(study.runs(condition, 1)) for condition in study.conditions if not study.not_run]
        priced = sorted((seconds([run]), run.id, run) for run in runs)
        rows += [(rank, price, id_, run) for rank, (price, id_, run) in enumerate(priced)]
    ordered = sorted(rows, key=lambda row: row[:3])
    return list({id_: run for _, _, id_, run in ordered}.values())[:most]


def repeated(runs: Sequence[Run], studies: Sequence[Study], tell: Tell, train: Train = train) -> Noise:
    """Train the runs in every way. UserError where none of them leaves a record the first time."""
    tell(FIRST)
    first = train(FIRST, runs, studies)
    if not first:
        raise UserError("no run left a record\n    run_suite.py run tells why")
    others = {}
    for way in WAYS:
        tell(way)
        others[way] = train(way, runs, studies)
    return Noise(
        fingerprint=fingerprint(),
        environment=next(iter(first.values())).record.environment,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        runs=[_repeated(run, first, others) for run in runs],
    )


def _repeated(
    run: Run, first: Mapping[str, Trained], others: Mapping[Way, Mapping[str, Trained]]
) -> Repeated:
    found = {way: _difference(first.get(run.id), trained.get(run.id)) for way, trained in others.items()}
    return Repeated(
        run=run.id,
        experiment=run.experiment,
        ways={way.name: each for way, each in found.items()},
        broken=[way.name for way, each in found.items() if _is_broken(run, way, each, first)],
    )


def _difference(one: Trained | None, other: Trained | None) -> Difference:
    if one is None or other is None or "failed" in (one.record.outcome.state, other.record.outcome.state):
        return FAILED
    return difference(one.record, other.record, one.series, other.series)


def _is_broken(run: Run, way: Way, found: Difference, first: Mapping[str, Trained]) -> bool:
    """A run that fails breaks a promise, on any device."""
    if found is FAILED:
        return True
    return not found.identical and is_promised(run, way, first[run.id].record.environment.device)
